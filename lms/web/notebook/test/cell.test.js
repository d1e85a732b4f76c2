import { page } from "./dom.js";

import assert from "node:assert/strict";
import { test } from "node:test";

import { CellView } from "../src/notebook/cell.js";
import { Notebook } from "../src/notebook/model.js";
import { ScriptedKernel } from "./scripted_kernel.js";

/* The page that a cell stands on: what its buttons ask for is written down. */
class RecordingOwner {
  constructor({ serverOnly = [], canAdd = true } = {}) {
    this.config = { serverOnly, nonce: "n" };
    this.canAdd = canAdd;
    this.showsNumbers = false;
    this.kernel = new ScriptedKernel();
    this.asked = [];
    for (const name of ["runCell", "runTo", "runFrom", "insertAt", "moveCell", "removeCell", "typed", "forgetVerdict"]) {
      this[name] = (...all) => this.asked.push([name, ...all.map((each) => (each instanceof CellView ? each.cell.id : each))]);
    }
  }

  keysOf() {
    return [];
  }
}

const drawn = () => new Promise((resolve) => { requestAnimationFrame(() => resolve()); });

/** One cell on an empty page: `{ view, element, owner, cell }`. */
function open(raw, options) {
  const [cell] = Notebook.from({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [{ id: "a", metadata: {}, source: "", outputs: [], ...raw }] }).cells;
  const owner = new RecordingOwner(options);
  const view = new CellView(cell, owner);
  page().append(view.element);
  return { view, element: view.element, owner, cell };
}

const code = (source, marks = null, more = {}) => ({ cell_type: "code", source, metadata: marks ? { nbgrader: { grade_id: "g", ...marks } } : {}, ...more });
const prose = (source, marks = null, more = {}) => ({ ...code(source, marks, more), cell_type: "markdown" });
const label = (raw, options) => {
  const { view, element } = open(raw, options);
  view.number(2);
  return element.getAttribute("aria-label");
};

test("a cell says where it stands, what it is, what it is worth, and whether it is locked", () => {
  assert.equal(label(code("")), "Code cell 3, Code");
  assert.equal(label(prose("x")), "Text cell 3, Text");
  assert.equal(label({ cell_type: "raw", source: "x" }), "Text cell 3, Plain text");
  assert.equal(label(code("", { solution: true })), "Code cell 3, Your answer: g");
  assert.equal(label(prose("x", { solution: true, grade: true, points: 3 })), "Text cell 3, Your answer, read by a mentor: g, 3 points");
  assert.equal(label(code("", { grade: true, points: 2 })), "Code cell 3, Tests: g, 2 points, locked");
  assert.equal(label(code("", { grade: true }), { serverOnly: ["g"] }), "Code cell 3, Tried on the server only: g, locked");
  assert.equal(label(prose("x", {})), "Text cell 3, Given, locked");
});

test("one point is one point", () => {
  assert.equal(label(code("", { grade: true, points: 1 })), "Code cell 3, Tests: g, 1 point, locked");
  assert.equal(open(code("", { grade: true, points: 1 })).element.querySelector(".nb-head .hint").textContent, "1 point");
});

test("code is an editor; a text is read, and written once it is edited", () => {
  assert.ok(open(code("x = 1")).element.querySelector(".cm-content"));
  const { view, element } = open(prose("some **text**"));
  assert.equal(element.querySelector("strong").textContent, "text");
  view.edit();
  assert.equal(document.activeElement, element.querySelector(".cm-content"));
  view.render();
  assert.equal(element.querySelector(".cm-content"), null);
  assert.ok(open(prose("")).element.querySelector(".cm-content"), "an empty text is there to be written");
});

test("plain text is shown as it is written", () => {
  const { view, element } = open({ cell_type: "raw", source: "# plain *text* $x$\n  and <b>more</b>" });
  assert.equal(element.querySelector(".prose").innerHTML, '<pre class="nb-text"># plain *text* $x$\n  and &lt;b&gt;more&lt;/b&gt;</pre>');
  view.edit();
  assert.ok(element.querySelector(".cm-content"));
});

