import assert from "node:assert/strict";
import { test } from "node:test";

import { kindOf, Notebook } from "../src/notebook/model.js";

const code = (id, source, more = {}) => ({ cell_type: "code", id, metadata: {}, source, outputs: [], execution_count: null, ...more });
const prose = (id, source, more = {}) => ({ cell_type: "markdown", id, metadata: {}, source, ...more });
const graded = (id, marks, more = {}) => code(id, "pass", { metadata: { nbgrader: { grade_id: id, ...marks } }, ...more });
const notebookOf = (...cells) => Notebook.from({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells });
const ids = (notebook) => notebook.cells.map((cell) => cell.id);

function heard(notebook) {
  const changes = [];
  notebook.onChange((change) => changes.push(change));
  return changes;
}

test("what a cell is in its lab follows from nbgrader's marks", () => {
  const of = (marks) => kindOf({ nbgrader: { grade_id: "g", ...marks } }, "code");
  assert.equal(of({ solution: true, grade: false }), "solution");
  assert.equal(of({ solution: true, grade: true }), "manual");
  assert.equal(of({ grade: true }), "tests");
  assert.equal(of({ task: true }), "task");
  assert.equal(of({}), "given");
  assert.equal(kindOf({}, "code"), "own");
  assert.equal(kindOf(null, "markdown"), "text");
  assert.equal(kindOf({ nbgrader: "nonsense" }, "raw"), "text");
});

test("an untouched notebook is written as it was read, with what nobody understands", () => {
  const read = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: "python3" }, strange: 1 },
    cells: [
      code("a", ["x = 1\n", "x"], {
        vendor: { kept: true },
        execution_count: 3,
        outputs: [
          { output_type: "stream", name: "stdout", text: ["1\n", "2\n"] },
          { output_type: "execute_result", execution_count: 3, metadata: {}, data: { "text/plain": "1", "application/json": [1, 2] } },
        ],
      }),
      prose("b", ["![](attachment:i.png)"], { attachments: { "i.png": { "image/png": "cmVk" } } }),
      { cell_type: "raw", id: "c", metadata: {}, source: [] },
    ],
  };
  assert.deepEqual(Notebook.from(read).toJSON(), read);
});

test("an older notebook gets what format 4.5 wants: ids, each only once", () => {
  const notebook = Notebook.from({ nbformat: 4, nbformat_minor: 2, metadata: {}, cells: [code("a", ""), code("a", ""), code("not an id!", ""), code(undefined, "")] });
  assert.equal(new Set(ids(notebook)).size, 4);
  assert.equal(ids(notebook)[0], "a");
  assert.ok(ids(notebook).every((id) => /^[A-Za-z0-9_-]{1,64}$/.test(id)));
  assert.equal(notebook.toJSON().nbformat_minor, 5);
});

test("cells with parts missing or of other types are read as far as they go", () => {
  const [one, two, three] = notebookOf({ cell_type: "code" }, null, { cell_type: "heading", source: 7, metadata: [], outputs: "x" }).cells;
  assert.deepEqual([one.type, one.source, one.outputs, one.count], ["code", "", [], null]);
  assert.deepEqual([two.type, two.source], ["raw", ""]);
  assert.deepEqual([three.type, three.source, three.outputs], ["raw", "", []]);
});

test("what belongs to the lab is neither typed into, nor deleted, retyped, split or merged", () => {
  const notebook = notebookOf(graded("t", { grade: true }), graded("s", { solution: true }), code("mine", "a\nb"));
  const changes = heard(notebook);
  notebook.setSource("t", "hacked");
  assert.equal(notebook.find("t").source, "pass");
  for (const id of ["t", "s"]) {
    assert.equal(notebook.remove(id), false);
    assert.equal(notebook.retype(id, "markdown"), false);
    assert.equal(notebook.split(id, 2), null);
    assert.equal(notebook.mergeBelow(id), false);
  }
  assert.deepEqual(changes, []);

  notebook.setSource("s", "answer = 42");
  assert.equal(notebook.find("s").source, "answer = 42");
  assert.equal(notebook.remove("mine"), true);
  assert.deepEqual(changes, [{ kind: "source", id: "s" }, { kind: "cells", id: "mine" }]);
});

test("typing the same again is no change, and outputs are told as outputs", () => {
  const notebook = notebookOf(code("a", "1"), prose("b", "text"));
  const changes = heard(notebook);
  notebook.setSource("a", "1");
  notebook.setOutputs("b", [{}], 1);
  notebook.setOutputs("gone", [{}], 1);
  assert.deepEqual(changes, []);
  notebook.setOutputs("a", [{ output_type: "stream", name: "stdout", text: "1\n2" }], 4);
  assert.deepEqual(changes, [{ kind: "outputs", id: "a" }]);
  assert.deepEqual(notebook.toJSON().cells[0].outputs[0].text, ["1\n", "2"]);
  assert.equal(notebook.toJSON().cells[0].execution_count, 4);
});

