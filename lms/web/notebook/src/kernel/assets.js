/* What is fetched for Python: files of the runtime, the lab's files and modules, and what the learner's code wrote before. A worker that asks
   for anything else gets a refusal, since whoever wrote the notebook may ask in its name. The runtime's address names its bytes, and they come
   from where this script came from: to check their sums again would take half a second of each start. */

/* What is compiled, and what is put in its memory: the rest is for when it runs. */
const FIRST = ["pyodide.asm.wasm", "memory.bin", "kernel.zip"];

/** It is on no list. Whatever else an asset is not got for is a matter of the network or of the server. */
export class NoSuchFile extends Error {}

export class Assets {
  /** `config` has the lists of the page's. `onBytes(done, of)` is told how much of the runtime has come, in bytes. */
  constructor({ config, fetch, onBytes }) {
    Object.assign(this, { config, fetch, onBytes });
    this.early = new Map();
    this.come = new Set();
  }

  /** Bytes of what the worker asks for in every start: what has come of it, and all of it. */
  get done() {
    return this.#sum((name) => this.come.has(name));
  }

  get of() {
    return this.#sum(() => true);
  }

  /** Begins to fetch what the worker asks for in every start, so that it is there then: one after the other, since what comes first is worked on
      while the next comes. Scripts it loads by itself. */
  prefetch() {
    let before = Promise.resolve();
    for (const name of this.#needed()) {
      const coming = before.then(() => this.#runtime(name));
      before = coming.catch(() => {});
      this.early.set(name, coming);
    }
  }

  /** Resolves to an ArrayBuffer that the caller may give away. Rejects with NoSuchFile for what is on no list, and with another error for
      what did not come. */
  async get(kind, name) {
    if (kind === "runtime") {
      const early = this.early.get(name);
      this.early.delete(name);
      return early ?? this.#runtime(name);
    }
    const address = this.#address(kind, name);
    if (!address) throw noSuchFile(name);
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

  #needed() {
    const names = Object.keys(this.config.runtime.files).filter((name) => !/\.(whl|mjs)$/.test(name));
    return [...FIRST.filter((name) => names.includes(name)), ...names.filter((name) => !FIRST.includes(name))];
  }

  #sum(isCounted) {
    return this.#needed().filter(isCounted).reduce((sum, name) => sum + this.config.runtime.files[name].size, 0);
  }

  async #runtime(name) {
    const { url, files } = this.config.runtime;
    if (!Object.hasOwn(files, name)) throw noSuchFile(name);
    const bytes = await (await this.#answer(url + name)).arrayBuffer();
    this.come.add(name);
    this.onBytes(this.done, this.of);
    return bytes;
  }

  async #answer(address) {
    const answer = await this.fetch(address);
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    return answer;
  }
}

const noSuchFile = (name) => new NoSuchFile(`There is no such file: ${String(name).slice(0, 100)}`);
