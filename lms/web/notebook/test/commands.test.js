import assert from "node:assert/strict";
import { test } from "node:test";

import { commandOf, editorKeys, sheet } from "../src/notebook/commands.js";
import { Notebook } from "../src/notebook/model.js";

/* What commands ask of the page, written down in the order it was asked. */
class RecordingView {
  constructor(...cells) {
    this.notebook = Notebook.from({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells });
    this.selected = this.notebook.cells[0].id;
    this.kernel = { state: "ready" };
    this.pending = null;
    this.copied = null;
    this.asked = [];
    this.said = [];
    this.now = 0;
    this.handlers = Object.fromEntries(["interrupt", "restart", "find", "help"].map((name) => [name, () => this.asked.push(name)]));
    for (const name of ["moveCell", "insertAt", "runCell", "step", "next", "numberLines"]) this[name] = (...all) => this.asked.push([name, ...all]);
  }

  get current() {
    return { cell: this.notebook.find(this.selected), edit: () => this.asked.push("edit"), drawOutputs: () => this.asked.push("draw") };
  }

  say(text) {
    this.said.push(text);
  }

  mayChangeCells() {
    return true;
  }

  select(id) {
    this.selected = id;
  }

  focus(id) {
    this.select(id);
    this.asked.push(["focus", id]);
  }

  removeCell(id) {
    this.asked.push(["removeCell", id]);
    this.notebook.remove(id);
  }

  /** Presses keys one after the other, `wait` milliseconds apart; whether the last one was a command. */
  press(keys, { wait = 100, ...how } = {}) {
    let act = null;
    for (const key of keys) {
      this.now += wait;
      act = commandOf({ key, timeStamp: this.now, repeat: false, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...how }, this);
      act?.();
    }
    return act !== null;
  }
}

const code = (id, source = "") => ({ cell_type: "code", id, metadata: {}, source, outputs: [], execution_count: null });
const view = () => new RecordingView(code("a", "1"), code("b", "2"), code("c", "3"));

test("D D deletes a cell; a D that is held down deletes none", () => {
  const page = view();
  page.press(["d"]);
  page.press(["d", "d", "d", "d"], { repeat: true, wait: 30 });
  assert.deepEqual(page.asked, []);
  page.press(["d"]);
  assert.deepEqual(page.asked, [["removeCell", "a"]]);
});

test("two letters are a pair only in a row, within a second, and on the same cell", () => {
  const page = view();
  page.press(["d", "c", "d"]);
  page.press(["d"], { wait: 1001 });
  page.select("b");
  page.press(["d"]);
  page.press(["i", "0", "d"]);
  assert.deepEqual(page.asked, []);
  page.press(["d"]);
  assert.deepEqual(page.asked, [["removeCell", "b"]]);
});

test("only walking and moving go on while a key is held", () => {
  const page = view();
  page.copied = { type: "code", source: "x", attachments: {} };
  for (const key of ["x", "v", "z", "a", "b", "m", "y", "r", "o", "l", "f", "h", "0", "i", "c"]) assert.equal(page.press([key], { repeat: true }), false, key);
  for (const how of [{ shiftKey: true }, { ctrlKey: true }, { altKey: true }]) assert.equal(page.press(["Enter"], { repeat: true, ...how }), false);
  assert.deepEqual([page.asked, page.said, page.notebook.cells.length], [[], [], 3]);
  page.press(["j", "ArrowUp"], { repeat: true });
  page.press(["ArrowDown"], { repeat: true, shiftKey: true });
  assert.deepEqual(page.asked, [["step", 1], ["step", -1], ["moveCell", "a", 1]]);
});

test("I I stops what runs, and says so where nothing does", () => {
  const page = view();
  for (const state of ["off", "starting", "ready", "dead"]) {
    page.kernel.state = state;
    page.press(["i", "i"]);
  }
  assert.deepEqual(page.asked, []);
  assert.deepEqual(page.said, Array(4).fill("Nothing is running."));
  page.kernel.state = "busy";
  page.press(["i", "i"]);
  assert.deepEqual(page.asked, ["interrupt"]);
});

test("0 0 asks for a new Python", () => {
  const page = view();
  page.press(["0", "0"]);
  assert.deepEqual(page.asked, ["restart"]);
});

