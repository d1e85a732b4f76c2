/* Saves what is typed, one save at a time, and never over what somebody else saved. A small machine of states:

   saved -> changed -> saving -> saved, and on the way
   retrying     the network or the server failed: tried again, later and later
   conflict     somebody else saved meanwhile: the learner decides
   signed-out   nobody is signed in any more        other-person  somebody else is
   refused      the server will not take this; the sentence says why

   Whatever the state, a draft in this browser has what the server has not, unless this browser keeps nothing. Fetch, clock and drafts are
   passed in; a fetch that gets no answer is taken to fail some time. */
import { _ } from "../words.js";

const SOON = 1500;
const LATEST = 10_000;
const FIRST_RETRY = 2000;
const LAST_RETRY = 60_000;
const DRAFT = 300;
const MOST_KEEPALIVE = 60_000; // in bytes: a browser lets all requests that outlive their page have 64 KiB together
const STOPPED = new Set(["conflict", "signed-out", "other-person", "refused"]);
const PASSING = new Set([408, 425, 429]);

export class Saver {
  /** `read()` gives `{ notebook, files: [{ name, sha256, bytes }] }`; `encode(bytes)` is base64. `onState(state, facts)` is told every change,
      `onSaved(answer)` what the server answered to a save. */
  constructor({ config, read, encode, fetch, drafts, clock, onState, onSaved = () => {} }) {
    Object.assign(this, { config, read, encode, fetch, drafts, clock, onState, onSaved });
    this.revision = config.revision;
    this.savedAt = config.savedAt;
    this.token = config.csrf;
    this.state = "saved";
    this.version = 0;
    this.typed = 0;
    this.savedVersion = 0;
    this.atServer = new Set(config.files.map((file) => file.sha256));
    this.notThere = new Set();
    this.isDrafted = true;
    this.failures = 0;
    this.running = null;
    this.acting = null;
    this.unanswered = null;
  }

  get isUnsaved() {
    return this.version !== this.savedVersion;
  }