test("a locked text is not edited", () => {
  const { view, element } = open(prose("the task", {}));
  view.edit();
  assert.equal(element.querySelector(".cm-content"), null);
});

test("a written answer invites, and its placeholder is not shown", () => {
  const { element } = open(prose("YOUR ANSWER HERE", { solution: true, grade: true }));
  const invite = element.querySelector(".nb-body button");
  assert.equal(invite.textContent, "Write your answer");
  assert.equal(element.querySelector(".prose"), null);
  invite.click();
  assert.ok(element.querySelector(".cm-content"));
  assert.equal(open(prose("Because.", { solution: true, grade: true })).element.querySelector(".nb-body button").textContent, "Edit your answer");
});

test("a text that something else changed is shown as it is by now", () => {
  const { view, element, cell } = open(prose("one"));
  const before = element.querySelector(".prose");
  view.refresh();
  assert.equal(element.querySelector(".prose"), before, "nothing changed");
  cell.source = "two";
  view.refresh();
  assert.equal(element.querySelector(".prose").textContent.trim(), "two");
  const typed = open(code("1"));
  typed.cell.source = "2";
  typed.view.refresh();
  assert.equal(typed.view.editor.text(), "2");
});

test("what is typed is told, and nothing can be typed into what is locked", () => {
  const { view, owner } = open(code("x"));
  view.editor.set("y");
  assert.deepEqual(owner.asked, [["typed", "a", "y"]]);
  assert.ok(open(code("x", { grade: true })).view.editor.view.state.readOnly);
});

test("long tests are folded under their first comment, and unfolded to be read", () => {
  const { view, element } = open(code(`# How many faults there are\n${"assert True\n".repeat(9)}`, { grade: true }));
  const fold = element.querySelector("details.nb-fold");
  assert.equal(fold.querySelector("summary").textContent, "How many faults there are");
  view.edit();
  assert.ok(fold.open);
  assert.equal(open(code("assert True\n".repeat(9), { grade: true })).element.querySelector(".nb-fold summary").textContent, "10 lines of tests");
  assert.equal(open(code("assert True", { grade: true })).element.querySelector(".nb-fold"), null);
});

test("how far a run is stands at its head: waiting, running and for how long, and its number", (context) => {
  context.mock.timers.enable({ apis: ["setInterval", "Date"] });
  const { view, element, cell } = open(code("x"));
  const count = () => element.querySelector(".nb-count").textContent;
  assert.equal(count(), "");
  view.become("queued");
  assert.equal(count(), "waiting");
  view.become("running", "Running");
  assert.equal(count(), "running");
  assert.equal(element.querySelector("[role=status]").textContent, "Running");
  context.mock.timers.tick(3000);
  assert.equal(count(), "running, 3 s");
  cell.count = 7;
  view.become("done");
  context.mock.timers.tick(3000);
  assert.equal(count(), "[7]");
  view.edited();
  assert.equal(element.dataset.state, "stale");
});

test("outputs are drawn once for many that come at a time, and no more than a page can take", async () => {
  const { view, element, cell } = open(code("x"));
  await drawn();
  let draws = 0;
  const replace = view.outputs.replaceChildren.bind(view.outputs);
  view.outputs.replaceChildren = (...all) => { draws += 1; replace(...all); };
  cell.outputs = Array.from({ length: 250 }, (_each, index) => ({ output_type: "stream", name: "stdout", text: String(index) }));
  for (let times = 0; times < 5; times += 1) view.drawOutputs();
  await drawn();
  await drawn();
  assert.equal(draws, 1);
  assert.equal(element.querySelectorAll(".nb-outputs pre").length, 200);
  assert.match(element.querySelector(".nb-outputs").textContent, /50 more outputs are not drawn/);
});

