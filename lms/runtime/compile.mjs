// What only Node can do for a build. `compile`: every zip of a folder becomes one of byte code, made by the very interpreter that will run
// it, Pyodide, and standard.json names the modules that this one comes with. `remember`: this Pyodide is started, what every notebook needs
// is imported, and its memory becomes a file, from which a browser goes on. `press`: every file gets compressed copies. How far it is goes to
// standard output, as "what done of", a line each.
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import zlib from "node:zlib";

const [, , what, ...places] = process.argv;
const tell = (done, of) => process.stdout.write(`${what} ${done} ${of}\n`);

async function compile(folder, pyodide, program) {
  const { loadPyodide } = await import(pathToFileURL(path.join(pyodide, "pyodide.mjs")));
  const python = await loadPyodide({ indexURL: pyodide + path.sep });
  python.FS.mkdirTree("/work");
  python.mountNodeFS("/work", folder);
  python.runPython(fs.readFileSync(program, "utf8"));
  const compiled = python.globals.get("compiled");
  const archives = fs.readdirSync(folder).filter((name) => /\.(zip|whl)$/.test(name)).sort();
  archives.forEach((name, index) => {
    tell(index, archives.length);
    compiled(`/work/${name}`);
  });
  fs.writeFileSync(path.join(folder, "standard.json"), python.globals.get("standard")());
}

// Where the browser's worker unpacks kernel.zip: modules in memory know their files by it.
const LIBRARY = "/lib/kernel";

/* `library` is the folder of what is in kernel.zip. */
async function remember(folder, library, program) {
  tell(0, 1);
  // Two builds are to give the same bytes: no hour, no chance and nothing of this machine gets into them. A browser has its own of all that.
  process.argv = ["node", "python"];
  process.env.TZ = "UTC";
  Date.now = () => 0;
  performance.now = () => 0;
  crypto.randomFillSync = (view) => view.fill(7);
  const { loadPyodide } = await import(pathToFileURL(path.join(folder, "pyodide.mjs")));
  const python = await loadPyodide({ indexURL: folder + path.sep, _makeSnapshot: true, env: { PYTHONHASHSEED: "0", LANG: "en_US.UTF-8", _: "python" } });
  // Written by JavaScript, since what passes through Python's memory stays in it.
  for (const name of fs.readdirSync(library, { recursive: true }).sort()) {
    const file = path.join(library, name);
    if (!fs.statSync(file).isFile()) continue;
    const place = path.posix.join(LIBRARY, ...name.split(path.sep));
    python.FS.mkdirTree(path.posix.dirname(place));
    python.FS.writeFile(place, new Uint8Array(fs.readFileSync(file)));
  }
  python.runPython(fs.readFileSync(program, "utf8"), { globals: python.globals.get("dict")() });
  fs.writeFileSync(path.join(folder, "memory.bin"), python.makeMemorySnapshot());
}

// Most browsers take zstd, which gets the time; of brotli's eleven steps the last two would take as long again for an eighth less.
const ZSTD = 19;
const BROTLI = 9;
// That a browser has to take, of zstd: eight megabytes, as a power of two. RFC 9659.
const WINDOW = 23;

async function press(folder) {
  const { constants } = zlib;
  const names = fs.readdirSync(folder).sort();
  let done = 0;
  tell(done, names.length);
  await Promise.all(names.map(async (name) => {
    const file = path.join(folder, name);
    const raw = fs.readFileSync(file);
    const zstd = { [constants.ZSTD_c_compressionLevel]: ZSTD, [constants.ZSTD_c_windowLog]: WINDOW };
    const brotli = { [constants.BROTLI_PARAM_QUALITY]: BROTLI, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: raw.length };
    fs.writeFileSync(`${file}.zst`, await promisify(zlib.zstdCompress)(raw, { params: zstd, pledgedSrcSize: raw.length }));
    fs.writeFileSync(`${file}.br`, await promisify(zlib.brotliCompress)(raw, { params: brotli }));
    fs.writeFileSync(`${file}.gz`, await promisify(zlib.gzip)(raw, { level: 9 }));
    done += 1;
    tell(done, names.length);
  }));
}

await { compile, remember, press }[what](...places);
