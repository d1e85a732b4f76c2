// What only Node can do for a build. `compile`: every zip of a folder becomes one of byte code, made by the very interpreter that will run
// it, Pyodide, and standard.json names the modules that this one comes with. `press`: every file gets compressed copies. How far it is goes
// to standard output, as "what done of", a line each.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import zlib from "node:zlib";

const [, , what, folder, pyodide, program] = process.argv;
const tell = (done, of) => process.stdout.write(`${what} ${done} ${of}\n`);

async function compile() {
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

// Eleven is brotli's best. Above some megabytes it takes minutes for a hundredth less.
const BEST = 11;
const GOOD = 9;
const LARGE = 12e6;

async function press() {
  const { constants } = zlib;
  const names = fs.readdirSync(folder).sort();
  let done = 0;
  tell(done, names.length);
  await Promise.all(names.map(async (name) => {
    const file = path.join(folder, name);
    const raw = fs.readFileSync(file);
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: raw.length > LARGE ? GOOD : BEST,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: raw.length,
    };
    fs.writeFileSync(`${file}.br`, await promisify(zlib.brotliCompress)(raw, { params }));
    fs.writeFileSync(`${file}.gz`, await promisify(zlib.gzip)(raw, { level: 9 }));
    done += 1;
    tell(done, names.length);
  }));
}

await { compile, press }[what]();
