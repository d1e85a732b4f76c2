import assert from "node:assert/strict";
import { test } from "node:test";

import { markup } from "./dom.js";
import { describe, drawOutput } from "../src/render/outputs.js";

const PIXEL = "iVBORw0KGgo=";
const drawn = (output) => markup(drawOutput(output));
const shown = (data) => drawn({ output_type: "display_data", data });

test("printed text keeps its stream, and its lines may come as a list", () => {
  assert.equal(drawn({ output_type: "stream", name: "stdout", text: "a\n" }), '<pre class="nb-text" data-stream="stdout">a\n</pre>');
  assert.equal(drawn({ output_type: "stream", name: "stderr", text: ["a\n", "<b>"] }), '<pre class="nb-text" data-stream="stderr">a\n&lt;b&gt;</pre>');
});

test("the richest form that can be shown is taken", () => {
  const data = { "text/plain": "plain", "text/latex": "$x$", "text/markdown": "*m*", "text/html": "<b>h</b>", "image/png": PIXEL };
  assert.match(shown(data), /<img src="data:image\/png;base64,iVBORw0KGgo=" alt="plain">/);
  delete data["image/png"];
  assert.match(shown(data), /<div class="nb-html" [^>]*><b>h<\/b><\/div>/);
  delete data["text/html"];
  assert.match(shown(data), /<em>m<\/em>/);
  delete data["text/markdown"];
  assert.match(shown(data), /<math .*<mi>x<\/mi>/);
  delete data["text/latex"];
  assert.match(shown(data), /<pre class="nb-text">plain<\/pre>/);
});

test("texts may be lists of lines, in every form", () => {
  assert.match(shown({ "image/png": [PIXEL.slice(0, 4), `${PIXEL.slice(4)}\n`] }), /base64,iVBORw0KGgo="/);
  assert.match(shown({ "text/html": ["<b>", "x</b>"] }), /<b>x<\/b>/);
  assert.match(shown({ "text/latex": ["$$", "x", "$$"] }), /<mi>x<\/mi>/);
  assert.match(shown({ "image/svg+xml": ["<svg>", "<rect/></svg>"], "text/plain": ["<Figure size 3x3>"] }), /<img src="data:image\/svg[^>]* alt="A figure that the cell drew">/);
});

test("an image that is none gives way to the next form", () => {
  assert.match(shown({ "image/png": '" onerror="x', "text/plain": "p" }), /<pre class="nb-text">p<\/pre>/);
  assert.match(shown({ "image/png": { a: 1 }, "text/html": "<i>x</i>" }), /<i>x<\/i>/);
});

test("a drawing or a formula that cannot be drawn shows text instead", () => {
  assert.equal(shown({ "image/svg+xml": "no drawing", "text/plain": "p" }), '<pre class="nb-text">p</pre>');
  assert.match(shown({ "text/latex": "\\frac{" }), /<code title="[^"]+">\\frac\{<\/code>/);
});

test("JSON is written out, and a kind that nobody knows is named", () => {
  assert.match(shown({ "application/json": { a: [1, null] } }), /"a": \[\n +1,\n +null/);
  assert.match(shown({ "application/json": NaN }), />null</);
  assert.match(shown({ "application/vnd.other+json": { x: 1 } }), /Not drawn here: application\/vnd.other\+json/);
  assert.match(shown({ "application/vnd.other+json": { x: 1 }, "text/plain": "p" }), />p</);
});

test("whatever stands where an output should be leaves the page whole", () => {
  const odd = [null, undefined, 1, "x", [], {}, { output_type: "stream" }, { output_type: "stream", text: NaN }, { output_type: "error" },
    { output_type: "error", ename: 1, evalue: {}, traceback: "x" }, { output_type: "error", traceback: [null, 1, ["a", "b"]] },
    { output_type: "display_data" }, { output_type: "display_data", data: null }, { output_type: "display_data", data: [] },
    { output_type: "execute_result", data: { "text/html": 1, "text/plain": {} }, metadata: null }, { output_type: "new_kind", data: { "text/plain": "x" } },
    { output_type: "display_data", data: { "text/plain": NaN, constructor: 1, "": 2 } }];
  for (const output of odd) {
    assert.equal(drawOutput(output).nodeType, 1);
    assert.equal(typeof describe([output]), "string");
  }
});

test("an error tells what went wrong first, and where when it is unfolded", () => {
  const made = drawn({
    output_type: "error",
    ename: "ValueError",
    evalue: "no\nmore of it",
    traceback: ["-".repeat(75), "\x1b[31mValueError\x1b[0m Traceback\n\x1b[36mCell\x1b[39m\x1b[36m \x1b[39m\x1b[32mIn[3]\x1b[39m\x1b[32m, line 7\x1b[39m\n"],
  });
  assert.match(made, /<strong>ValueError: no<\/strong><span class="hint"> line 7<\/span>/);
  assert.match(made, /<pre class="nb-text">more of it<\/pre>/);
  assert.match(made, /<details><summary>Where it happened<\/summary><pre class="nb-text" tabindex="0"><span class="ansi-red">ValueError/);
});

test("very long texts are drawn in part, and read at once", () => {
  const began = performance.now();
  assert.match(drawn({ output_type: "stream", text: "x".repeat(5_000_000) }), /4800000 more characters are not drawn/);
  drawn({ output_type: "error", ename: "E", evalue: "x", traceback: ["line".repeat(500_000)] });
  shown({ "text/plain": "x".repeat(5_000_000) });
  assert.ok(performance.now() - began < 5000);
});

test("outputs are told in a sentence to whoever does not see them", () => {
  const printed = (text) => ({ output_type: "stream", name: "stdout", text });
  assert.equal(describe([]), "");
  assert.equal(describe([printed("a\nb\n")]), "Output: a b");
  assert.equal(describe([printed("a\n".repeat(9))]), "Output: 9 lines");
  assert.equal(describe([{ output_type: "display_data", data: { "image/png": PIXEL } }]), "Output: an image");
  assert.equal(describe([printed("x"), { output_type: "error", ename: "E", evalue: "\x1b[31mbad" }]), "Error: E: bad");
});
