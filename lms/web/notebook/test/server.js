/* A server for the saver, with the rules of the real one: one head, nothing written over, what is the head already is answered with the head. */

export class Server {
  constructor({ person = 7 } = {}) {
    Object.assign(this, { person, head: 1, saved: null, beside: [], requests: [], answers: [], files: new Set(), signedIn: person, token: "good" });
    this.fetch = this.fetch.bind(this);
  }

  /** The next request is answered so: `{ status, json }`, `{ status, text }`, `"lost"` before or `"done, then lost"` after it was done, or a promise to wait for. */
  next(...answers) {
    this.answers.push(...answers);
  }

  async fetch(address, { method = "GET", headers, body, keepalive } = {}) {
    const sent = body === undefined ? null : JSON.parse(new TextDecoder().decode(body));
    this.requests.push({ address, method, headers, sent, keepalive });
    const planned = this.answers.shift();
    if (planned?.then) await planned;
    if (planned === "lost") throw new TypeError("network");
    if (planned?.status) return answer(planned.status, planned.json ?? null, planned.text);
    const done = this.#answer(address, method, headers, sent);
    if (planned === "done, then lost") throw new TypeError("network");
    return done;
  }

  /** Another tab saves. */
  saveElsewhere(notebook) {
    this.head += 1;
    this.saved = notebook;
  }

  #answer(address, method, headers, sent) {
    if (address === "/token") return answer(200, { csrf: this.token, person: this.signedIn });
    if (headers["X-CSRFToken"] !== this.token) return problem(400, "stale-token");
    if (headers["X-Slipway-Person"] !== String(this.signedIn)) return problem(403, "other-person");
    const base = Number(headers["If-Match"].slice(1, -1));
    if (method !== "PUT") {
      if (base !== this.head) return answer(412, { error: { kind: "conflict" }, revision: this.head, savedAt: "then", kept: null });
      return answer(200, { handedIn: base });
    }
    const missing = sent.files.filter((file) => !file.data && !this.files.has(file.sha256)).map((file) => file.sha256);
    if (missing.length) return answer(422, { error: { kind: "missing-files" }, missing });
    for (const file of sent.files) this.files.add(file.sha256);
    if (JSON.stringify(sent.notebook) === JSON.stringify(this.saved)) return answer(200, { revision: this.head, savedAt: "now" });
    if (base !== this.head) {
      this.beside.push(sent.notebook);
      return answer(412, { error: { kind: "conflict", message: "elsewhere" }, revision: this.head, savedAt: "then", kept: 100 + this.beside.length });
    }
    this.head += 1;
    this.saved = sent.notebook;
    return answer(200, { revision: this.head, savedAt: "now" });
  }
}

const answer = (status, json, text) => ({
  status,
  ok: status < 300,
  json: async () => { if (text !== undefined) throw new SyntaxError(text); return json; },
});
const problem = (status, kind) => answer(status, { error: { kind, message: kind } });

/** A clock that stands still until it is told. */
export class Clock {
  constructor() {
    Object.assign(this, { moment: 0, timers: new Map(), number: 0 });
    this.now = () => this.moment;
    this.random = () => 0.5;
    this.set = (act, wait) => { this.timers.set(++this.number, { act, at: this.moment + wait }); return this.number; };
    this.clear = (id) => this.timers.delete(id);
  }

  /** Lets milliseconds go by, and all that waits for them happen. */
  async pass(milliseconds) {
    const end = this.moment + milliseconds;
    await settle();
    for (;;) {
      const [id, timer] = [...this.timers].sort(([, one], [, other]) => one.at - other.at)[0] ?? [];
      if (!timer || timer.at > end) break;
      this.timers.delete(id);
      this.moment = timer.at;
      timer.act();
      await settle();
    }
    this.moment = end;
  }
}

/** Until nothing is left that needs no clock. */
export async function settle() {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}

export class MemoryDrafts {
  async put(draft) {
    this.kept = draft;
    return true;
  }

  remove() { this.kept = null; }
}
