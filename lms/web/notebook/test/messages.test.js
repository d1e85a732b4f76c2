import assert from "node:assert/strict";
import { test } from "node:test";

import { isPlain, readCompletions, readFiles, readInspection, readOutput, readPython, readResult } from "../src/kernel/messages.js";

const ODD = [null, undefined, 1, "x", true, [], {}, [[]], { t: 1 }];

test("an output keeps what nbformat knows of it, and nothing else", () => {
  assert.deepEqual(readOutput({ output_type: "stream", name: "other", text: "a", more: 1 }), { output_type: "stream", name: "stdout", text: "a" });
  assert.deepEqual(readOutput({ output_type: "error", ename: "E", evalue: 3, traceback: ["a", 1, null] }),
    { output_type: "error", ename: "E", evalue: "", traceback: ["a", "", ""] });
  assert.deepEqual(readOutput({ output_type: "execute_result", execution_count: -1, data: { "text/plain": "1" }, metadata: [] }),
    { output_type: "execute_result", execution_count: null, data: { "text/plain": "1" }, metadata: {} });
  for (const raw of [...ODD, { output_type: "update_display_data" }]) assert.equal(readOutput(raw), null);
});

test("of a mime bundle texts, lists of lines and JSON are taken, under names that are types", () => {
  const data = { "text/html": ["a", "b"], "application/vnd.x+json": { a: 1 }, "application/json": ["a", "b"], "image/png": 3, "no type": "x", "text/plain": ["a", 1], constructor: "x" };
  assert.deepEqual(readOutput({ output_type: "display_data", data }).data, { "text/html": "ab", "application/vnd.x+json": { a: 1 }, "application/json": ["a", "b"] });
  const polluting = JSON.parse('{"output_type": "display_data", "data": {"__proto__": {"polluted": 1}, "text/plain": "x"}, "metadata": {"__proto__": {"polluted": 1}}}');
  readOutput(polluting);
  assert.equal({}.polluted, undefined);
});

test("what is longer than a page can take is cut", () => {
  assert.equal(readOutput({ output_type: "stream", text: "x".repeat(2_000_000) }).text.length, 1_100_000);
  assert.deepEqual(readOutput({ output_type: "display_data", data: {}, metadata: { a: "x".repeat(30_000) } }).metadata, {});
  assert.equal(readOutput({ output_type: "error", traceback: Array(999).fill("x") }).traceback.length, 400);
});

test("what Python posts is JSON of a run, or nothing", () => {
  const output = { output_type: "stream", name: "stdout", text: "a" };
  const said = (value) => readPython(JSON.stringify(value));
  assert.deepEqual(said({ t: "out", run: 1, output, display: "d" }), { t: "out", run: 1, output, display: "d" });
  assert.deepEqual(said({ t: "clear", run: 1, wait: 1 }), { t: "clear", run: 1, wait: false });
  for (const value of [...ODD, { t: "out", run: -1, output }, { t: "out", run: 1.5, output }, { t: "out", run: 1 }, { t: "other", run: 1, output }]) {
    assert.equal(value === undefined ? readPython(value) : said(value), null);
  }
  for (const raw of ["", "{", "NaN", 3, null]) assert.equal(readPython(raw), null);
});

test("a result that cannot be read is an error, never a success", () => {
  assert.deepEqual(readResult('{"status": "ok", "count": 3}'), { status: "ok", count: 3, ename: "", evalue: "" });
  for (const raw of ["", "{", "null", "3", '{"status": "great"}', undefined, {}]) assert.equal(readResult(raw).status, "error");
});

test("completions stay within the text", () => {
  assert.deepEqual(readCompletions('{"from": 2, "to": 99, "options": [{"label": "a", "type": "x"}, {"label": ""}, null, 1]}', 5),
    { from: 2, to: 5, options: [{ label: "a", type: "x" }] });
  assert.deepEqual(readCompletions('{"from": 4, "to": 1}', 5), { from: 4, to: 4, options: [] });
  for (const raw of ["", "[]", "null", '{"from": -1, "options": 3}']) assert.deepEqual(readCompletions(raw, 5), { from: 5, to: 5, options: [] });
});

test("an inspection is text, or nothing was found", () => {
  assert.deepEqual(readInspection('{"found": true, "text": "doc"}'), { found: true, text: "doc" });
  for (const raw of ["", "null", '{"found": 1}']) assert.equal(readInspection(raw).found, false);
});

test("files have names that can stand for a file, sizes, and a time", () => {
  const files = [{ name: "a/b.txt", size: 3, changed: 1.5 }, { name: "../x", size: 1 }, { name: "/x", size: 1 }, { name: "a", size: -1 }, { name: 3, size: 1 }, null];
  assert.deepEqual(readFiles(JSON.stringify(files)), [{ name: "a/b.txt", size: 3, changed: 1.5 }]);
  for (const raw of ["", "{}", "null", "3"]) assert.deepEqual(readFiles(raw), []);
  assert.equal(readFiles(JSON.stringify(Array(900).fill({ name: "a", size: 1 }))).length, 500);
});

test("a plain name leads nowhere but into the folder", () => {
  for (const name of ["a", "a/b c.txt", ".hidden", "é中.txt", "<b>"]) assert.ok(isPlain(name), name);
  for (const name of ["", "/a", "a/", "a//b", ".", "..", "a/../b", "a\\b", "a\0b", "a\nb", "\x7f", "\ud800", "x".repeat(201)]) assert.ok(!isPlain(name), JSON.stringify(name));
});
