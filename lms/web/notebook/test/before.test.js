import { page } from "./dom.js";

import assert from "node:assert/strict";
import { test } from "node:test";

import { asks, tellBefore } from "../src/notebook/before.js";
import { Notebook } from "../src/notebook/model.js";
import { ScriptedKernel } from "./scripted_kernel.js";

const code = (source) => ({ cell_type: "code", id: "a", metadata: {}, source, outputs: [], execution_count: null });
const prose = (source) => ({ cell_type: "markdown", id: "b", metadata: {}, source });

/** What the page of these cells tells before one starts: `{ notebook, said, seen(), isOpen() }`, where `seen` names what can be read. */
async function told(facts, ...cells) {
  page('<details id="before" hidden><ul><li id="stopping" hidden>Stop</li><li id="asking" hidden>Ask</li></ul></details>');
  const [box, stopping, asking] = ["before", "stopping", "asking"].map((id) => document.getElementById(id));
  const notebook = Notebook.from({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells });
  const kernel = new ScriptedKernel();
  kernel.framed = Promise.resolve(facts);
  const said = [];
  await tellBefore({ box, stopping, asking, kernel, notebook, say: (text) => said.push(text) });
  const seen = () => (box.hidden ? [] : [stopping, asking].filter((item) => !item.hidden).map((item) => item.textContent));
  return { notebook, said, seen, isOpen: () => box.open };
}

test("code that waits for somebody to type is told from code that only looks like it", () => {
  for (const source of ["name = input('Who? ')", "x = 1\nprint(int(input ()))", "getpass.getpass()", "from getpass import getpass\nkey = getpass('Key')", "if x: input()"]) {
    assert.ok(asks(source), source);
  }
  for (const source of ["", "# input()", "raw_input()", "form.input()", "input_file = open('input')", "def input(prompt): ...", "import getpass", "inputs = [1]"]) {
    assert.ok(!asks(source), source);
  }
});

test("where input() cannot wait, a notebook that calls it says so before anything runs", async () => {
  const without = { isIsolated: false, canAsk: false };
  const { seen, isOpen, said } = await told(without, prose("Read on."), code("name = input()"));
  assert.deepEqual(seen(), ["Stop", "Ask"]);
  assert.ok(isOpen());
  assert.deepEqual(said, []);
  assert.deepEqual((await told(without, prose("Call input()."), code("print(1)"))).seen(), ["Stop"]);
  assert.deepEqual((await told({ isIsolated: false, canAsk: true }, code("input()"))).seen(), ["Stop"]);
  assert.deepEqual((await told({ isIsolated: true, canAsk: true }, code("input()"))).seen(), []);
});

test("who writes input() into a cell where it cannot wait is told then, and once", async () => {
  const { notebook, seen, said } = await told({ isIsolated: false, canAsk: false }, code(""));
  notebook.setSource("a", "name = input()");
  notebook.setSource("a", "name = input('Who? ')");
  assert.deepEqual(seen(), ["Stop", "Ask"]);
  assert.deepEqual(said, ["Ask"]);
});
