import { page } from "./dom.js";

import assert from "node:assert/strict";
import { test } from "node:test";

import { Notebook } from "../src/notebook/model.js";
import { NotebookView } from "../src/notebook/view.js";
import { ScriptedKernel } from "./scripted_kernel.js";

const code = (id, source = "", marks = null) => ({ cell_type: "code", id, metadata: marks ? { nbgrader: { grade_id: id, ...marks } } : {}, source, outputs: [], execution_count: null });
const prose = (id, source) => ({ cell_type: "markdown", id, metadata: {}, source });

/** A page with these cells: `{ view, notebook, kernel, root, said, element(id), press(id, key) }`. */
function open(cells, { script = {}, config = {} } = {}) {
  page('<div id="root"></div>');
  const root = document.getElementById("root");
  const notebook = Notebook.from({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells });
  const kernel = new ScriptedKernel(script);
  const said = [];
  const view = new NotebookView({ root, notebook, kernel, config: { canAdd: true, serverOnly: [], nonce: "n", ...config }, say: (text) => said.push(text) });
  const element = (id) => document.getElementById(`cell-${id}`);
  const press = (id, key, how = {}) => {
    view.focus(id);
    element(id).dispatchEvent(new window.KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...how }));
  };
  return { view, notebook, kernel, root, said, element, press };
}

/* After everything that was begun and waits for nobody. */
const settled = () => new Promise((resolve) => { setTimeout(resolve, 20); });

const order = (root) => [...root.querySelectorAll(".nb-cell")].map((each) => each.dataset.cell);

/* Which cells were taken out of the page or put into it by `act`. */
function touched(root, act) {
  const watch = new MutationObserver(() => {});
  watch.observe(root, { childList: true });
  act();
  const nodes = watch.takeRecords().flatMap((each) => [...each.addedNodes, ...each.removedNodes]);
  return [...new Set(nodes.map((node) => node.dataset.cell))];
}

test("inserting, moving and deleting touch only the cells that it is about", () => {
  const { notebook, root } = open([code("a"), code("b"), code("c"), code("d")]);
  let made;
  assert.deepEqual(touched(root, () => { made = notebook.insert(2).id; }), [made]);
  assert.deepEqual(touched(root, () => notebook.remove("c")), ["c"]);
  assert.deepEqual(touched(root, () => notebook.restoreRemoved()), ["c"]);
  assert.equal(touched(root, () => notebook.move("d", -1)).length, 1);
  assert.deepEqual(order(root), ["a", "b", made, "d", "c"]);
});

test("a cell that is moved by keys keeps the focus and its element", () => {
  const { press, element, root, said } = open([code("a"), code("b"), code("c")]);
  const before = element("a");
  press("a", "ArrowDown", { shiftKey: true });
  assert.deepEqual(order(root), ["b", "a", "c"]);
  assert.equal(element("a"), before);
  assert.equal(document.activeElement, before);
  assert.deepEqual(said, ["Moved to place 2"]);
});

test("an editor keeps what is typed in it, and its focus, while cells come and go around it", () => {
  const { view, notebook } = open([code("a", "x = 1"), code("b")]);
  view.focus("a");
  view.current.edit();
  const editor = document.activeElement;
  assert.ok(editor.matches(".cm-content"));
  notebook.insert(0);
  notebook.move("b", -1);
  assert.equal(document.activeElement, editor);
});

test("a text cell that reads is drawn anew when it was merged", () => {
  const { notebook, element } = open([prose("a", "one"), prose("b", "**two**")]);
  assert.equal(element("a").querySelector(".prose").textContent.trim(), "one");
  notebook.mergeBelow("a");
  assert.equal(element("a").querySelector(".prose strong").textContent, "two");
});

test("the first cell is selected, and the next one where the selected one is gone", () => {
  const { view, press, notebook } = open([code("a"), code("b"), code("c")]);
  assert.equal(view.selected, "a");
  press("b", "d");
  press("b", "d");
  assert.equal(view.selected, "c");
  assert.equal(document.activeElement.dataset.cell, "c");
  notebook.load({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [code("z")] });
  assert.equal(view.selected, "z");
});

