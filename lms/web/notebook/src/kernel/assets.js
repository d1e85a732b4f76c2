/* What the page fetches for Python: files of the runtime, each checked against its sum, the lab's files and modules, and what the learner's
   code wrote before. A worker that asks for anything else gets a refusal, since whoever wrote the notebook may ask in its name. */

export class Assets {
  /** `onBytes(done, of)` is told how much of the runtime has come, in bytes. */
  constructor({ config, fetch, onBytes }) {
    this.config = config;
    this.fetch = fetch;
    this.onBytes = onBytes;
    this.early = new Map();
    this.done = 0;
  }

  /** Begins to fetch what every start needs, so that it is there when the worker asks. */
  prefetch() {
    for (const name of Object.keys(this.config.runtime.files)) {
      if (!/\.whl$/.test(name) && !this.early.has(name)) {
        const coming = this.#runtime(name);
        coming.catch(() => this.early.delete(name));
        this.early.set(name, coming);
      }
    }
  }

  /** Resolves to an ArrayBuffer that the caller may give away. Rejects for what is on no list, did not come, or has another sum. */
  async get(kind, name) {
    if (kind === "runtime") {
      const early = this.early.get(name);
      this.early.delete(name);
      return early ?? this.#runtime(name);
    }
    const address = this.#address(kind, name);
    if (!address) throw new Error(`There is no such file: ${String(name).slice(0, 100)}`);
    return (await this.#answer(address)).arrayBuffer();
  }

  #address(kind, name) {
    const { handedOut, modules, files, urls } = this.config;
    if (kind === "given") return handedOut.find((each) => each.name === name)?.url;
    if (kind === "module") return modules.find((each) => each.name === name)?.url;
    if (kind === "saved" && urls.files) {
      const saved = files.find((each) => each.name === name);
      return saved && urls.files + saved.sha256;
    }
    return undefined;
  }

  async #runtime(name) {
    const { url, files } = this.config.runtime;
    const expected = Object.hasOwn(files, name) ? files[name] : null;
    if (!expected) throw new Error(`There is no such file: ${String(name).slice(0, 100)}`);
    const integrity = `sha256-${btoa(expected.sha256.match(/../g).map((pair) => String.fromCharCode(parseInt(pair, 16))).join(""))}`;
    const answer = await this.#answer(url + name, { integrity });
    const bytes = await answer.arrayBuffer();
    this.done += expected.size;
    this.onBytes(this.done, Object.values(files).reduce((sum, each) => sum + each.size, 0));
    return bytes;
  }

  async #answer(address, options = {}) {
    const answer = await this.fetch(address, options);
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    return answer;
  }
}
