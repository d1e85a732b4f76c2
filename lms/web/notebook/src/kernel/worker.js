/* Python, in a worker of a frame that has no origin. It has no network of its own: every byte of the runtime, of the lab's files and of its
   modules is asked of the page's fetcher, by kind and name, and that gives what is on its lists. Notebook code can do everything this worker
   can (through Python's `import js`), so nothing here protects anybody: the frame, the fetcher and the page do. */
import { stored } from "./archive.js";
import source from "./python.py";

const LIBRARY = "/lib/kernel";
const MODULES = "/lib/modules";
const FOLDER = "/work";

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

/* `saved` are names of files to ask for, `held` what the page has of others. */
async function boot({ address, handedOut, saved, held, modules, prelude, interrupt, answers, assets: port }) {
  base = address;
  assets = port;
  assets.onmessage = hear;
  const began = performance.now();
  // Asked for before Pyodide asks: they are on their way while its scripts are loaded.
  for (const name of ["pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json"]) early.set(name, ask("runtime", name));
  const library = ask("runtime", "kernel.zip");
  const places = Promise.all([
    ...modules.map(async (name) => ({ name, folder: MODULES, bytes: await ask("module", name), isArchive: true })),
    ...handedOut.map(async (name) => ({ name, folder: FOLDER, bytes: await ask("given", name) })),
    ...saved.map(async (name) => ({ name, folder: FOLDER, bytes: await ask("saved", name) })),
    ...held.map(({ name, bytes }) => ({ name, folder: FOLDER, bytes })),
  ]);
  const [{ loadPyodide }, { default: createPyodideModule }] = await Promise.all([import(`${base}pyodide.mjs`), import(`${base}pyodide.asm.mjs`)]);
  python = await loadPyodide({
    indexURL: base,
    createPyodideModule,
    stdout: (text) => console.log(text),
    stderr: (text) => console.warn(text),
    env: { HOME: "/home/learner", IPYTHONDIR: "/tmp/ipython", MPLCONFIGDIR: "/tmp/matplotlib", MPLBACKEND: "module://matplotlib_inline.backend_inline" },
  });
  const loaded = performance.now();
  told("starting");
  signals = interrupt;
  if (signals) python.setInterruptBuffer(signals);
  unpack(new Uint8Array(await library), LIBRARY);
  for (const { name, folder, bytes, isArchive } of await places) {
    if (isArchive) unpack(new Uint8Array(bytes), folder);
    else place(`${folder}/${name}`, new Uint8Array(bytes));
  }
  python.FS.mkdirTree(FOLDER);
  python.runPython(`import sys, os; sys.path[:0] = ["${FOLDER}"]; sys.path += ["${MODULES}", "${LIBRARY}"]; os.chdir("${FOLDER}")`);
  const names = python.globals.get("dict")();
  python.runPython(source, { globals: names });
  const read = answers ? waitForAnswer(answers) : promiseAnswer();
  kernel = names.get("Kernel")((text) => post({ t: "python", text }), read);
  if (prelude) kernel.before(prelude);
  const asks = answers ? true : await python.runPythonAsync("from pyodide.ffi import can_run_sync; can_run_sync()");
  post({ t: "ready", asks, loading: Math.round(loaded - began), starting: Math.round(performance.now() - loaded) });
}

function unpack(archive, folder) {
  const files = stored(archive);
  if (!files) python.unpackArchive(archive, "zip", { extractDir: folder });
  else for (const [name, bytes] of files) if (!name.endsWith("/")) place(`${folder}/${name}`, bytes);
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
  if (signals) Atomics.store(signals, 0, 0);
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
  write: ({ name, bytes }) => {
    place(`${FOLDER}/${name}`, new Uint8Array(bytes));
    kernel.has_changed_files();
    return "";
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