test("another version that takes the notebook's place leaves the focus at the same cell, or takes none", () => {
  const { view, notebook, element } = open([code("a"), code("b")]);
  const other = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [code("a", "x"), code("b", "y")] };
  view.focus("b");
  notebook.load(other);
  assert.equal(document.activeElement, element("b"));
  document.activeElement.blur();
  notebook.load(other);
  assert.equal(document.activeElement, document.body);
});

test("a text with other line ends is not changed by being shown", () => {
  const { notebook, view } = open([code("a", "x\r\ny\r\nz"), code("b")]);
  notebook.insert(0);
  assert.equal(notebook.find("a").source, "x\ny\nz");
  assert.equal(view.views.get("a").editor.text(), "x\ny\nz");
});

test("a letter typed into a text is no command", () => {
  const { view, notebook } = open([code("a"), code("b")]);
  view.focus("a");
  view.current.edit();
  for (let times = 0; times < 2; times += 1) document.activeElement.dispatchEvent(new window.KeyboardEvent("keydown", { key: "d", bubbles: true }));
  assert.equal(notebook.cells.length, 2);
});

test("cells of the lab stay, and say so", () => {
  const { press, said, notebook } = open([code("t", "assert True", { grade: true })]);
  press("t", "d");
  press("t", "d");
  assert.deepEqual(said, ["This cell belongs to the lab: it stays."]);
  assert.equal(notebook.cells.length, 1);
});

test("Run all runs code in its order and stops at what fails", async () => {
  const { view, kernel } = open([code("a", "1"), prose("p", "text"), code("b", "boom"), code("c", "3")], { script: { boom: { status: "error", ename: "ValueError", evalue: "no" } } });
  assert.equal(await view.runAll(), false);
  assert.deepEqual(kernel.ran, ["1", "boom"]);
  assert.equal(view.selected, "b");
});

test("Run all pressed again while it goes on queues nothing twice", async () => {
  const { view, kernel, said } = open([code("a", "1"), code("b", "2")]);
  const first = view.runAll();
  assert.equal(await view.runAll(), false);
  assert.equal(await view.check(), null);
  assert.equal(await first, true);
  assert.deepEqual(kernel.ran, ["1", "2"]);
  assert.deepEqual(said, ["Python is running", "Python is running", "All of it has run."]);
  assert.equal(await view.runAll(), true);
});

test("Run all tries again after Python could not be loaded", async () => {
  const { view, kernel } = open([code("a", "1")]);
  kernel.fails = "is the network gone?";
  assert.equal(await view.runAll(), false);
  kernel.fails = "";
  assert.equal(await view.runAll(), true);
  assert.deepEqual(kernel.ran, ["1"]);
});

test("above, below and alone: each runs what it says", async () => {
  const { view, kernel } = open([code("a", "1"), code("b", "2"), code("c", "3")]);
  await view.runTo("b");
  await view.runFrom("b");
  await view.runCell("a");
  assert.deepEqual(kernel.ran, ["1", "2", "2", "3", "1"]);
});

const printed = (text) => [{ output_type: "stream", name: "stdout", text }];

test("outputs are cleared, of one cell by its menu or of all, and are not saved any more", async () => {
  const { view, notebook, element, said } = open([{ ...code("a", "1"), outputs: printed("one"), execution_count: 3 }, { ...code("b", "2"), outputs: printed("two") }, prose("p", "text")]);
  const shown = (id) => element(id).querySelector(".nb-outputs").textContent;
  await settled();
  assert.deepEqual([shown("a"), shown("b")], ["one", "two"]);
  const menu = element("a").querySelector("details.nb-menu");
  menu.open = true;
  await settled();
  [...menu.querySelectorAll("button")].find((each) => each.textContent === "Clear outputs").click();
  await settled();
  assert.deepEqual([shown("a"), shown("b")], ["", "two"]);
  assert.equal(element("a").querySelector(".nb-count").textContent, "");
  view.clearOutputs();
  await settled();
  assert.equal(shown("b"), "");
  assert.deepEqual(notebook.toJSON().cells.map((cell) => cell.outputs), [[], [], undefined]);
  assert.deepEqual(said, ["Outputs are cleared.", "Outputs are cleared."]);
});

