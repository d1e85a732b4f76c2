import assert from "node:assert/strict";
import { test } from "node:test";

import { markup } from "./dom.js";
import { markdown } from "../src/render/markdown.js";

const PIXEL = "iVBORw0KGgo=";
const drawn = (source, attachments) => markup(markdown(source, attachments));

test("Markdown reads as text, lists, code and formulas", () => {
  assert.equal(drawn("# A *b*"), "<h1>A <em>b</em></h1>\n");
  assert.match(drawn("- $x^2$"), /<li>.*<math.*<msup>/);
  assert.equal(drawn("`$x$`"), "<p><code>$x$</code></p>\n");
});

test("HTML in it is text, and links lead only to the web or into the page", () => {
  assert.equal(drawn("<b>x</b>"), "<p>&lt;b&gt;x&lt;/b&gt;</p>\n");
  assert.match(drawn("[x](https://example.org)"), /<a href="https:\/\/example.org" rel="noopener noreferrer" target="_blank">/);
  assert.match(drawn("[x](#here)"), /<a href="#here">/);
  for (const address of ["javascript:alert(1)", "data:text/html,x", "/sign-out", "file:///etc/passwd"]) {
    assert.doesNotMatch(drawn(`[x](${address})`), /<a/);
  }
});

test("images come from the cell itself and from nowhere else", () => {
  const attachments = { "a b.png": { "image/png": [PIXEL.slice(0, 4), `${PIXEL.slice(4)}\n`] } };
  assert.match(drawn("![x](attachment:a%20b.png)", attachments), new RegExp(`<img src="data:image/png;base64,${PIXEL}" alt="x">`));
  assert.doesNotMatch(drawn("![x](https://example.org/x.png)"), /src=/);
});

test("an attachment may have a percent sign in its name, and a name that every object knows is none", () => {
  assert.match(drawn("![x](attachment:100%.png)", { "100%.png": { "image/png": PIXEL } }), /<img src="data:image/);
  assert.match(drawn("![x](attachment:100%.png)"), /attachment:100%/);
  for (const name of ["constructor", "__proto__", "%E0%A4%A"]) assert.doesNotMatch(drawn(`![x](attachment:${name})`), /<img src/);
  assert.doesNotMatch(drawn("![x](attachment:a)", { a: null }), /src=/);
});

test("a formula that cannot be drawn shows its source, and the text around it reads on", () => {
  const made = drawn(`before $${"{".repeat(2400)}x${"}".repeat(2400)}$ **after**`);
  assert.match(made, /before/);
  assert.match(made, /<strong>after<\/strong>/);
});

test("a text that cannot be drawn is shown as it is written", () => {
  const attachments = new Proxy({}, { getOwnPropertyDescriptor() { throw new Error("no"); } });
  assert.equal(drawn("**x** ![x](attachment:a)", attachments), '<pre class="nb-text">**x** ![x](attachment:a)</pre>');
});

test("a formula on a line of its own scrolls by itself, and one in a sentence is a part of it", () => {
  assert.match(drawn("$$x$$"), /<p><span class="nb-scroll nb-formula"><math /);
  assert.match(drawn("a $x$ b"), /<p>a <math /);
});

test("a wide table scrolls by itself, and an empty head is no head", () => {
  const made = drawn("| | a |\n|---|--:|\n| 1 | 2 |");
  assert.match(made, /^<div class="nb-scroll"><table>/);
  assert.match(made, /<tr>\n<td><\/td>\n<th align="right">a<\/th>/);
  assert.doesNotMatch(made, /style=/);
});