  /** Something was typed or moved; or only put out by code, and then it is not `isTyped`. */
  changed({ isTyped = true } = {}) {
    this.version += 1;
    if (isTyped) this.typed += 1;
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
    this.running ??= (this.acting ? this.acting.then(() => this.#saveAll()) : this.#saveAll()).finally(() => { this.running = null; });
    return this.running;
  }

  /** Saves, then has the server do something to exactly that version: no save comes between, nor before `after(told)` is through with what it
      did. Resolves to `{ ok, told, isCurrent }`, the last whether nothing was typed since; null when it was not saved or was saved elsewhere
      meanwhile, which `onState` tells. Rejects when the answer did not come. */
  async act(address, { keep = false, after = () => {} } = {}) {
    do {
      while (this.acting) await this.acting;
      if (!(await this.save({ keep }))) return null;
    } while (this.acting); // another one waited for the same save
    const { typed } = this;
    let done;
    this.acting = new Promise((resolve) => { done = resolve; });
    try {
      const answer = await this.#actOnce(address);
      if (answer?.ok) await after(answer.told);
      return answer && { ...answer, isCurrent: this.typed === typed };
    } finally {
      this.acting = null;
      done();
    }
  }

  /** The page is hidden and may never be seen again. */
  hide() {
    if (!this.isUnsaved) return;
    if (!this.running && !STOPPED.has(this.state)) this.save();
    this.#keepDraft({ atOnce: true }); // with what was just sent
  }

  /** Goes on after the reason to stop is gone: signed in again, or decided to keep this version over `revision`. */
  async goOn({ revision = this.revision, keep = false } = {}) {
    this.revision = revision;
    this.#become("changed");
    return this.save({ keep });
  }

  /** What is here was made from `revision`, whatever is at the server by now. */
  async resume(revision) {
    this.revision = revision;
    this.changed();
    return this.save();
  }

  /** In a conflict: has the server keep all that is here beside the other version, and what is typed meanwhile; not all that code puts out
      meanwhile, which may never end. Resolves to whether it does. */
  async keepBeside() {
    let canRenew = true;
    while (this.isUnsaved && this.typed !== this.keptTyped) {
      const sent = this.#compose(false);
      const { answer, told } = await this.#put(sent).catch(() => ({}));
      const kind = told?.error?.kind;
      if (answer?.ok || (answer?.status === 412 && told?.kept)) this.keptTyped = sent.typed;
      else if (kind === "stale-token" && canRenew && (await this.renew().catch(() => false))) canRenew = false;
      else if (kind !== "missing-files" || !this.#misses(told.missing)) return false;
    }
    return true;
  }

  /** Another notebook took the place of what was here; the server has it as `revision`. */
  took({ revision, savedAt, files = [] }) {
    this.clock.clear(this.timer);
    this.revision = revision;
    this.savedAt = savedAt;
    this.savedVersion = this.version;
    this.keptTyped = null;
    this.unanswered = null;
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

  #send(address, { method = "POST", body, keepalive = false } = {}) {
    const headers = { Accept: "application/json", "X-CSRFToken": this.token, "X-Slipway-Person": String(this.config.person), "If-Match": `"${this.revision}"` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    return this.fetch(address, { method, headers, body, keepalive, redirect: "error" });
  }

  async #actOnce(address, { again = true } = {}) {
    const answer = await this.#send(address);
    const told = await answer.json();
    if (told.error?.kind === "stale-token" && again && (await this.renew())) return this.#actOnce(address, { again: false });
    if (answer.status === 412 || answer.status === 401 || told.error?.kind === "other-person") {
      this.#stopFor(answer, told);
      return null;
    }
    return { ok: answer.ok, told };
  }

  async #saveAll() {
    if (this.state === "conflict") return false;
    while (this.isUnsaved || this.keep) {
      const keep = this.keep === true;
      this.keep = false;
      this.#become("saving");
      if ((await this.#saveOnce(keep)) !== "saved") {
        this.keep ||= keep;
        return false;
      }
    }
    this.drafts.remove();
    this.#become("saved");
    return true;
  }

  async #saveOnce(keep, { again = true } = {}) {
    // The answer that was lost may have been to a save that was done. Asked again in the same words, the server says so; newer words would be
    // a conflict with oneself.
    const sent = this.unanswered ?? this.#compose(keep);
    this.unanswered = sent;
    let answer;
    let told;
    try {
      ({ answer, told } = await this.#put(sent));
    } catch {
      return this.#retry();
    }
    if (answer.status >= 500 || PASSING.has(answer.status) || (answer.ok && !told?.revision)) return this.#retry();
    this.failures = 0;
    const kind = told?.error?.kind;
    // Who was not let in knows no more than before of what became of it.
    if (answer.status !== 401 && kind !== "other-person" && kind !== "stale-token") this.unanswered = null;
    if (answer.ok) {
      this.#saved(sent, told);
      this.keep ||= keep && !sent.keep;
      return "saved";
    }
    if (kind === "missing-files" && this.#misses(told.missing)) return this.#saveOnce(keep, { again });
    if (kind === "stale-token" && again && (await this.renew().catch(() => false))) return this.#saveOnce(keep, { again: false });
    if (answer.status === 412 && told?.kept) this.keptTyped = sent.typed;
    return this.#stopFor(answer, told);
  }

  #compose(keep) {
    const { version, typed } = this;
    const { notebook, files: all } = this.read();
    const files = all.filter(({ sha256, bytes }) => bytes || this.atServer.has(sha256) || !this.notThere.has(sha256));
    const listed = files.map(({ name, sha256, bytes }) => (this.atServer.has(sha256) || !bytes ? { name, sha256 } : { name, sha256, data: this.encode(bytes) }));
    return { version, typed, keep, notebook, files, body: new TextEncoder().encode(JSON.stringify({ notebook, files: listed, keep })) };
  }

  /* These files are sent along from now on, or left out where this page never had them: another tab took them away. Whether that makes a
     difference. */
  #misses(digests) {
    const isNews = digests.some((sha256) => this.atServer.has(sha256) || !this.notThere.has(sha256));
    for (const sha256 of digests) {
      this.atServer.delete(sha256);
      this.notThere.add(sha256);
    }
    return isNews;
  }

  /* What is no JSON comes from something between us and the site: a proxy, or the page of a network that wants a password. */
  async #put({ body }) {
    const keepalive = this.failures === 0 && body.byteLength <= MOST_KEEPALIVE;
    const answer = await this.#send(this.config.urls.save, { method: "PUT", body, keepalive });
    return { answer, told: await answer.json().catch(() => null) };
  }

  #saved(sent, told) {
    this.revision = told.revision;
    this.savedAt = told.savedAt;
    this.savedVersion = sent.version;
    this.keptTyped = null;
    this.since = null;
    for (const file of sent.files) this.atServer.add(file.sha256);
    this.onSaved(told);
  }

  #stopFor(answer, told) {
    const { kind, message } = told?.error ?? {};
    if (answer.status === 401 || kind === "stale-token") return this.#stop("signed-out", { message });
    if (kind === "other-person") return this.#stop("other-person", { message });
    if (answer.status === 412 && told) return this.#stop("conflict", { message, revision: told.revision, savedAt: told.savedAt });
    return this.#stop("refused", { message: message ?? _("something between your browser and the site answered with error {status}. Tell the centre.", { status: answer.status }) });
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
    this.clock.clear(this.timer);
    this.#keepDraft({ atOnce: true });
    this.#become(state, facts);
    return state;
  }

  #later(wait) {
    this.clock.clear(this.timer);
    this.timer = this.clock.set(() => this.save(), wait);
  }

  /* With what was sent and never answered: if the server has that, it is this tab's own. */
  #keepDraft({ atOnce = false } = {}) {
    const write = () => {
      this.draftTimer = null;
      if (this.isUnsaved) this.#draft({ base: this.revision, at: this.clock.now(), notebook: this.read().notebook, sent: this.unanswered?.notebook ?? null });
    };
    if (atOnce) {
      this.clock.clear(this.draftTimer);
      write();
    } else this.draftTimer ??= this.clock.set(write, DRAFT);
  }

  /* Whoever is told that this browser keeps something relies on it. */
  async #draft(draft) {
    const isDrafted = await this.drafts.put(draft);
    if (isDrafted === this.isDrafted) return;
    this.isDrafted = isDrafted;
    this.onState(this.state, this.facts);
  }

  #become(state, facts = {}) {
    this.state = state;
    this.facts = facts;
    this.onState(state, facts);
  }
}
