/* Python as the page has it: a queue of runs, and what can be asked of it. The worker may die or hang at any time, and everything it says is
   read strictly (messages.js); each start is a generation, and what an older one says is not heard. */
import { _ } from "../words.js";
import { Folder } from "./folder.js";
import { readCompletions, readFiles, readInspection, readPython, readResult } from "./messages.js";
import { pointsAt, unitsAt } from "./offsets.js";
import { canSuspend, cutOff, NotStarted, untilBuilt, whatIsMissing } from "./starting.js";

const PATIENCE = 3000;
const FRAME_PATIENCE = 20_000;
const MOST_REMEMBERED = 64_000_000;

/** `state` is "off", "starting", "ready", "busy", or "dead" where this browser will never run it. Events are "state", "progress", "files" when
    the working folder has changed, and "dead" with a sentence when Python ended or did not start; while the state is "off", starting may be
    tried again. */
export class Kernel {
  constructor({ iframe, config, fetch = (...all) => globalThis.fetch(...all), host = globalThis }) {
    this.iframe = iframe;
    this.config = config;
    this.fetch = fetch;
    this.host = host;
    this.state = "off";
    this.canInterrupt = false;
    this.generation = 0;
    this.runs = new Map();
    this.asked = new Map();
    this.number = 0;
    this.listeners = new Map();
    this.starting = null;
    this.isCutOff = false;
    this.isUnframed = false;
    this.fetcher = null;
    this.folder = new Folder(config.files);
    /** Resolves to what this browser lets Python do: `isIsolated`, be interrupted, and `canAsk`, wait for what somebody types. */
    this.framed = new Promise((resolve) => { this.onFramed = resolve; });
    /** Resolves when Python begins to start, in processes of its own. */
    this.begun = new Promise((resolve) => { this.onBegun = resolve; });
    host.addEventListener("message", (event) => { if (event.source === iframe.contentWindow) this.#hear(event.data); });
    this.#send({ t: "hello" });
  }

  on(event, fn) {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), fn]);
  }

  /** Resolves when code can run. Rejects with a sentence for people; may be called again then. */
  start() {
    this.starting ??= new Promise((resolve, reject) => {
      this.generation += 1;
      this.booting = { resolve, reject };
      const generation = this.generation;
      this.#boot(generation).catch((error) => { if (generation === this.generation) this.#giveUp(error); });
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

  /** Stops what runs: "interrupted" by a KeyboardInterrupt, else "restarted", and then variables are gone; "" when nothing runs. */
  async interrupt() {
    if (this.state !== "busy" && this.state !== "starting") return "";
    const { generation } = this;
    if (this.canInterrupt && this.state === "busy") {
      const [running, ...behind] = this.runs.keys();
      // What waits behind it would run on as if nothing had happened.
      this.#endRuns(behind);
      this.#send({ t: "interrupt", run: running });
      for (let waited = 0; waited < PATIENCE && this.runs.has(running); waited += 100) await this.#pause(100);
      if (generation === this.generation && !this.runs.has(running)) return "interrupted";
    }
    if (generation === this.generation) this.#end();
    await this.start();
    return "restarted";
  }

  /** A new Python with nothing of the old but the files it left in the working folder. */
  async restart() {
    if (this.state === "ready") await Promise.race([this.#remember().catch(() => {}), this.#pause(PATIENCE)]);
    this.#end();
    await this.start();
  }

  /** The working folder holds these files of the server's from now on, `[{ name, sha256 }]`: a Python that runs is started anew. */
  async replaceFiles(files) {
    this.config.files = files;
    this.folder.replace(files);
    if (this.state === "off" || this.state === "dead") return;
    this.#end();
    await this.start();
  }

  /** What could stand at the UTF-16 offset `cursor`: `{ from, to, options }`, with offsets of the same kind. */
  async complete(code, cursor) {
    if (this.state !== "ready") return { from: cursor, to: cursor, options: [] };
    const answer = await this.#ask({ t: "complete", code, cursor: pointsAt(code, cursor) }).catch(() => "");
    const { from, to, options } = readCompletions(answer, pointsAt(code, code.length));
    return { from: unitsAt(code, from), to: unitsAt(code, to), options };
  }

  async inspect(code, cursor) {
    if (this.state !== "ready") return { found: false, text: "" };
    return readInspection(await this.#ask({ t: "inspect", code, cursor: pointsAt(code, cursor) }).catch(() => ""));
  }

  async files() {
    const given = new Set(this.config.handedOut.map((each) => each.name));
    const found = readFiles(await this.#ask({ t: "files" }));
    this.folder.listed(found);
    return found.map((each) => ({ ...each, given: given.has(each.name) }));
  }

  async readFile(name) {
    const bytes = await this.#ask({ t: "read", name });
    if (!(bytes instanceof Uint8Array)) throw new Error(_("{name} cannot be read.", { name }));
    this.folder.took(name, bytes);
    return bytes;
  }

  async #boot(generation) {
    const missing = whatIsMissing(this.host);
    if (missing) throw new NotStarted(missing, { isFinal: true });
    this.#become("starting");
    const built = await untilBuilt(this.config.runtime, {
      fetch: this.fetch,
      pause: (milliseconds) => this.#pause(milliseconds),
      isWanted: () => generation === this.generation,
      onStep: (step) => this.#tell("progress", step),
    });
    if (generation !== this.generation) return;
    this.config.runtime = built;
    this.#tell("progress", { text: _("Loading Python") });
    const assets = this.#fetching(generation);
    const frame = await this.#frame();
    if (generation !== this.generation) return;
    this.canInterrupt = frame.isIsolated;
    const { handedOut, modules, prelude, runtime } = this.config;
    const { held, saved } = this.folder.toBegin();
    this.#send({
      t: "boot",
      generation,
      address: new URL(runtime.url, this.host.location.href).href,
      handedOut: handedOut.map((each) => each.name),
      saved,
      held,
      modules: modules.map((each) => each.name),
      prelude,
      memorySize: runtime.files["memory.bin"].size,
      assets,
    }, [assets, ...held.map(({ bytes }) => bytes)]);
    this.onBegun();
  }

  /* Begins to fetch what every start needs, and is the port on which Python asks for it and for more. */
  #fetching(generation) {
    if (!this.fetcher) {
      this.fetcher = new this.host.Worker(this.config.fetcher);
      this.fetcher.onmessage = ({ data }) => this.#hearOfBytes(data);
      this.fetcher.onerror = () => {
        this.fetcher = null;
        if (this.state === "starting") this.#giveUp(this.#cutOff());
      };
    }
    const { port1, port2 } = new MessageChannel();
    const { runtime, handedOut, modules, files, urls } = this.config;
    this.fetcher.postMessage({ config: { runtime, handedOut, modules, files, urls }, generation, port: port1 }, [port1]);
    return port2;
  }

  #hearOfBytes({ t, generation, done, of }) {
    if (generation !== this.generation) return;
    if (t === "lost") this.isCutOff = true;
    else if (this.state === "starting") this.#tell("progress", { text: _("Loading Python"), done, of });
  }

  async #frame() {
    if (this.isUnframed) this.iframe.src = this.config.frame;
    const frame = await Promise.race([this.framed, this.#pause(FRAME_PATIENCE)]);
    this.isUnframed = !frame;
    if (!frame) throw new NotStarted(_("The part of the page that Python runs in did not load. Reload the page; what you typed is kept."));
    return frame;
  }

  /* What did not come may be of a build that the server has no more: it is asked for its present one, the next time. */
  #cutOff() {
    this.config.runtime = { ...this.config.runtime, state: "unknown" };
    return cutOff();
  }

  /* Reads what the page has not read yet of the working folder. */
  async #remember() {
    let room = MOST_REMEMBERED;
    for (const file of await this.files()) {
      room -= file.size;
      if (room >= 0 && !this.folder.knows(file)) await this.readFile(file.name);
    }
  }

  #hear(message) {
    if (typeof message !== "object" || message === null) return;
    if (message.t === "frame") {
      const isIsolated = message.isIsolated === true;
      this.onFramed({ isIsolated, canAsk: isIsolated || canSuspend(this.host) });
      return;
    }
    if (message.generation !== this.generation || this.state === "off" || this.state === "dead") return;
    if (message.t === "progress" && this.state === "starting") this.#tell("progress", { text: _("Starting Python"), done: 1, of: 1 });
    else if (message.t === "ready" && this.state === "starting") this.#ready();
    else if (message.t === "fatal") this.#fail(message.text);
    else if (message.t === "broken") this.#fail("broken");
    else if (message.t === "python") this.#output(readPython(message.text));
    else if (message.t === "ask") this.#question(message);
    else if (message.t === "done") this.#done(message);
    else if (message.t === "changed") this.#tell("files");
    else if (message.t === "answered") this.#answered(message);
  }

  #ready() {
    this.#become("ready");
    this.booting?.resolve();
    this.#tell("files");
  }

  #fail(why) {
    if (this.state === "starting") {
      this.#giveUp(this.isCutOff ? this.#cutOff() : new NotStarted(
        _("Python could not start in this browser. Try again; or download the notebook, work on it elsewhere, and upload it.")));
      return;
    }
    this.#end();
    this.#tell("dead", why === "flood"
      ? _("Python was stopped: it sent more than a page can take. Your notebook is safe; variables are gone.")
      : _("Python has ended, perhaps because memory ran out. Your notebook is safe; variables are gone."));
  }

  #giveUp(error) {
    const sentence = error instanceof NotStarted
      ? error.message
      : _("Python could not start in this browser. Try again; or download the notebook, work on it elsewhere, and upload it.");
    this.#end(sentence, error.isFinal ? "dead" : "off");
    this.#tell("dead", sentence);
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

  #end(why = _("Python was started anew."), state = "off") {
    this.#send({ t: "end" });
    this.generation += 1;
    this.booting?.reject(new Error(why));
    this.booting = null;
    this.starting = null;
    this.isCutOff = false;
    this.#endRuns([...this.runs.keys()]);
    for (const asked of this.asked.values()) asked.reject(new Error(why));
    this.asked.clear();
    this.#become(state);
  }

  #pause(milliseconds) {
    return new Promise((resolve) => { this.host.setTimeout(resolve, milliseconds); });
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
