import assert from "node:assert/strict";
import { test } from "node:test";

import { Notebook } from "../src/notebook/model.js";
import { Scales } from "../src/notebook/scales.js";

const stream = (text) => ({ output_type: "stream", name: "stdout", text });
const code = (id, source, printed = 0) => ({ cell_type: "code", id, metadata: {}, source, outputs: printed ? [stream("x".repeat(printed))] : [], execution_count: null });
const notebookOf = (...cells) => Notebook.from({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells });
const asServer = (json) => Buffer.byteLength(`${JSON.stringify(json, null, 1)}\n`);
const printed = (json) => json.cells.map((cell) => (cell.outputs ?? []).length);

test("a notebook that the server takes is saved as it is", () => {
  const notebook = notebookOf(code("a", "1", 900), { cell_type: "markdown", id: "m", metadata: {}, source: "text" });
  const whole = notebook.toJSON();
  assert.deepEqual(new Scales(notebook, asServer(whole)).read(), { notebook: whole, left: new Set() });
});

test("of one that is a byte too large the cell that put out most is saved without its outputs, and what was typed is saved", () => {
  const notebook = notebookOf(code("a", "one", 300), code("b", "two ü", 900), code("c", "three", 600));
  const { notebook: saved, left } = new Scales(notebook, asServer(notebook.toJSON()) - 1).read();
  assert.deepEqual([...left], ["b"]);
  assert.deepEqual(printed(saved), [1, 0, 1]);
  assert.deepEqual(saved.cells.map((cell) => cell.source), [["one"], ["two ü"], ["three"]]);
  assert.equal(notebook.find("b").outputs.length, 1, "on the page it stands");
});

test("as many are left out as must be, the largest first", () => {
  const notebook = notebookOf(code("a", "1", 300), code("b", "2", 900), code("c", "3", 600));
  const { notebook: saved, left } = new Scales(notebook, 1500).read();
  assert.deepEqual([...left], ["b", "c"]);
  assert.ok(asServer(saved) <= 1500);
});

test("all sorts of outputs are weighed as the server will", () => {
  const notebook = notebookOf(
    { ...code("a", "1"), outputs: [stream("ä\n\"\u0001\n"), { output_type: "display_data", metadata: {}, data: { "application/json": [1, { a: [] }], "text/plain": "€".repeat(50) } }] },
    code("b", "x"),
  );
  const exactly = asServer(notebook.toJSON());
  assert.equal(new Scales(notebook, exactly).read().left.size, 0);
  assert.equal(new Scales(notebook, exactly - 1).read().left.size, 1);
});

test("what is cleared or put out anew is weighed anew, and text that is too large by itself is the server's to refuse", () => {
  const notebook = notebookOf(code("a", "1", 900), code("b", "2", 950));
  const scales = new Scales(notebook, 1500);
  assert.deepEqual([...scales.read().left], ["b"]);
  notebook.clearOutputs("b");
  assert.deepEqual([...scales.read().left], []);
  notebook.setOutputs("a", [stream("x".repeat(1500))], 2);
  assert.deepEqual([...scales.read().left], ["a"]);
  notebook.setSource("b", "y".repeat(2000));
  const { notebook: saved, left } = scales.read();
  assert.deepEqual([...left], ["a"]);
  assert.equal(saved.cells[1].source.join("").length, 2000);
});
