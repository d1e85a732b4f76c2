import { page } from "./dom.js";

import assert from "node:assert/strict";
import { test } from "node:test";

import { Finder, occurrences } from "../src/notebook/finder.js";

const CELLS = [{ id: "a", source: "GPU hours\nand walltime" }, { id: "b", source: "gpu_hours = 4" }];

test("a text is found line by line, whatever its case", () => {
  assert.deepEqual(occurrences(CELLS, "gpu"), [{ id: "a", line: 1, text: "GPU hours" }, { id: "b", line: 1, text: "gpu_hours = 4" }]);
  assert.deepEqual(occurrences(CELLS, "WALLTIME"), [{ id: "a", line: 2, text: "and walltime" }]);
  assert.deepEqual(occurrences(CELLS, ""), []);
  assert.deepEqual(occurrences(CELLS, ".*"), []);
});

test("finding leads to the cell that was chosen", async () => {
  page();
  const focused = [];
  const done = new Finder({ notebook: { cells: CELLS }, view: { focus: (id) => focused.push(id) } }).open();
  const field = document.querySelector("dialog input");
  const find = (text) => {
    field.value = text;
    field.dispatchEvent(new window.Event("input"));
    return [document.querySelector("dialog [role=status]").textContent, [...document.querySelectorAll("dialog li")].map((each) => each.textContent)];
  };
  assert.deepEqual(find("gpu"), ["Found 2 times", ["GPU hours", "gpu_hours = 4"]]);
  assert.deepEqual(find("nowhere"), ["Not found", []]);
  assert.deepEqual(find(""), ["", []]);
  find("gpu_");
  document.querySelector("dialog li button").click();
  await done;
  assert.deepEqual(focused, ["b"]);
});
