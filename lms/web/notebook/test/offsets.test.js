import assert from "node:assert/strict";
import { test } from "node:test";

import { pointsAt, unitsAt } from "../src/kernel/offsets.js";

test("a place is the same one for Python and for JavaScript, whatever stands before it", () => {
  const text = 'x = "🎉é中𝒳"; os.ge';
  for (let points = 0; points <= [...text].length; points += 1) {
    const units = [...text].slice(0, points).join("").length;
    assert.equal(unitsAt(text, points), units);
    assert.equal(pointsAt(text, units), points);
  }
});

test("a place outside of the text is its end, and one inside a character stands behind it", () => {
  assert.equal(pointsAt("a🎉", 99), 2);
  assert.equal(unitsAt("a🎉", 99), 3);
  assert.equal(pointsAt("a🎉b", 2), 2);
  assert.equal(pointsAt("", 0), 0);
});
