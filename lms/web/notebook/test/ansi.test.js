import assert from "node:assert/strict";
import { test } from "node:test";

import { markup } from "./dom.js";
import { ansi, plain } from "../src/render/ansi.js";

const drawn = (text) => markup(ansi(text));

test("colours and bold become classes, and end where they are ended", () => {
  assert.equal(drawn("a\x1b[31mb\x1b[0mc"), 'a<span class="ansi-red">b</span>c');
  assert.equal(drawn("\x1b[1;92mb\x1b[22mc\x1b[39md"), '<span class="ansi-green ansi-bold">b</span><span class="ansi-green">c</span>d');
  assert.equal(drawn("\x1b[31ma\x1b[mb"), '<span class="ansi-red">a</span>b');
});

test("of 256 colours the nearest of eight is taken, and a background is none", () => {
  assert.equal(drawn("\x1b[38;5;196mx"), '<span class="ansi-red">x</span>');
  assert.equal(drawn("\x1b[38;5;21mx"), '<span class="ansi-blue">x</span>');
  assert.equal(drawn("\x1b[38;5;255mx"), '<span class="ansi-white">x</span>');
  assert.equal(drawn("\x1b[38;5mx"), '<span class="ansi-black">x</span>');
  assert.equal(drawn("\x1b[48;5;196mx\x1b[38;2;1;2;31my"), "xy");
});

test("what a terminal would obey is left out, and markup is text", () => {
  assert.equal(drawn("a\x1b[2J\x1b[10;10Hb\x1b]0;title\x07c\x1b]8;;https://x\x1b\\d\x1bM<b>"), "abcd&lt;b&gt;");
  assert.equal(plain("a\x1b[31mb\x1b[0m"), "ab");
  assert.equal(drawn("a\x1b"), "a");
});

test("a progress bar writes over its line", () => {
  assert.equal(drawn("1%\r50%\r100%\nnext"), "100%\nnext");
  assert.equal(drawn("1%\r"), "1%");
  assert.equal(drawn("a\r\nb"), "a\nb");
});

test("a text of very many colours has none, and long ones are read at once", () => {
  assert.equal(drawn("\x1b[31mx".repeat(50_000)), "x".repeat(50_000));
  const began = performance.now();
  drawn("x".repeat(3_000_000));
  drawn(`\x1b]${"x".repeat(1_000_000)}`);
  drawn("\x1b[".repeat(300_000));
  drawn("\r".repeat(300_000));
  assert.ok(performance.now() - began < 3000);
});