test("input() asks under its cell, and a secret is not shown", async () => {
  const { view, element } = open(code("x"));
  const answer = view.ask("Who?", false);
  const field = element.querySelector("input");
  assert.equal(element.querySelector("label").textContent, "The notebook asks: Who?");
  assert.equal(element.querySelector("label").htmlFor, field.id);
  assert.equal(document.activeElement, field);
  field.value = "Ada";
  element.querySelector("form").dispatchEvent(new window.Event("submit", { cancelable: true }));
  assert.equal(await answer, "Ada");
  assert.equal(element.querySelector("form"), null);

  view.ask("", false);
  assert.equal(element.querySelector("label").textContent, "The notebook asks: a line of text");
  view.endAsking();
  assert.equal(element.querySelector("form"), null);
});

test("a secret is masked, in no field that is filled in with a password of this site", (context) => {
  const asked = () => {
    const { view, element } = open(code("x"));
    view.ask("Your session has ended. Password:", true);
    return element.querySelector("input");
  };
  assert.deepEqual([asked().type, asked().autocomplete], ["password", "one-time-code"], "where nothing else masks");
  globalThis.CSS = { supports: (property) => property === "-webkit-text-security" };
  context.after(() => { delete globalThis.CSS; });
  assert.deepEqual([asked().type, asked().autocomplete, asked().className], ["text", "off", "nb-secret"]);
});

test("a verdict stands at its cell with whose word it is, and goes again", () => {
  const { view, element } = open(code("x", { grade: true }));
  view.judge({ state: "wrong", text: "eight faults" }, "Not yet:");
  assert.equal(element.querySelector(".nb-verdict").textContent, "Not yet: eight faults");
  assert.equal(element.dataset.verdict, "wrong");
  view.judge(null);
  assert.equal(element.querySelector(".nb-verdict").childElementCount, 0);
  assert.equal(element.dataset.verdict, undefined);
});

/* The texts of a cell's menu, once it is opened. */
async function menu(raw, options) {
  const { element, owner } = open(raw, options);
  const details = element.querySelector("details.nb-menu");
  details.open = true;
  await new Promise((resolve) => { setTimeout(resolve, 5); });
  return { texts: [...details.querySelectorAll("button")].map((each) => each.textContent), details, owner };
}

test("a cell's menu offers what can be done with it, and no more", async () => {
  const adding = ["Insert code below", "Insert text below", "Move up", "Move down"];
  const running = ["Run all above, and this", "Run this and all below", "Clear outputs"];
  assert.deepEqual((await menu(code("x"))).texts, [...running, ...adding, "Delete"]);
  assert.deepEqual((await menu(code("x", { grade: true }))).texts, [...running, ...adding]);
  assert.deepEqual((await menu(prose("x"))).texts, ["Edit", ...adding, "Delete"]);
  assert.deepEqual((await menu(code("x"), { canAdd: false })).texts, running);
  assert.deepEqual((await menu(prose("x"), { canAdd: false })).texts, ["Edit"]);
  assert.equal(open(prose("x", {}), { canAdd: false }).element.querySelector(".nb-menu"), null);
  const { details, owner } = await menu(code("x"));
  [...details.querySelectorAll("button")].at(-1).click();
  assert.deepEqual(owner.asked, [["removeCell", "a"]]);
  assert.ok(!details.open);
});

test("code is run by its button, which what only the server tries has not", () => {
  const { element, owner } = open(code("x"));
  element.querySelector(".nb-run").click();
  assert.deepEqual(owner.asked, [["runCell", "a"]]);
  assert.equal(open(code("x", { grade: true }), { serverOnly: ["g"] }).element.querySelector(".nb-run"), null);
  assert.equal(open(prose("x")).element.querySelector(".nb-run"), null);
});

test("a cell that is gone ticks no more", (context) => {
  context.mock.timers.enable({ apis: ["setInterval", "Date"] });
  const { view, element } = open(code("x"));
  view.become("running");
  view.destroy();
  context.mock.timers.tick(5000);
  assert.equal(element.querySelector(".nb-count").textContent, "running");
});
