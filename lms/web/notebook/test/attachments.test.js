import assert from "node:assert/strict";
import { test } from "node:test";

import { renamed, shownIn } from "../src/notebook/attachments.js";

const RED = { "image/png": "cmVk" };
const BLUE = { "image/png": "Ymx1ZQ==" };

test("a text takes along the images it shows, and no others", () => {
  const all = { "a.png": RED, "my plot.png": BLUE, "c.png": RED };
  assert.deepEqual(shownIn("![](attachment:a.png) and ![p](attachment:my%20plot.png)", all), { "a.png": RED, "my plot.png": BLUE });
  assert.deepEqual(shownIn("no image", all), {});
});

test("an image called like another is called anew where it is kept and where it is shown", () => {
  const below = { source: "![x](attachment:image.png) ![y](attachment:other.png)", attachments: { "image.png": BLUE, "other.png": RED } };
  assert.deepEqual(renamed(below, { "image.png": RED }), {
    source: "![x](attachment:image-2.png) ![y](attachment:other.png)",
    attachments: { "image-2.png": BLUE, "other.png": RED },
  });
});

test("the same image twice stays one", () => {
  const below = { source: "![x](attachment:image.png)", attachments: { "image.png": RED } };
  assert.deepEqual(renamed(below, { "image.png": RED }), below);
});

test("a new name is free in both cells", () => {
  const below = { source: "![](attachment:i.png)", attachments: { "i.png": BLUE, "i-2.png": RED } };
  const made = renamed(below, { "i.png": RED, "i-3.png": RED });
  assert.deepEqual(Object.keys(made.attachments), ["i-4.png", "i-2.png"]);
  assert.equal(made.source, "![](attachment:i-4.png)");
});

test("names with percent signs, without an ending, or called like a part of every object are names", () => {
  const strange = Object.fromEntries([["100%.png", BLUE], ["plot", BLUE], ["__proto__", BLUE]]);
  const source = "![](attachment:100%.png) ![](attachment:plot) ![](attachment:__proto__) ![](attachment:constructor)";
  const made = renamed({ source, attachments: strange }, Object.fromEntries([["100%.png", RED], ["plot", RED], ["__proto__", RED]]));
  assert.deepEqual(Object.keys(made.attachments), ["100%-2.png", "plot-2", "__proto__-2"]);
  assert.equal(made.source, "![](attachment:100%25-2.png) ![](attachment:plot-2) ![](attachment:__proto__-2) ![](attachment:constructor)");
  assert.deepEqual(Object.keys(shownIn(source, strange)), ["100%.png", "plot", "__proto__"]);
});
