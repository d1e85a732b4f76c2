import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import vm from "node:vm";

import { build } from "esbuild";

import { until } from "./scripted.js";

let folder;
let script;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "worker-"));
  await writeFile(path.join(folder, "pyodide.asm.mjs"), "export default () => {};");
  await writeFile(path.join(folder, "pyodide.mjs"), "export const loadPyodide = (options) => globalThis.scriptedPython.load(options);");
  const made = await build({
    entryPoints: [fileURLToPath(new URL("../src/kernel/worker.js", import.meta.url))],
    bundle: true,
    format: "iife",
    supported: { "dynamic-import": true },
    write: false,
  });
  script = new vm.Script(made.outputFiles[0].text, { importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER });
});
after(() => rm(folder, { recursive: true }));

/* A Pyodide that runs no Python: it keeps what the worker does with it. `kernel` is what Python's Kernel answers. */
class ScriptedPython {
  constructor(kernel) {
    this.files = new Map();
    this.archives = [];
    const connect = (post, read) => { Object.assign(this, { post, read }); };
    this.kernel = { connect, has_changed_files: () => false, complete: () => "", files: () => "[]", before: (code) => { this.prelude = code; }, ...kernel };
    this.FS = { mkdirTree: () => {}, writeFile: (name, bytes) => this.files.set(name, new TextDecoder().decode(bytes)) };
    this.globals = { get: () => () => ({}) };
  }

  async load(options) {
    this.options = options;
    await this.onLoad?.();
    await options.createPyodideModule({});
    if (options._loadSnapshot) this.memory = new TextDecoder().decode(options._loadSnapshot);
    if (this.memory && this.forgets) {
      this.memory = undefined;
      this.forgets = false;
      throw new Error("Snapshot has invalid magic number");
    }
    return this;
  }

  pyimport(name) {
    assert.equal(name, "slipway_kernel");
    return { kernel: () => this.kernel };
  }

  unpackArchive(bytes, kind, { extractDir }) {
    this.archives.push([new TextDecoder().decode(bytes), kind, extractDir]);
  }

  setInterruptBuffer(buffer) {
    this.buffer = buffer;
  }

  checkInterrupt() {
    if (this.buffer[0] === 2) throw Object.assign(new Error("KeyboardInterrupt"), { type: "KeyboardInterrupt" });
  }

  runPython(code) {
    return code.includes(".zip") ? "/lib/python314.zip" : undefined;
  }

  async loadPackagesFromImports(code) {
    await this.onImports?.(code);
  }
}

/** A worker that has begun: `{ python, say, posted, of, self, asked }`. Each asset it asks for is its own kind and name. */
async function begun(kernel = {}, { boot = {}, python = new ScriptedPython(kernel), refuses = () => false } = {}) {
  const posted = [];
  const say = (data) => self.onmessage({ data });
  const self = { postMessage: (message) => posted.push(message) };
  const asked = [];
  const assets = {
    postMessage({ id, kind, name }) {
      asked.push(name);
      const data = refuses(name) ? { id, error: "no" } : { id, bytes: new TextEncoder().encode(`${kind} ${name}`).buffer };
      queueMicrotask(() => assets.onmessage({ data }));
    },
  };
  globalThis.self = self;
  globalThis.scriptedPython = python;
  script.runInThisContext();
  const of = (t) => posted.filter((message) => message.t === t);
  say({ t: "boot", address: `${pathToFileURL(folder)}/`, handedOut: [], saved: [], held: [], modules: [], prelude: "", memorySize: "runtime memory.bin".length, interrupt: null, answers: null, assets, ...boot });
  await until(() => of("ready").length || of("fatal").length);
  return { python, say, posted, of, self, asked };
}

const done = async ({ of, say }, run, code = "x") => {
  say({ t: "run", run, code });
  await until(() => of("done").some((each) => each.run === run));
  return JSON.parse(of("done").find((each) => each.run === run).result);
};
const interrupted = () => { throw Object.assign(new Error("KeyboardInterrupt"), { type: "KeyboardInterrupt" }); };

