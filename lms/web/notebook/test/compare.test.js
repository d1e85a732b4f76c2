import assert from "node:assert/strict";
import { test } from "node:test";

import { differences, isSame, lineChanges } from "../src/keeping/compare.js";

const cell = (id, source, more = {}) => ({ id, cell_type: "code", metadata: {}, source, ...more });
const notebook = (...cells) => ({ cells });

test("lines are marked by what they have in common", () => {
  assert.deepEqual(lineChanges("a\nb\nc", "a\nx\nc\nd"), [[" ", "a"], ["-", "b"], ["+", "x"], [" ", "c"], ["+", "d"]]);
  assert.deepEqual(lineChanges("", "a"), [["+", "a"]]);
  assert.deepEqual(lineChanges("a", ""), [["-", "a"]]);
});

test("very long texts are shown one after the other instead of compared for minutes", () => {
  const long = "x\n".repeat(2000);
  assert.deepEqual(lineChanges(long, "y").at(-1), ["+", "y"]);
});

test("cells are told apart by their id: changed, only here, not here; what they put out does not count", () => {
  const before = notebook(cell("a", "1"), cell("b", ["x\n", "y"]), cell("c", "gone"));
  const after = notebook(cell("a", "1", { outputs: [{}] }), cell("b", "x\nz", { metadata: { nbgrader: { grade_id: "budget" } } }), cell("d", "new\nline"));
  assert.deepEqual(differences(before, after).map(({ id, name, state }) => [id, name, state]), [
    ["b", "budget", "changed"],
    ["d", "new", "added"],
    ["c", "gone", "removed"],
  ]);
});

test("two notebooks are the same when their cells say the same in the same order", () => {
  assert.equal(isSame(notebook(cell("a", ["1\n", "2"])), notebook(cell("b", "1\n2"))), true);
  assert.equal(isSame(notebook(cell("a", "1"), cell("b", "2")), notebook(cell("b", "2"), cell("a", "1"))), false);
});

test("a version that was kept with other line ends says the same", () => {
  const [old, now] = [notebook(cell("a", ["x\r\n", "y"])), notebook(cell("a", "x\ny"))];
  assert.deepEqual(differences(old, now), []);
  assert.ok(isSame(old, now));
});