test("deleted cells come back one after the other, where they were", () => {
  const notebook = notebookOf(code("a", "1"), code("b", "2"), code("c", "3"));
  notebook.remove("a");
  notebook.remove("c");
  assert.deepEqual(ids(notebook), ["b"]);
  assert.equal(notebook.restoreRemoved().id, "c");
  assert.equal(notebook.restoreRemoved().id, "a");
  assert.equal(notebook.restoreRemoved(), null);
  assert.deepEqual(ids(notebook), ["a", "b", "c"]);
});

test("a cell moves up and down as far as there are cells", () => {
  const notebook = notebookOf(code("a", ""), code("b", ""));
  assert.equal(notebook.move("a", -1), false);
  assert.equal(notebook.move("gone", 1), false);
  assert.equal(notebook.move("a", 1), true);
  assert.deepEqual(ids(notebook), ["b", "a"]);
  assert.equal(notebook.move("a", 1), false);
});

test("lines end as the editor ends them, whatever the file said", () => {
  const notebook = notebookOf(code("a", ["x\r\n", "y\r", "z"]), prose("b", "one\r\ntwo"));
  assert.deepEqual(notebook.cells.map((cell) => cell.source), ["x\ny\nz", "one\ntwo"]);
  assert.deepEqual(notebook.toJSON().cells[0].source, ["x\n", "y\n", "z"]);
});

test("a list that was put out as JSON is a list, and lists of lines are texts", () => {
  const data = { "application/json": ["a", "b"], "application/vnd.vega.v5+json": ["c"], "text/plain": ["d\n", "e"] };
  const notebook = notebookOf(code("a", "1", { outputs: [{ output_type: "display_data", metadata: {}, data }] }));
  assert.deepEqual(notebook.toJSON().cells[0].outputs[0].data, { ...data, "text/plain": "d\ne" });
});

test("another type keeps the text and forgets what code put out", () => {
  const notebook = notebookOf(code("a", "# x", { outputs: [{ output_type: "stream", name: "stdout", text: "1" }], execution_count: 1 }));
  assert.equal(notebook.retype("a", "code"), false);
  assert.equal(notebook.retype("a", "markdown"), true);
  assert.deepEqual(notebook.toJSON().cells[0], { cell_type: "markdown", id: "a", metadata: {}, source: ["# x"] });
});

test("a cell is cut in two at the cursor, and each half keeps the images it shows", () => {
  const images = { "one.png": { "image/png": "MQ==" }, "two.png": { "image/png": "Mg==" } };
  const notebook = notebookOf(prose("a", "![](attachment:one.png)\n![](attachment:two.png)", { attachments: images }));
  const made = notebook.split("a", "![](attachment:one.png)\n".length);
  assert.deepEqual(ids(notebook), ["a", made.id]);
  assert.equal(notebook.find("a").source, "![](attachment:one.png)");
  assert.equal(made.source, "![](attachment:two.png)");
  assert.deepEqual(made.attachments, { "two.png": images["two.png"] });
  assert.ok("one.png" in notebook.find("a").attachments);
});

test("two cells become one with the images of both", () => {
  const image = (data) => ({ "image/png": data });
  const notebook = notebookOf(
    prose("a", "![](attachment:i.png)", { attachments: { "i.png": image("MQ==") } }),
    prose("b", "![](attachment:i.png) ![](attachment:j.png)", { attachments: { "i.png": image("Mg=="), "j.png": image("Mw==") } }),
    code("c", "1"),
  );
  assert.equal(notebook.mergeBelow("a"), true);
  const [made, next] = notebook.toJSON().cells;
  assert.equal(made.source.join(""), "![](attachment:i.png)\n![](attachment:i-2.png) ![](attachment:j.png)");
  assert.deepEqual(made.attachments, { "i.png": image("MQ=="), "i-2.png": image("Mg=="), "j.png": image("Mw==") });
  assert.equal(next.id, "c");
  assert.equal(notebook.mergeBelow("a"), false, "text and code stay apart");
  assert.equal(notebook.mergeBelow("c"), false, "there is none below");
});

test("another notebook takes the place of this one, and what was deleted from it does not come back", () => {
  const notebook = notebookOf(code("a", ""), code("b", ""));
  notebook.remove("a");
  const changes = heard(notebook);
  notebook.load({ nbformat: 4, nbformat_minor: 5, metadata: { other: true }, cells: [code("z", "")] });
  assert.deepEqual(ids(notebook), ["z"]);
  assert.equal(notebook.toJSON().metadata.other, true);
  assert.equal(notebook.restoreRemoved(), null);
  assert.deepEqual(changes, [{ kind: "cells", id: null }]);
});
