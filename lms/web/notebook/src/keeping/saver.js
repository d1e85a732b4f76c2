/* Saves what is typed, one save at a time, and never over what somebody else saved. A small machine of states:

   saved -> changed -> saving -> saved, and on the way
   retrying     the network or the server failed: tried again, later and later
   conflict     somebody else saved meanwhile: the learner decides
   signed-out   nobody is signed in any more        other-person  somebody else is
   refused      the server will not take this; the sentence says why

   Whatever the state, a draft in this browser has what the server has not. Fetch, clock and drafts are passed in. */

const SOON = 1500;
const LATEST = 10_000;
const FIRST_RETRY = 2000;
const LAST_RETRY = 60_000;
const DRAFT = 300;
const MOST_KEEPALIVE = 60_000;
const STOPPED = new Set(["conflict", "signed-out", "other-person", "refused"]);

export class Saver {
  /** `read()` gives `{ notebook, files: [{ name, sha256, bytes }] }`; `encode(bytes)` is base64. `onState(state, facts)` is told every change. */
  constructor({ config, read, encode, fetch, drafts, clock, onState }) {
    Object.assign(this, { config, read, encode, fetch, drafts, clock, onState });
    this.revision = config.revision;
    this.savedAt = config.savedAt;
    this.token = config.csrf;
    this.state = "saved";
    this.version = 0;
    this.savedVersion = 0;
    this.atServer = new Set(config.files.map((file) => file.sha256));
    this.failures = 0;
    this.running = null;
  }

  get isUnsaved() {
    return this.version !== this.savedVersion;
  }

  /** Something was typed, moved, put out. */
  changed() {
    this.version += 1;
    this.#keepDraft();
    if (STOPPED.has(this.state)) {
      if (this.state === "refused") this.#become("changed");
      else return;
    }
    if (this.state === "saved") this.#become("changed");
    this.since ??= this.clock.now();
    if (this.state !== "retrying") this.#later(Math.min(SOON, Math.max(0, this.since + LATEST - this.clock.now())));
  }

  /** Saves now, if there is anything to save. With `keep` this version stays in the history. Resolves to whether the server has it all. */
  async save({ keep = false } = {}) {
    this.clock.clear(this.timer);
    this.keep ||= keep;
    this.running ??= this.#saveAll().finally(() => { this.running = null; });
    return this.running;
  }

  /** The page is hidden and may never be seen again. */
  hide() {
    if (!this.isUnsaved || this.running || STOPPED.has(this.state)) return;
    this.#keepDraft({ atOnce: true });
    this.save();
  }

  /** Goes on after the reason to stop is gone: signed in again, or decided to keep this version over `revision`. */
  async goOn({ revision = this.revision, keep = false } = {}) {
    this.revision = revision;
    this.#become("changed");
    return this.save({ keep });
  }

  /** Another notebook took the place of what was here; the server has it as `revision`. */
  took({ revision, savedAt, files = [] }) {
    this.clock.clear(this.timer);
    this.revision = revision;
    this.savedAt = savedAt;
    this.savedVersion = this.version;
    for (const file of files) this.atServer.add(file.sha256);
    this.since = null;
    this.drafts.remove();
    this.#become("saved");
  }

  /** Asks who is signed in, and for a token that is good. Resolves to whether it is the one whose page this is. */
  async renew() {
    const answer = await this.fetch(this.config.urls.token, { headers: { Accept: "application/json" } });
    if (!answer.ok) return false;
    const { csrf, person } = await answer.json();
    this.token = csrf;
    return person === this.config.person;
  }

  /** A request that changes something, as the server wants it. */
  send(address, { method = "POST", base = this.revision, body, keepalive = false } = {}) {
    const headers = { Accept: "application/json", "X-CSRFToken": this.token, "X-Slipway-Person": String(this.config.person), "If-Match": `"${base}"` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    return this.fetch(address, { method, headers, body, keepalive, redirect: "error" });
  }

  async #saveAll() {
    while (this.isUnsaved || this.keep) {
      const { version } = this;
      const keep = this.keep === true;
      this.#become("saving");
      const outcome = await this.#saveOnce(keep);
      if (outcome !== "saved") return false;
      this.savedVersion = version;
      this.keep = false;
      this.since = null;
      this.failures = 0;
    }
    this.drafts.remove();
    this.#become("saved");
    return true;
  }

  async #saveOnce(keep, { again = true } = {}) {
    const { notebook, files } = this.read();
    const listed = files.map(({ name, sha256, bytes }) => (this.atServer.has(sha256) || !bytes ? { name, sha256 } : { name, sha256, data: this.encode(bytes) }));
    const body = JSON.stringify({ notebook, files: listed, keep });
    let answer;
    let told;
    try {
      answer = await this.send(this.config.urls.save, { method: "PUT", body, keepalive: body.length < MOST_KEEPALIVE });
      told = await answer.json();
    } catch {
      return this.#retry();
    }
    if (answer.ok) {
      this.revision = told.revision;
      this.savedAt = told.savedAt;
      for (const file of files) this.atServer.add(file.sha256);
      return "saved";
    }
    const { kind, message } = told.error ?? {};
    if (kind === "missing-files" && again) {
      for (const sha256 of told.missing) this.atServer.delete(sha256);
      return this.#saveOnce(keep, { again: false });
    }
    if (kind === "stale-token" && again) {
      if (await this.renew().catch(() => false)) return this.#saveOnce(keep, { again: false });
      return this.#stop("signed-out", { message });
    }
    if (answer.status === 401) return this.#stop("signed-out", { message });
    if (kind === "other-person") return this.#stop("other-person", { message });
    if (answer.status === 412) return this.#stop("conflict", { message, revision: told.revision, savedAt: told.savedAt, kept: told.kept });
    if (answer.status >= 500 || answer.status === 429) return this.#retry();
    return this.#stop("refused", { message });
  }

  #retry() {
    const wait = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** this.failures) * (0.8 + 0.4 * this.clock.random());
    this.failures += 1;
    this.#keepDraft({ atOnce: true });
    this.#become("retrying", { seconds: Math.round(wait / 1000) });
    this.#later(wait);
    return "retrying";
  }

  #stop(state, facts) {
    this.#keepDraft({ atOnce: true });
    this.#become(state, facts);
    return state;
  }

  #later(wait) {
    this.clock.clear(this.timer);
    this.timer = this.clock.set(() => this.save(), wait);
  }

  #keepDraft({ atOnce = false } = {}) {
    const write = () => {
      this.draftTimer = null;
      if (this.isUnsaved) this.drafts.put({ base: this.revision, at: this.clock.now(), notebook: this.read().notebook });
    };
    if (atOnce) {
      this.clock.clear(this.draftTimer);
      write();
    } else this.draftTimer ??= this.clock.set(write, DRAFT);
  }

  #become(state, facts = {}) {
    this.state = state;
    this.onState(state, facts);
  }
}
