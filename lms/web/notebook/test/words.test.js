import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { _, learn } from "../src/words.js";

afterEach(() => learn({}));

test("a sentence is English until a translation is known", () => {
  assert.equal(_("Run all"), "Run all");
  learn({ "Run all": "Alles ausführen" });
  assert.equal(_("Run all"), "Alles ausführen");
});

test("what varies is put into either language, and text with braces in it is not read again", () => {
  learn({ "Saved at {time}": "Um {time} gespeichert" });
  assert.equal(_("Saved at {time}", { time: "14:02" }), "Um 14:02 gespeichert");
  assert.equal(_("{name} is too large", { name: "{time}" }), "{time} is too large");
});

test("a sentence called like a part of every object is no translation", () => {
  assert.equal(_("constructor"), "constructor");
});
