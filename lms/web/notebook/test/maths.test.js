import assert from "node:assert/strict";
import { test } from "node:test";

import { markup } from "./dom.js";
import { formulas } from "./formulas.js";
import { apart, maths } from "../src/render/maths.js";
import { html } from "../src/render/sanitise.js";

const drawn = (source, displayMode = true) => markup(maths(source, displayMode));

test("a formula is MathML, without styles that the page's policy would refuse, or classes", () => {
  const made = drawn("\\color{red} x^2");
  assert.match(made, /^<math .*display="block"/);
  assert.match(made, /<mstyle mathcolor="red"><msup><mi>x<\/mi><mn>2<\/mn><\/msup><\/mstyle>/);
  assert.equal(maths("x", true).namespaceURI, "http://www.w3.org/1998/Math/MathML");
  for (const formula of formulas) assert.doesNotMatch(drawn(formula), /\s(style|class|href)=/, formula);
});

test("what a formula means to say is in it, also where HTML would read a part otherwise", () => {
  assert.match(drawn("\\stackrel{a}{b}"), /<mo><mover><mo><mi>b<\/mi><\/mo><mi>a<\/mi><\/mover><\/mo>/);
  assert.match(drawn("x", false), /<annotation encoding="application\/x-tex">x<\/annotation>/);
});

test("every kind of formula is drawn, or shows its source", () => {
  assert.ok(formulas.length > 130);
  const undrawn = formulas.filter((formula) => maths(formula, true).localName !== "math");
  assert.deepEqual(undrawn, ["\\ce", "\\unicode", "\\idotsint", "\\raise"]);
});

test("no formula asks for more room than a page has", () => {
  assert.match(drawn("\\rule[-1em]{900em}{900em} \\hspace{900em}"), /<mspace mathbackground="black" width="20em" height="20em".*<mspace width="20em"/);
});

test("what is no formula shows its source, and why", () => {
  assert.match(drawn("\\frac{1"), /^<code title="KaTeX parse error: [^"]*">\\frac\{1<\/code>$/);
});

test("a formula that nests deeper than can be followed shows its source, and its signs are no markup", () => {
  const made = drawn("{".repeat(60_000) + "<b>&x" + "}".repeat(60_000));
  assert.match(made, /^<code>\{\{/);
  assert.match(made, /&lt;b&gt;&amp;x/);
});

test("a macro that grows without end is no formula", () => {
  assert.match(drawn("\\def\\a{\\a\\a}\\a"), /^<code title="[^"]*expansions/);
});

function put(source) {
  const { text, put: into } = apart(source);
  const fragment = html(text);
  into(fragment);
  return markup(fragment);
}

test("formulas are taken out of a text in all four ways of writing them, and set in again", () => {
  const source = "a $x$ b $$y$$ c \\(z\\) d \\[w\\] e";
  assert.doesNotMatch(apart(source).text, /\$|\\/);
  assert.match(put(source), /^a <math.*<mi>x<\/mi>.*<\/math> b <math.*<mi>y<\/mi>.*<mi>z<\/mi>.*<\/math> d <math.*<mi>w<\/mi>.*<\/math> e$/);
  assert.equal(put(source).match(/display="block"/g).length, 2);
});

test("in code, and in what no eye sees, stands what was written", () => {
  assert.equal(put("<pre><code>a $x$ b</code></pre>"), "<pre><code>a $x$ b</code></pre>");
  assert.equal(put('<b title="a $x$ b">$y$</b>').replace(/<math.*math>/, "y"), '<b title="a $x$ b">y</b>');
});

test("a new line with its distance ends no formula", () => {
  assert.match(apart("\\[ a \\\\[2pt] b \\]").text, /^formula\w+$/);
});

test("prices, escapes and code are no formulas", () => {
  for (const source of ["It costs $5 and $6.", "\\$x$", "`$x$`", "```\n$x$\n```", "$ x $", "US$x$"]) assert.equal(apart(source).text, source);
});

test("a text that opens many formulas and closes none is read at once", () => {
  const began = performance.now();
  apart("\\[".repeat(200_000));
  apart("\\(".repeat(200_000));
  apart("$$".repeat(200_000));
  apart(`\\[${"x".repeat(1_000_000)}`);
  assert.ok(performance.now() - began < 2000);
});
