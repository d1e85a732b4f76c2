/* Python, in a worker of a frame that has no origin. It has no network of its own: every byte of the runtime, of the lab's files and of its
   modules is asked of the page's fetcher, by kind and name, and that gives what is on its lists. Notebook code can do everything this worker
   can (through Python's `import js`), so nothing here protects anybody: the frame, the fetcher and the page do. */
import { stored } from "./archive.js";

const LIBRARY = "/lib/kernel";
const MODULES = "/lib/modules";
const FOLDER = "/work";
const STANDARD = "python_stdlib.zip";
const MEMORY = "memory.bin";

let base = "";
let python = null;
let kernel = null;
let number = 0;
let answered = null;
let signals = null;
let assets = null;
const waiting = new Map();
const early = new Map();

const post = (message, transfer = []) => self.postMessage(message, transfer);
const told = (text) => post({ t: "progress", text });

function ask(kind, name) {
  return new Promise((resolve, reject) => {
    number += 1;
    waiting.set(number, { resolve, reject });
    assets.postMessage({ id: number, kind, name });
  });
}

/* Pyodide fetches its parts, and starts only where importScripts cannot be used. */
self.importScripts = () => { throw new TypeError("There are no classic scripts here."); };
self.fetch = async (input) => {
  const address = String(input.url ?? input);
  if (!address.startsWith(base)) throw new TypeError("Notebooks have no network in a browser.");
  const name = address.slice(base.length).split("?")[0];
  const bytes = await (early.get(name) ?? ask("runtime", name));
  early.delete(name);
  return new Response(bytes, { headers: { "Content-Type": name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream" } });
};

function hear({ data: { id, bytes, error } }) {
  const { resolve, reject } = waiting.get(id) ?? {};
  waiting.delete(id);
  if (error) reject?.(new Error(error));
  else resolve?.(bytes);
}

/* `saved` are names of files to ask for, `held` what the page has of others. `memorySize` is how long the runtime's memory.bin is. */
async function boot({ address, handedOut, saved, held, modules, prelude, memorySize, interrupt, answers, assets: port }) {
  base = address;
  assets = port;
  assets.onmessage = hear;
  const memory = canGoOn() ? ask("runtime", MEMORY) : null;
  // Asked for before Pyodide asks: they are on their way while its scripts are loaded.
  for (const name of ["pyodide.asm.wasm", "pyodide-lock.json"]) early.set(name, ask("runtime", name));
  const standard = ask("runtime", STANDARD);
  const library = ask("runtime", "kernel.zip");
  const places = Promise.all([
    ...modules.map(async (name) => ({ name, folder: MODULES, bytes: await ask("module", name), isArchive: true })),
    ...handedOut.map(async (name) => ({ name, folder: FOLDER, bytes: await ask("given", name) })),
    ...saved.map(async (name) => ({ name, folder: FOLDER, bytes: await ask("saved", name) })),
    ...held.map(({ name, bytes }) => ({ name, folder: FOLDER, bytes })),
  ]);
  python = await (memory ? goOn(memory, memorySize, standard) : begin(standard));
  told("starting");
  // Where no interrupt can come, Python looks for one all the same: WebKit ends a worker that loops only when it calls into JavaScript.
  signals = interrupt ?? new Int32Array(1);
  python.setInterruptBuffer(signals);
  unpack(new Uint8Array(await library), LIBRARY);
  // Before Python looks there: what it does not find once, it does not look for again.
  for (const folder of [FOLDER, MODULES]) python.FS.mkdirTree(folder);
  python.runPython(`import sys; sys.path[:0] = ["${FOLDER}"]; sys.path += ["${MODULES}", "${LIBRARY}"]`);
  kernel = python.pyimport("slipway_kernel").kernel();
  for (const { name, folder, bytes, isArchive } of await places) {
    if (isArchive) unpack(new Uint8Array(bytes), folder);
    else place(`${folder}/${name}`, new Uint8Array(bytes));
  }
  // Now: what is in the folder by then is no change.
  kernel.connect((text) => post({ t: "python", text }), answers ? waitForAnswer(answers) : promiseAnswer());
  if (prelude) kernel.before(prelude);
  post({ t: "ready" });
}

/* A Python that begins with nothing but its standard library. */
function begin(standard) {
  early.set(STANDARD, standard);
  return load({});
}

/* A Python that goes on from a memory, in which all is imported that notebooks need: it gets its standard library last. Where that fails,
   one begins from nothing: no more is lost than time. */
async function goOn(memory, size, standard) {
  const bytes = new Uint8Array(size);
  const filled = memory.then((come) => bytes.set(new Uint8Array(come)));
  filled.catch(() => {}); // told where it is waited for
  early.set(STANDARD, new ArrayBuffer(0));
  try {
    const made = await load({ _loadSnapshot: bytes }, filled);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] }); // Pyodide keeps what it was given: so that this is nothing any more
    made.FS.writeFile(made.runPython("import sys; next(path for path in sys.path if path.endswith('.zip'))"), new Uint8Array(await standard), { canOwn: true });
    return made;
  } catch (error) {
    console.warn("Python could not go on from its memory:", error);
    return begin(standard);
  }
}