test("what the lab hands out is in the folder, and what the learner's code left lies over it", async () => {
  const { python } = await begun({}, { boot: { handedOut: ["job.sh", "data/a.csv"], saved: ["job.sh"], held: [{ name: "out.txt", bytes: new TextEncoder().encode("held").buffer }], modules: ["boreas.zip"], prelude: "seed = 0" } });
  assert.deepEqual([...python.files].filter(([name]) => name.startsWith("/work/")), [["/work/job.sh", "saved job.sh"], ["/work/data/a.csv", "given data/a.csv"], ["/work/out.txt", "held"]]);
  assert.deepEqual(python.archives, [["runtime kernel.zip", "zip", "/lib/kernel"], ["module boreas.zip", "zip", "/lib/modules"]]);
  assert.equal(python.prelude, "seed = 0");
});

test("Pyodide gets its files from the page, and nothing else gets anything", async () => {
  const python = new ScriptedPython();
  const { self } = await begun({}, { python });
  const answer = await self.fetch(`${pathToFileURL(folder)}/pyodide.asm.wasm?x=1`);
  assert.equal(answer.headers.get("Content-Type"), "application/wasm");
  assert.equal(await answer.text(), "runtime pyodide.asm.wasm");
  await assert.rejects(self.fetch("https://elsewhere.example/"), /no network/);
  assert.throws(() => self.importScripts("x"), TypeError);
});

const STANDARD = "python_stdlib.zip";

/** What Pyodide is given as its standard library when it loads. */
function watchingStandard(python) {
  python.onLoad = async () => {
    for (const name of ["pyodide.asm.wasm", "pyodide-lock.json"]) await self.fetch(`${pathToFileURL(folder)}/${name}`);
    const answer = await self.fetch(`${pathToFileURL(folder)}/${STANDARD}`);
    python.standard = await answer.text();
  };
  return python;
}

test("what every start needs is asked for at once, and each once", async () => {
  const { asked } = await begun({}, { python: watchingStandard(new ScriptedPython()) });
  assert.deepEqual(asked, ["memory.bin", "pyodide.asm.wasm", "pyodide-lock.json", STANDARD, "kernel.zip"]);
});

test("Python goes on from a memory, and has its standard library when code can run", async () => {
  const { python } = await begun({}, { python: watchingStandard(new ScriptedPython()) });
  assert.equal(python.memory, "runtime memory.bin");
  assert.equal(python.options._loadSnapshot.length, 0); // it is not kept once more
  assert.equal(python.standard, "");
  assert.equal(python.files.get("/lib/python314.zip"), `runtime ${STANDARD}`);
});

function beganFromNothing(python) {
  assert.equal(python.memory, undefined);
  assert.equal(python.options._loadSnapshot, undefined);
  assert.equal(python.standard, `runtime ${STANDARD}`);
  assert.equal(python.files.has("/lib/python314.zip"), false);
}

test("where a memory cannot be gone on from, Python begins from nothing, with its library", async (context) => {
  context.mock.method(WebAssembly, "validate", () => false);
  const { asked, python } = await begun({}, { python: watchingStandard(new ScriptedPython()) });
  assert.ok(!asked.includes("memory.bin"));
  beganFromNothing(python);
});

test("so it does where going on fails, and where the memory does not come", async (context) => {
  context.mock.method(console, "warn", () => {});
  const forgets = Object.assign(watchingStandard(new ScriptedPython()), { forgets: true });
  beganFromNothing((await begun({}, { python: forgets })).python);
  const without = await begun({}, { python: watchingStandard(new ScriptedPython()), refuses: (name) => name === "memory.bin" });
  beganFromNothing(without.python);
});

test("what does not come is told as the reason why Python did not start", async () => {
  const { of } = await begun({}, { refuses: (name) => name === "kernel.zip" });
  assert.match(of("fatal")[0].text, /no/);
});

