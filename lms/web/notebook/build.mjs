// Builds the three scripts of the notebook page: node build.mjs [FOLDER]. The same sources give the same bytes, which a test checks.
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

import { mathmlOnly } from "./katex-mathml.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const folder = process.argv[2] ?? fileURLToPath(new URL("../static/notebook", import.meta.url));

const common = {
  absWorkingDir: here,
  outdir: folder,
  bundle: true,
  minify: true,
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
};

// The frame and Python's worker are classic scripts: the only kind that runs in a frame of opaque origin in all browsers.
const classic = { ...common, format: "iife", supported: { "dynamic-import": true } };
const { outputFiles: [worker] } = await build({ ...classic, entryPoints: ["src/kernel/worker.js"], write: false });
await build({
  ...classic,
  entryPoints: { frame: "src/kernel/frame.js", fetcher: "src/kernel/fetcher.js" },
  define: { WORKER_SCRIPT: JSON.stringify(worker.text) },
});
await build({
  ...common,
  entryPoints: { notebook: "src/main.js" },
  format: "esm",
  alias: { "linkify-it": "./src/render/nolinks.js" },
  plugins: [mathmlOnly],
});
