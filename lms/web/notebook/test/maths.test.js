import assert from "node:assert/strict";
import { test } from "node:test";

import { apart, maths } from "../src/render/maths.js";

test("a formula is MathML, without a style that the page's policy would refuse", () => {
  const made = maths("\\color{red} x^2", true);
  assert.match(made, /<math .*display="block"/);
  assert.match(made, /<mstyle mathcolor="red"><msup><mi>x<\/mi><mn>2<\/mn><\/msup><\/mstyle>/);
  assert.doesNotMatch(made, /style=/);
});

test("what is no formula shows its source", () => {
  assert.match(maths("\\frac{1", false), /\\frac\{1/);
});

test("a formula that nests deeper than can be followed shows its source, and its signs are no markup", () => {
  const deep = "{".repeat(60_000) + "<b>&x" + "}".repeat(60_000);
  const made = maths(deep, false);
  assert.match(made, /^<code>\{\{/);
  assert.match(made, /&#60;b&#62;&#38;x/);
});

test("a macro that grows without end is no formula", () => {
  assert.match(maths("\\def\\a{\\a\\a}\\a", false), /katex-error/);
});

test("formulas are taken out of a text in all four ways of writing them, and set in again", () => {
  const { text, put } = apart("a $x$ b $$y$$ c \\(z\\) d \\[w\\] e");
  assert.doesNotMatch(text, /[xyzw]\$|\\/);
  const made = put(text);
  for (const name of "xyzw") assert.match(made, new RegExp(`<mi>${name}</mi>`));
  assert.equal(made.match(/display="block"/g).length, 2);
});

test("a new line with its distance ends no formula", () => {
  assert.match(apart("\\[ a \\\\[2pt] b \\]").text, /^\S+$/);
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