test("Enter edits, and runs with Shift, Ctrl or Alt", () => {
  const page = view();
  page.press(["Enter"]);
  page.press(["Enter"], { shiftKey: true });
  page.press(["Enter"], { metaKey: true });
  page.press(["Enter"], { altKey: true });
  assert.deepEqual(page.asked, ["edit", ["runCell", "a"], ["next", { edits: true }], ["runCell", "a"], ["runCell", "a"], ["insertAt", "a", 1, "code"]]);
});

test("single keys insert, number, fold, find and help", () => {
  const page = view();
  page.press(["a", "b", "l", "o", "f", "h", "?"]);
  assert.deepEqual(page.asked, [["insertAt", "a", 0, "code"], ["insertAt", "a", 1, "code"], ["numberLines"], "draw", "find", "help", "help"]);
  assert.equal(page.press(["q"]), false);
});

test("what is cut is pasted below, with its images", () => {
  const image = { "i.png": { "image/png": "MQ==" } };
  const page = new RecordingView({ cell_type: "markdown", id: "m", metadata: {}, source: "![](attachment:i.png)", attachments: image }, code("b"));
  page.press(["x"]);
  assert.deepEqual(page.said, ["Copied"]);
  page.select("b");
  page.press(["v"]);
  const pasted = page.notebook.cells[1];
  assert.deepEqual([pasted.type, pasted.source, pasted.attachments], ["markdown", "![](attachment:i.png)", image]);
  assert.notEqual(pasted.id, "m");
  assert.equal(page.selected, pasted.id);
});

test("Z brings back what was deleted, and says so where nothing was", () => {
  const page = view();
  page.press(["z"]);
  assert.deepEqual(page.said, ["No cell was deleted."]);
  page.notebook.remove("b");
  page.press(["z"]);
  assert.equal(page.selected, "b");
});

test("type and merging are refused with a reason for what belongs to the lab", () => {
  const given = { ...code("g"), metadata: { nbgrader: { grade_id: "g" } } };
  const page = new RecordingView(given, code("b"), code("c"));
  page.press(["m"]);
  page.press(["M"], { shiftKey: true });
  assert.deepEqual(page.said, ["This cell belongs to the lab: its type stays.", "Only cells of your own can be merged."]);
  page.select("b");
  page.press(["M"], { shiftKey: true });
  page.press(["m"]);
  assert.equal(page.notebook.cells.length, 2);
  assert.equal(page.notebook.find("b").type, "markdown");
});

const bound = (page, key, editor = {}) => editorKeys(page, { cell: page.notebook.find(page.selected), editor }).find((each) => each.key === key).run();

test("a cell is split at the cursor while it is typed in, and the second half is gone on with", () => {
  const page = new RecordingView(code("a", "one\ntwo"));
  assert.equal(bound(page, "Mod-Shift--", { cursor: () => 4 }), true);
  assert.deepEqual(page.notebook.cells.map((cell) => cell.source), ["one", "two"]);
  assert.equal(page.selected, page.notebook.cells[1].id);
  assert.deepEqual(page.asked, ["edit"]);
});

test("Escape leaves the text, unless it first closes a list of completions", () => {
  const page = view();
  assert.equal(bound(page, "Escape", { isCompleting: () => true }), false);
  assert.equal(bound(page, "Escape", { isCompleting: () => false }), true);
  assert.deepEqual(page.asked, [["focus", "a"]]);
});

test("a run that is held down in the text is one run, and plain Enter still writes lines", () => {
  const page = view();
  const [{ any }] = editorKeys(page, { cell: page.notebook.find("a") });
  assert.ok(any(null, { key: "Enter", repeat: true, shiftKey: true }));
  assert.ok(!any(null, { key: "Enter", repeat: false, shiftKey: true }));
  assert.ok(!any(null, { key: "Enter", repeat: true }));
  assert.ok(!any(null, { key: "x", repeat: true, ctrlKey: true }));
});

test("the help sheet tells what each key does, once", () => {
  for (const [mode, rows] of Object.entries(sheet())) {
    assert.ok(mode && rows.length);
    assert.ok(rows.every(([keys, what]) => keys && what));
    assert.equal(new Set(rows.map(([keys]) => keys)).size, rows.length);
  }
});