test("what is cleared while a cell runs does not come back with what it puts out next", async () => {
  const chatty = ({ onOutput }) => {
    onOutput(printed("before")[0]);
    view.clearOutputs(["a"]);
    onOutput(printed("after")[0]);
  };
  const { view, notebook } = open([code("a", "chatty")], { script: { chatty: { act: chatty } } });
  await view.runCell("a");
  assert.deepEqual(notebook.find("a").outputs, printed("after"));
});

test("a cell whose outputs are not saved says so", () => {
  const { view, element } = open([code("a"), code("b")]);
  const told = (id) => [...element(id).querySelectorAll("p.hint:not([hidden])")].map((each) => each.textContent);
  view.leaveOut(new Set(["b"]));
  assert.deepEqual([told("a"), told("b")], [[], ["This output is too large to be saved; it is shown until you leave."]]);
  view.leaveOut(new Set());
  assert.deepEqual(told("b"), []);
});

test("the self-check runs on after errors and counts the visible tests, whatever they are called", async () => {
  const tests = (id, source) => code(id, source, { grade: true, points: 1 });
  const cells = [code("own", "boom"), tests("constructor", "ok"), tests("__proto__", "boom"), tests("toString", "ok"), tests("slurm", "never")];
  const { view, kernel, element } = open(cells, { script: { boom: { status: "error", ename: "AssertionError", evalue: "no" } }, config: { serverOnly: ["slurm"] } });
  assert.deepEqual(await view.check(), { passed: 2, of: 3, isOutdated: false });
  assert.deepEqual(kernel.ran, ["boom", "ok", "boom", "ok"]);
  assert.equal(element("__proto__").dataset.verdict, "wrong");
  assert.equal(element("constructor").dataset.verdict, "right");
  assert.equal(element("slurm").dataset.verdict, "waiting");
});

const heard = (element) => element.querySelector("[role=status]").textContent;

test("how a run ended is heard: what it put out, that it ran, or what its test says", async () => {
  const wrong = { status: "error", ename: "AssertionError", evalue: "eight faults", act: ({ onOutput }) => onOutput({ output_type: "error", ename: "AssertionError", evalue: "eight faults", traceback: [] }) };
  const { view, element } = open([code("a", "x = 1"), code("b", "print"), code("t", "right", { grade: true }), code("u", "wrong", { grade: true })], {
    script: { print: { act: ({ onOutput }) => onOutput(printed("hello")[0]) }, wrong },
  });
  for (const id of ["a", "b", "t", "u"]) await view.runCell(id);
  assert.deepEqual(["a", "b", "t", "u"].map((id) => heard(element(id))), ["It has run.", "Output: hello", "Right, here in your browser. ", "Not yet: eight faults"]);
});

test("of many cells that run, each says what it has to say, and the end that all have run", async () => {
  const { view, element, said } = open([code("a", "x = 1"), code("t", "right", { grade: true })]);
  await view.runAll();
  assert.deepEqual([heard(element("a")), heard(element("t")), said], ["", "", ["All of it has run."]]);
});

test("a run that never began says nothing of its own, since the page does", async () => {
  const { view, kernel, element } = open([{ ...code("a", "1"), outputs: printed("of before") }]);
  kernel.fails = "is the network gone?";
  await view.runCell("a");
  assert.equal(heard(element("a")), "");
});

test("what the browser said of tests is said of the code as it was: another makes it old, a text or an empty cell does not", async () => {
  const { view, notebook, element } = open([code("s", "x = 1", { solution: true }), code("t", "right", { grade: true }), code("u", "boom", { grade: true }), prose("p", "one")], {
    script: { boom: { status: "error", ename: "AssertionError", evalue: "no" } },
  });
  let outdated = 0;
  view.on("outdated", () => { outdated += 1; });
  const verdict = (id) => element(id).querySelector(".nb-verdict").textContent;
  await view.check();
  notebook.setSource("p", "two");
  notebook.insert(1);
  assert.deepEqual([verdict("t"), outdated], ["Right, here in your browser. ", 0]);
  view.typed(view.views.get("s"), "x = 2");
  view.typed(view.views.get("s"), "x = 23");
  assert.deepEqual([verdict("t"), verdict("u")], ["Right, here in your browser.  The notebook has changed since.", "Not yet: no The notebook has changed since."]);
  assert.ok("outdated" in element("t").dataset);
  assert.equal(outdated, 1);
  await view.runCell("t");
  assert.equal(verdict("t"), "Right, here in your browser. ");
  assert.ok(!("outdated" in element("t").dataset));
});