async function load(options, filled) {
  const [{ loadPyodide }, { default: createPyodideModule }] = await Promise.all([import(`${base}pyodide.mjs`), import(`${base}pyodide.asm.mjs`)]);
  return loadPyodide({
    indexURL: base,
    // Pyodide would wait for a memory first, of which it needs no more than the size to compile and to link meanwhile.
    createPyodideModule: async (settings) => {
      const module = await createPyodideModule(settings);
      await filled;
      return module;
    },
    stdout: (text) => console.log(text),
    stderr: (text) => console.warn(text),
    ...options,
  });
}

/* Python goes on from the memory of one that ran in Node, with all imported that notebooks need. That one calls functions by a module of its
   own, which Pyodide has neither on iOS nor where WebAssembly knows no structures: there it starts from nothing. */
function canGoOn() {
  const structures = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 95, 1, 120, 0);
  const { userAgent = "", platform = "", maxTouchPoints = 0 } = self.navigator ?? {};
  return WebAssembly.validate(structures) && !/iPad|iPhone|iPod/.test(userAgent) && !(platform === "MacIntel" && maxTouchPoints > 1);
}

function unpack(archive, folder) {
  const files = stored(archive);
  if (!files) {
    python.unpackArchive(archive, "zip", { extractDir: folder });
    return;
  }
  const made = new Set();
  for (const [name, bytes] of files) {
    if (name.endsWith("/")) continue;
    const path = `${folder}/${name}`;
    const parent = path.slice(0, path.lastIndexOf("/"));
    if (!made.has(parent)) python.FS.mkdirTree(parent);
    made.add(parent);
    python.FS.writeFile(path, bytes, { canOwn: true });
  }
}

function place(path, bytes) {
  python.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
  python.FS.writeFile(path, bytes);
}

/* input(): this thread sleeps until the page has put an answer into memory that both share; an interrupt ends the wait. */
function waitForAnswer(answers) {
  const flags = new Int32Array(answers, 0, 2);
  const bytes = new Uint8Array(answers, 8);
  return (run, prompt, password) => {
    Atomics.store(flags, 0, 0);
    post({ t: "ask", run, prompt, password });
    while (Atomics.load(flags, 0) === 0) {
      Atomics.wait(flags, 0, 0, 100);
      python.checkInterrupt();
    }
    return new TextDecoder().decode(bytes.slice(0, flags[1]));
  };
}

/* Without such memory Python's stack is put aside until the answer comes, where the browser can do that. */
function promiseAnswer() {
  self.slipwayAnswer = (run, prompt, password) => {
    post({ t: "ask", run, prompt, password });
    return new Promise((resolve) => { answered = resolve; });
  };
  return python.runPython(`
def ask(run, prompt, password):
    from pyodide.ffi import can_run_sync, run_sync
    import js
    if not can_run_sync():
        raise RuntimeError("input() cannot wait for an answer in this browser: write the value into your code instead.")
    return run_sync(js.slipwayAnswer(run, prompt, password))
ask`, { globals: python.globals.get("dict")() });
}

async function run({ run: id, code }) {
  let result = '{"status": "error", "ename": "Python", "evalue": "Python ended."}';
  try {
    await loadScience(code);
    result = await kernel.run(id, code);
  } catch (error) {
    if (isInterrupt(error)) result = '{"status": "interrupted", "ename": "KeyboardInterrupt", "evalue": ""}';
    else post({ t: "broken", text: String(error.message ?? error).slice(-2000) });
  }
  Atomics.store(signals, 0, 0);
  post({ t: "done", run: id, result });
  tellChanges();
}

/* An interrupt that came too late for the run finds this, and is forgotten. */
function tellChanges() {
  try {
    if (kernel.has_changed_files()) post({ t: "changed" });
  } catch {
    post({ t: "changed" });
  }
}

/* What the runtime has besides IPython (numpy and others, where the site has them) is loaded by who imports it. */
async function loadScience(code) {
  try {
    await python.loadPackagesFromImports(code, { messageCallback: () => {}, errorCallback: () => {} });
  } catch (error) {
    if (isInterrupt(error)) throw error;
    /* What does not parse, or cannot be loaded, is said by running it. */
  }
}

const isInterrupt = (error) => error?.type === "KeyboardInterrupt";

const acts = {
  complete: ({ code, cursor }) => kernel.complete(code, cursor),
  inspect: ({ code, cursor }) => kernel.inspect(code, cursor),
  files: () => kernel.files(),
  read: ({ name }) => {
    const proxy = kernel.read(name);
    const bytes = proxy.toJs();
    proxy.destroy();
    return bytes;
  },
};

let chain = Promise.resolve();
self.onmessage = ({ data }) => {
  if (data.t === "answer") {
    answered?.(data.text);
  } else if (data.t === "boot") {
    boot(data).catch((error) => post({ t: "fatal", text: String(error.stack ?? error).slice(0, 2000) }));
  } else if (data.t === "run") {
    chain = chain.then(() => run(data));
  } else if (Object.hasOwn(acts, data.t)) {
    chain = chain.then(() => {
      try {
        post({ t: "answered", id: data.id, value: acts[data.t](data) });
      } catch (error) {
        post({ t: "answered", id: data.id, error: String(error.message ?? error).slice(-500) });
      }
    });
  }
};
