/* Python as the page has it: a queue of runs, and what can be asked of it. The worker may die or hang at any time, and everything it says is
   read strictly (messages.js); each start is a generation, and what an older one says is not heard. */
import { _ } from "../words.js";
import { Assets } from "./assets.js";
import { isPlain, readCompletions, readFiles, readInspection, readPython, readResult } from "./messages.js";

const PATIENCE = 3000;
const FRAME_PATIENCE = 20_000;
const POLL = 2000;
const EMPTY = { from: 0, to: 0, options: [] };

export class Kernel {
  constructor({ iframe, config, fetch = (...all) => globalThis.fetch(...all), host = globalThis }) {
    this.iframe = iframe;
    this.config = config;
    this.fetch = fetch;
    this.host = host;
    this.state = "off";
    this.canInterrupt = false;
    this.canAsk = true;
    this.timings = null;
    this.generation = 0;
    this.runs = new Map();
    this.asked = new Map();
    this.number = 0;
    this.listeners = new Map();
    this.starting = null;
    this.assets = this.#newAssets();
    this.framed = new Promise((resolve) => { this.onFramed = resolve; });
    host.addEventListener("message", (event) => { if (event.source === iframe.contentWindow) this.#hear(event.data); });
    iframe.src = config.frame;
  }

  on(event, fn) {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), fn]);
  }

  /** Fetches what a start needs, without starting. */
  prefetch() {
    if (this.config.runtime.state === "ready") this.assets.prefetch();
  }

  /** Resolves when code can run. Rejects with a sentence for people. */
  start() {
    this.starting ??= this.#boot().catch((error) => {
      this.starting = null;
      throw error;
    });
    return this.starting;
  }

  /** Runs `code` after what is queued. Resolves to `{ status, count, ename, evalue }`, also when Python ends meanwhile ("aborted"). */
  async run(code, { onOutput, onClear = () => {}, onUpdate = () => {}, onAsk = async () => null, onStart = () => {} }) {
    await this.start();
    this.number += 1;
    const id = this.number;
    return new Promise((resolve) => {
      this.runs.set(id, { code, onOutput, onClear, onUpdate, onAsk, onStart, resolve });
      if (this.runs.size === 1) this.#next();
    });
  }

  /** Stops what runs: "interrupted" by a KeyboardInterrupt, else "restarted", and then variables are gone. */
  async interrupt() {
    if (this.canInterrupt && this.state === "busy") {
      const [running, ...behind] = this.runs.keys();
      // What waits behind it would run on as if nothing had happened.
      this.#endRuns(behind);
      this.#send({ t: "interrupt" });
      for (let waited = 0; waited < PATIENCE; waited += 100) {
        await new Promise((resolve) => { this.host.setTimeout(resolve, 100); });
        if (!this.runs.has(running)) return "interrupted";
      }
    }
    await this.restart();
    return "restarted";
  }

  /** A new Python, with nothing of the old. */
  async restart() {
    this.#end();
    await this.start();
  }

  async complete(code, cursor) {
    if (this.state !== "ready") return { ...EMPTY, from: cursor, to: cursor };
    const answer = await this.#ask({ t: "complete", code, cursor }).catch(() => "");
    return readCompletions(answer, code.length);
  }

  async inspect(code, cursor) {
    if (this.state !== "ready") return { found: false, text: "" };
    return readInspection(await this.#ask({ t: "inspect", code, cursor }).catch(() => ""));
  }

  async files() {
    const given = new Set(this.config.handedOut.map((each) => each.name));
    return readFiles(await this.#ask({ t: "files" })).map((each) => ({ ...each, given: given.has(each.name) }));
  }

  async readFile(name) {
    const bytes = await this.#ask({ t: "read", name });
    if (!(bytes instanceof Uint8Array)) throw new Error(_("{name} cannot be read.", { name }));
    return bytes;
  }

  async writeFile(name, bytes) {
    if (!isPlain(name)) throw new Error(_("{name} is no file name.", { name }));
    await this.#ask({ t: "write", name, bytes: bytes.slice().buffer });
  }

  async #boot() {
    const missing = whatIsMissing(this.host);
    if (missing) return this.#die(missing);
    this.generation += 1;
    const generation = this.generation;
    this.#become("starting");
    await this.#untilBuilt(generation);
    const frame = await Promise.race([this.framed, new Promise((resolve) => { this.host.setTimeout(resolve, FRAME_PATIENCE); })]);
    if (!frame) this.#die(_("The part of the page that Python runs in did not load. Reload the page; what you typed is kept."));
    this.canInterrupt = frame.isIsolated;
    this.began = performance.now();
    this.assets.prefetch();
    this.#tell("progress", { text: _("Loading Python"), done: this.assets.done, of: this.assets.of });
    const script = await this.#script();
    const { handedOut, files, modules, prelude, runtime } = this.config;
    this.#send({
      t: "boot",
      generation,
      script,
      address: new URL(runtime.url, this.host.location.href).href,
      handedOut: handedOut.map((each) => each.name),
      saved: files.map((each) => each.name),
      modules: modules.map((each) => each.name),
      prelude,
    });
    return new Promise((resolve, reject) => { this.booting = { resolve, reject }; });
  }

  async #script() {
    try {
      const answer = await this.fetch(this.config.worker);
      if (!answer.ok) throw new Error(String(answer.status));
      return await answer.text();
    } catch {
      return this.#die(_("Python could not be loaded: is the network gone? Try again when it is back."));
    }
  }

  /** The first who open a lab after an installation may have to wait for what is being built on the server. */
  async #untilBuilt(generation) {
    while (this.config.runtime.state !== "ready") {
      let stands;
      try {
        stands = await (await this.fetch(this.config.runtime.stateUrl, { headers: { Accept: "application/json" } })).json();
      } catch {
        stands = { state: "missing" };
      }
      if (generation !== this.generation) throw new Error(_("Python was started anew."));
      if (stands.state === "ready") {
        this.config.runtime = { ...this.config.runtime, ...stands };
        this.assets = this.#newAssets();
      } else if (stands.state === "building") {
        const text = _("Python for the browser is being built on the server: {step}", { step: stands.step });
        this.#tell("progress", { text, done: stands.done, of: stands.of });
        await new Promise((resolve) => { this.host.setTimeout(resolve, POLL); });
      } else {
        this.#die(_("This site has no Python for the browser yet. Download the notebook, work on it elsewhere, and upload it."));
      }
    }
  }

  #newAssets() {
    return new Assets({
      config: this.config,
      fetch: this.fetch,
      onBytes: (done, of) => { if (this.state === "starting") this.#tell("progress", { text: _("Loading Python"), done, of }); },
    });
  }

  #hear(message) {
    if (typeof message !== "object" || message === null) return;
    if (message.t === "frame") {
      this.onFramed({ isIsolated: message.isIsolated === true });
      return;
    }
    if (message.generation !== this.generation || this.state === "off" || this.state === "dead") return;
    if (message.t === "asset") this.#give(message);
    else if (message.t === "progress" && this.state === "starting") this.#tell("progress", { text: _("Starting Python"), done: 1, of: 1 });
    else if (message.t === "ready" && this.state === "starting") this.#ready(message);
    else if (message.t === "fatal") this.#fail(message.text);
    else if (message.t === "broken") this.#fail("broken");
    else if (message.t === "python") this.#output(readPython(message.text));
    else if (message.t === "ask") this.#question(message);
    else if (message.t === "done") this.#done(message);
    else if (message.t === "changed") this.#tell("files");
    else if (message.t === "answered") this.#answered(message);
  }

  async #give({ id, kind, name }) {
    const generation = this.generation;
    try {
      const bytes = await this.assets.get(kind, name);
      if (generation === this.generation) this.#send({ t: "asset", id, bytes }, [bytes]);
    } catch (error) {
      if (generation === this.generation) this.#send({ t: "asset", id, error: String(error.message) });
    }
  }

  #ready({ asks, loading, starting }) {
    this.canAsk = asks === true;
    this.timings = { loading: Number(loading), starting: Number(starting), total: Math.round(performance.now() - this.began) };
    this.#become("ready");
    this.booting?.resolve();
    this.#tell("files");
  }

  #fail(why) {
    if (this.state === "starting") {
      const sentence = _("Python could not start in this browser. Try again; or download the notebook, work on it elsewhere, and upload it.");
      this.booting?.reject(new Error(sentence));
      this.#tell("dead", sentence);
    } else {
      this.#tell("dead", why === "flood"
        ? _("Python was stopped: it sent more than a page can take. Your notebook is safe; variables are gone.")
        : _("Python has ended, perhaps because memory ran out. Your notebook is safe; variables are gone."));
    }
    this.#end();
  }

  #output(said) {
    const run = said && this.runs.get(said.run);
    if (!run || said.run !== this.runs.keys().next().value) return;
    if (said.t === "clear") run.onClear(said.wait);
    else if (said.t === "update") run.onUpdate(said.display, said.output);
    else run.onOutput(said.output, said.display);
  }

  async #question({ run: id, prompt, password }) {
    const run = this.runs.get(id);
    const generation = this.generation;
    if (!run || run.isAsking) return;
    run.isAsking = true;
    const text = await run.onAsk(String(prompt ?? "").slice(0, 10_000), { password: password === true });
    run.isAsking = false;
    if (generation === this.generation && this.runs.has(id)) this.#send({ t: "answer", text: text ?? "" });
  }

  #done({ run: id, result }) {
    const run = this.runs.get(id);
    if (!run) return;
    this.runs.delete(id);
    run.resolve(readResult(result));
    if (this.runs.size) this.#next();
    else this.#become("ready");
  }

  /* One at a time goes to the worker: what waits here can still be called off. */
  #next() {
    const [id, run] = this.runs.entries().next().value;
    this.#become("busy");
    run.onStart();
    this.#send({ t: "run", run: id, code: run.code });
  }

  #answered({ id, value, error }) {
    const asked = this.asked.get(id);
    this.asked.delete(id);
    if (error === undefined) asked?.resolve(value);
    else asked?.reject(new Error(String(error).slice(0, 500)));
  }

  async #ask(question) {
    await this.start();
    this.number += 1;
    const id = this.number;
    return new Promise((resolve, reject) => {
      this.asked.set(id, { resolve, reject });
      this.#send({ ...question, id });
    });
  }

  #send(message, transfer = []) {
    this.iframe.contentWindow.postMessage(message, "*", transfer);
  }

  #endRuns(ids) {
    for (const id of ids) {
      this.runs.get(id)?.resolve({ status: "aborted", count: null, ename: "", evalue: "" });
      this.runs.delete(id);
    }
  }

  #end() {
    this.#send({ t: "end" });
    this.generation += 1;
    this.booting?.reject(new Error(_("Python was started anew.")));
    this.booting = null;
    this.starting = null;
    this.#endRuns([...this.runs.keys()]);
    for (const asked of this.asked.values()) asked.reject(new Error(_("Python was started anew.")));
    this.asked.clear();
    this.#become("off");
  }

  #die(sentence) {
    this.#become("dead");
    this.#tell("dead", sentence);
    throw new Error(sentence);
  }

  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.#tell("state", state);
  }

  #tell(event, value) {
    for (const fn of this.listeners.get(event) ?? []) fn(value);
  }
}

/** Why this browser cannot run Python at all, or "". */
export function whatIsMissing(host) {
  if (typeof host.WebAssembly !== "object") {
    return _("This browser has no WebAssembly, so Python cannot run in it. Download the notebook, work on it elsewhere, and upload it.");
  }
  if (typeof host.Worker !== "function") {
    return _("This browser has no workers, so Python cannot run in it. Download the notebook, work on it elsewhere, and upload it.");
  }
  return "";
}