test("what the server said when it was handed in stays, and code that changes during a check is told with its end", async () => {
  let meanwhile = () => {};
  const { view, element, notebook } = open([code("s", "slow", { solution: true }), code("t", "right", { grade: true })], { script: { slow: { act: () => meanwhile() } } });
  view.showVerdicts(new Map([["t", { state: "right", text: "2 of 2 points." }]]));
  view.typed(view.views.get("s"), "slow ");
  assert.equal(element("t").querySelector(".nb-verdict").textContent, "When you handed in: 2 of 2 points.");
  notebook.setSource("s", "slow");
  meanwhile = () => notebook.setSource("s", "other");
  assert.equal((await view.check()).isOutdated, true);
});

test("what the server found stands at its cells, also at those called like a part of every object", () => {
  const { view, element } = open([code("constructor", "", { grade: true }), code("__proto__", "", { grade: true }), code("mine")]);
  view.showVerdicts(new Map());
  assert.equal(element("constructor").dataset.verdict, undefined);
  view.showVerdicts(new Map([["constructor", { state: "right", text: "2 of 2 points." }], ["__proto__", { state: "wrong", text: "0 of 1 points." }]]));
  assert.match(element("constructor").querySelector(".nb-verdict").textContent, /When you handed in: 2 of 2 points/);
  assert.equal(element("__proto__").dataset.verdict, "wrong");
  assert.equal(element("mine").dataset.verdict, undefined);
});

test("a changed answer takes back what was said of it", () => {
  const { view, element } = open([code("s", "", { solution: true })]);
  view.showVerdicts(new Map([["s", { state: "right", text: "2 of 2 points." }]]));
  view.typed(view.views.get("s"), "x = 2");
  assert.equal(element("s").dataset.verdict, undefined);
});

test("after the last cell Shift Enter makes another, and elsewhere only goes on", async () => {
  const { press, view, notebook, kernel } = open([code("a", "1"), code("b", "2")]);
  press("a", "Enter", { shiftKey: true });
  assert.equal(view.selected, "b");
  assert.equal(notebook.cells.length, 2);
  press("b", "Enter", { shiftKey: true });
  assert.equal(notebook.cells.length, 3);
  await settled();
  assert.deepEqual(kernel.ran, ["1", "2"]);
});

test("where the cells stay as they are there is nothing to add with, and keys that would change them say so", async () => {
  const { root, view, notebook, press, said, kernel } = open([code("a", "1"), code("b", "2"), prose("c", "x")], { config: { canAdd: false } });
  assert.equal(root.querySelector(".nb-end"), null);
  const before = notebook.toJSON().cells.map(({ id, cell_type, source }) => [id, cell_type, source]);
  press("a", "c");
  said.length = 0;
  const changing = [["a"], ["b"], ["v"], ["m"], ["M", { shiftKey: true }], ["ArrowDown", { shiftKey: true }], ["Enter", { altKey: true }]];
  for (const [key, how] of changing) press("a", key, how);
  press("b", "d");
  press("b", "d");
  view.focus("a");
  view.keysOf(view.current).find(({ key }) => key === "Mod-Shift--").run();
  assert.deepEqual(said, Array(changing.length + 2).fill("The cells of this lab stay as they are."));
  press("c", "Enter", { shiftKey: true });
  assert.deepEqual(notebook.toJSON().cells.map(({ id, cell_type, source }) => [id, cell_type, source]), before);
  await settled();
  assert.deepEqual(kernel.ran, ["1"]);
});

test("the buttons below the last cell add after it and are not drawn anew", () => {
  const { root, notebook } = open([code("a"), prose("b", "x")]);
  const [addCode, addText] = root.querySelectorAll(".nb-end button");
  addText.click();
  addCode.click();
  assert.deepEqual(notebook.cells.map((cell) => cell.type), ["code", "markdown", "markdown", "code"]);
  assert.equal(root.querySelector(".nb-end button"), addCode);
  assert.equal(root.lastElementChild, addCode.parentElement);
});
