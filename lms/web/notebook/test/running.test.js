import assert from "node:assert/strict";
import { test } from "node:test";

import { Notebook } from "../src/notebook/model.js";
import { runView, stops, verdictOf } from "../src/notebook/running.js";
import { ScriptedKernel } from "./scripted_kernel.js";

/* What a run asks of its cell on the page, written down. */
class RecordingCell {
  constructor(cell, answer = "") {
    this.cell = cell;
    this.answer = answer;
    this.states = [];
    this.asked = [];
  }

  become(state) {
    this.states.push(state);
  }

  drawOutputs() {
    this.drawn = structuredClone(this.cell.outputs);
  }

  async ask(prompt, isSecret) {
    this.asked.push([prompt, isSecret]);
    return this.answer;
  }
}

const out = (text, name = "stdout") => ({ output_type: "stream", name, text });
const shown = (text) => ({ output_type: "display_data", data: { "text/plain": text }, metadata: {} });

/** Runs a cell whose code does `act`: `{ view, notebook, result, outputs }`. */
async function run(act, { ending = {}, answer = "", kernel = new ScriptedKernel({ code: { act, ...ending } }) } = {}) {
  const notebook = Notebook.from({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [{ cell_type: "code", id: "a", metadata: {}, source: "code", outputs: [out("before")], execution_count: 9 }] });
  const view = new RecordingCell(notebook.find("a"), answer);
  const result = await runView(view, kernel, notebook);
  return { view, notebook, result, outputs: notebook.find("a").outputs };
}

test("a run that ends well leaves its outputs and its number", async () => {
  const { view, notebook, result, outputs } = await run(({ onOutput }) => onOutput(shown("1")));
  assert.deepEqual(view.states, ["queued", "running", "done"]);
  assert.deepEqual(outputs, [shown("1")]);
  assert.equal(notebook.find("a").count, 1);
  assert.equal(result.status, "ok");
  assert.deepEqual(view.drawn, [shown("1")]);
});

test("what is printed in pieces is one output for each stream", async () => {
  const { outputs } = await run(({ onOutput }) => {
    for (const text of ["a", "b"]) onOutput(out(text));
    onOutput(out("!", "stderr"));
    onOutput(out("c"));
  });
  assert.deepEqual(outputs, [out("ab"), out("!", "stderr"), out("c")]);
});

test("outputs end where a page can take no more", async () => {
  const many = await run(({ onOutput }) => { for (let index = 0; index < 600; index += 1) onOutput(shown(String(index))); });
  assert.equal(many.outputs.length, 500);
  const long = await run(({ onOutput }) => { for (let index = 0; index < 30; index += 1) onOutput(out("x".repeat(100_000))); });
  assert.ok(long.outputs[0].text.length <= 1_100_000);
});

test("outputs are cleared at once, or when the next one comes", async () => {
  const now = await run(({ onOutput, onClear }) => { onOutput(out("old")); onClear(false); });
  assert.deepEqual(now.outputs, []);
  const later = await run(({ onOutput, onClear }) => { onOutput(out("old")); onClear(true); });
  assert.deepEqual(later.outputs, [out("old")]);
  const then = await run(({ onOutput, onClear }) => { onOutput(out("old")); onClear(true); onOutput(out("new")); });
  assert.deepEqual(then.outputs, [out("new")]);
});

test("a display is updated wherever it was shown", async () => {
  const { outputs } = await run(({ onOutput, onUpdate }) => {
    onOutput(shown("0 %"), "bar");
    onOutput(shown("0 %"), "bar");
    onOutput(shown("else"), "constructor");
    onUpdate("bar", shown("100 %"));
    onUpdate("unknown", shown("never"));
  });
  assert.deepEqual(outputs, [shown("100 %"), shown("100 %"), shown("else")]);
});

test("what was answered stands among the outputs, and a secret does not", async () => {
  const ask = (how) => async ({ onAsk }) => { await onAsk("Who? ", how); };
  const open = await run(ask({ password: false }), { answer: "Ada" });
  assert.deepEqual([open.view.asked, open.outputs], [[["Who? ", false]], [out("Who? Ada\n")]]);
  const secret = await run(ask({ password: true }), { answer: "hunter2" });
  assert.deepEqual([secret.view.asked, secret.outputs], [[["Who? ", true]], [out("Who? •••\n")]]);
});

test("an error and an interrupt end as failed, and stop what is behind", async () => {
  for (const status of ["error", "interrupted"]) {
    const { view, result } = await run(() => {}, { ending: { status, ename: "X" } });
    assert.equal(view.states.at(-1), "failed");
    assert.ok(stops(result));
  }
});

test("a run that never began keeps what the cell had put out before", async () => {
  const kernel = new ScriptedKernel();
  kernel.fails = "is the network gone?";
  const { view, result, outputs, notebook } = await run(() => {}, { kernel });
  assert.deepEqual(view.states, ["queued", "idle"]);
  assert.deepEqual([result.status, result.evalue], ["aborted", "is the network gone?"]);
  assert.deepEqual(outputs, [out("before")]);
  assert.equal(notebook.find("a").count, 9);
  assert.ok(stops(result));
});

test("outputs of a cell that another took the place of meanwhile go to neither", async () => {
  const notebook = Notebook.from({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [{ cell_type: "code", id: "a", metadata: {}, source: "code", outputs: [] }] });
  const act = ({ onOutput }) => {
    notebook.load({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [{ cell_type: "code", id: "a", metadata: {}, source: "restored", outputs: [] }] });
    onOutput(out("late"));
  };
  await runView(new RecordingCell(notebook.find("a")), new ScriptedKernel({ code: { act } }), notebook);
  assert.deepEqual([notebook.find("a").source, notebook.find("a").outputs, notebook.find("a").count], ["restored", [], null]);
});

test("a test that fails says what its author wrote, or which error it met", () => {
  assert.deepEqual(verdictOf({ status: "ok" }), { state: "right", text: "" });
  assert.deepEqual(verdictOf({ status: "error", ename: "AssertionError", evalue: "eight faults" }), { state: "wrong", text: "eight faults" });
  assert.deepEqual(verdictOf({ status: "error", ename: "AssertionError", evalue: "" }), { state: "wrong", text: "AssertionError" });
  assert.deepEqual(verdictOf({ status: "error", ename: "NameError", evalue: "name 'x'" }), { state: "wrong", text: "NameError: name 'x'" });
  assert.deepEqual(verdictOf({ status: "error", ename: "KeyboardInterrupt", evalue: "" }), { state: "wrong", text: "KeyboardInterrupt" });
  assert.equal(verdictOf({ status: "aborted" }).state, "waiting");
});