test("cells run one after the other, and say when they have changed files", async () => {
  const order = [];
  const worker = await begun({
    has_changed_files: () => true,
    run: async (run, code) => {
      order.push(`begins ${code}`);
      await new Promise((resolve) => { setTimeout(resolve, 5); });
      order.push(`ends ${code}`);
      return '{"status": "ok"}';
    },
  });
  await Promise.all([done(worker, 1, "a"), done(worker, 2, "b")]);
  assert.deepEqual(order, ["begins a", "ends a", "begins b", "ends b"]);
  assert.equal(worker.of("changed").length, 2);
});

test("an interrupt that comes too late for the run is forgotten, and what comes after it goes on", async () => {
  const interrupt = new Int32Array(new SharedArrayBuffer(4));
  const worker = await begun({
    run: async () => {
      interrupt[0] = 2;
      return '{"status": "ok"}';
    },
    has_changed_files: interrupted,
    files: () => '["a"]',
  }, { boot: { interrupt } });
  assert.equal((await done(worker, 1)).status, "ok");
  assert.equal(interrupt[0], 0);
  assert.equal((await done(worker, 2)).status, "ok");
  worker.say({ t: "files", id: 5 });
  await until(() => worker.of("answered").length);
  assert.equal(worker.of("answered")[0].value, '["a"]');
});

test("Python looks for interrupts where none can come, too: by that alone can WebKit end a worker that loops", async () => {
  const worker = await begun({
    run: async () => {
      worker.python.checkInterrupt();
      return '{"status": "ok"}';
    },
  }, { boot: { interrupt: null } });
  assert.equal((await done(worker, 1)).status, "ok");
});

test("an interrupt between a cell's code and its result, or while packages load, is the cell's", async () => {
  const worker = await begun({ run: interrupted });
  assert.equal((await done(worker, 1)).status, "interrupted");
  worker.python.kernel.run = async () => '{"status": "ok"}';
  worker.python.onImports = interrupted;
  assert.equal((await done(worker, 2)).status, "interrupted");
  assert.equal(worker.of("broken").length, 0);
});

test("packages that cannot be loaded are a matter of the code that imports them", async () => {
  const python = new ScriptedPython({ run: async () => '{"status": "ok"}' });
  python.onImports = () => { throw new Error("SyntaxError"); };
  assert.equal((await done(await begun({}, { python }), 1)).status, "ok");
});

test("a Python that breaks says so, and ends the run", async () => {
  const worker = await begun({ run: () => { throw new RangeError("memory"); } });
  assert.equal((await done(worker, 1)).status, "error");
  assert.equal(worker.of("broken")[0].text, "memory");
});

test("a question that fails is answered with its error", async () => {
  const { say, of } = await begun({ inspect: () => { throw new Error("no such name"); } });
  say({ t: "inspect", id: 3, code: "x", cursor: 1 });
  say({ t: "constructor", id: 4 });
  await until(() => of("answered").length);
  assert.deepEqual(of("answered"), [{ t: "answered", id: 3, error: "no such name" }]);
});

test("files are read by name", async () => {
  const { say, of } = await begun({ read: () => ({ toJs: () => new Uint8Array([1, 2]), destroy: () => {} }) });
  say({ t: "read", id: 1, name: "a" });
  await until(() => of("answered").length);
  assert.deepEqual(of("answered")[0].value, new Uint8Array([1, 2]));
});

test("input() waits in shared memory for its answer, and an interrupt ends the wait", async () => {
  const answers = new SharedArrayBuffer(65_544);
  const interrupt = new Int32Array(new SharedArrayBuffer(4));
  const { python, of, self } = await begun({}, { boot: { answers, interrupt } });
  const said = new TextEncoder().encode("Ada");
  const { postMessage } = self;
  self.postMessage = (message) => {
    postMessage(message);
    if (message.prompt === "Never?") interrupt[0] = 2;
    if (message.prompt !== "Who?") return;
    new Uint8Array(answers, 8).set(said);
    new Int32Array(answers, 0, 2).set([1, said.length]);
  };
  assert.equal(python.read(1, "Who?", false), "Ada");
  assert.throws(() => python.read(1, "Never?", true), /KeyboardInterrupt/);
  assert.deepEqual(of("ask").map(({ prompt, password }) => [prompt, password]), [["Who?", false], ["Never?", true]]);
});
