import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { build } from "esbuild";
import whole from "katex";

import { formulas } from "./formulas.js";
import { mathmlOnly } from "../katex-mathml.mjs";

let folder;
let bundled;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "katex-"));
  const outfile = path.join(folder, "katex.mjs");
  await build({
    stdin: { contents: 'export { default } from "katex";', resolveDir: fileURLToPath(new URL("..", import.meta.url)) },
    outfile,
    bundle: true,
    format: "esm",
    plugins: [mathmlOnly],
  });
  bundled = (await import(pathToFileURL(outfile))).default;
});
after(() => rm(folder, { recursive: true }));

test("the bundle's KaTeX draws every formula as the whole of it does", () => {
  for (const formula of formulas) {
    for (const displayMode of [true, false]) {
      const drawn = (katex) => katex.renderToString(formula, { displayMode, output: "mathml", throwOnError: false, strict: false, trust: false });
      assert.equal(drawn(bundled), drawn(whole), formula);
    }
  }
});

test("it draws every letter and sign in every font as the whole of it does", () => {
  const signs = [...Array(0x250).keys(), 0x3b1, 0x2202, 0x2211, 0x4e2d].slice(33).map((code) => String.fromCodePoint(code)).filter((sign) => !/[%#&~^_\\{}$]/.test(sign));
  for (const font of ["mathrm", "mathit", "mathbf", "mathsf", "mathtt", "mathcal", "mathbb", "mathfrak", "mathscr", "mathnormal", "boldsymbol", "text", "textit", "textbf", "texttt"]) {
    const formula = `\\${font}{${signs.map((sign) => `${sign} `).join("")}\\alpha\\imath\\hbar\\ldots}`;
    const drawn = (katex) => katex.renderToString(formula, { output: "mathml", throwOnError: false, strict: false });
    assert.equal(drawn(bundled), drawn(whole), font);
  }
});

test("what is no formula is refused by the same class of errors", () => {
  assert.throws(() => bundled.renderToString("\\frac{1", { output: "mathml" }), bundled.ParseError);
  assert.throws(() => bundled.renderToString("x", { output: "html" }), /MathML only/);
});
