import { page } from "./dom.js";

import assert from "node:assert/strict";
import { test } from "node:test";

import { base64, preview, readTable } from "../src/notebook/preview.js";

const bytes = (text) => new TextEncoder().encode(text);
const texts = (node, selector) => [...node.querySelectorAll(selector)].map((each) => each.textContent);

test("a table is read whatever stands between its values", () => {
  const read = [["a", "b"], ["1", "2"]];
  assert.deepEqual(readTable("a,b\n1,2\n"), read);
  assert.deepEqual(readTable("a;b\r\n1;2"), read);
  assert.deepEqual(readTable("a\tb\n1\t2"), read);
  assert.deepEqual(readTable("a\n1"), [["a"], ["1"]]);
  assert.deepEqual(readTable(""), []);
});

test("quotes hold commas, lines and quotes", () => {
  assert.deepEqual(readTable('name,says\n"Lovelace, Ada","one\ntwo ""three"""\n'), [["name", "says"], ["Lovelace, Ada", 'one\ntwo "three"']]);
  assert.deepEqual(readTable('"never closed,1\n2'), [["never closed,1\n2"]]);
});

test("empty values and uneven rows stay what they are", () => {
  assert.deepEqual(readTable(",a,\n1,,3,4\n\n5"), [["", "a", ""], ["1", "", "3", "4"], [""], ["5"]]);
  assert.deepEqual(readTable("a,b\n1,"), [["a", "b"], ["1", ""]]);
});

test("no more rows are read than are wanted", () => {
  assert.equal(readTable("a\n".repeat(1000), { rows: 5 }).length, 5);
});

test("a table is shown as a table that scrolls by itself, with a head where there is a text", () => {
  page();
  const shown = preview("out/times.CSV", bytes(",seconds\n0,1.5\n1,<b>\n"));
  assert.deepEqual(texts(shown, "th"), ["seconds"]);
  assert.deepEqual(texts(shown, "tbody td"), ["0", "1.5", "1", "<b>"]);
  const box = shown.querySelector(".nb-scroll");
  assert.deepEqual([box.tabIndex, box.getAttribute("role"), box.getAttribute("aria-label")], [0, "group", "out/times.CSV"]);
  assert.equal(shown.querySelector(".hint"), null);
});

test("a long table or text says that it is only the beginning", () => {
  const table = preview("a.csv", bytes(`a,b\n${"1,2\n".repeat(500)}`));
  assert.equal(table.querySelectorAll("tbody tr").length, 199);
  assert.match(table.textContent, /Only its beginning is shown/);
  const wide = preview("a.csv", bytes(`${"x,".repeat(80)}x\n`));
  assert.equal(wide.querySelectorAll("th").length, 50);
  assert.match(wide.textContent, /Only its beginning/);
  const text = preview("a.txt", bytes("ä".repeat(60_000)));
  assert.match(text.textContent, /Only its beginning/);
  assert.equal(preview("a.txt", bytes("short")).querySelector(".hint"), null);
});

test("images are shown as images, text as text, and everything else says that it is none", () => {
  const image = preview("plot.PNG", Uint8Array.of(1, 2, 3));
  assert.deepEqual([image.localName, image.getAttribute("src"), image.alt], ["img", "data:image/png;base64,AQID", "plot.PNG"]);
  assert.equal(preview("page.html", bytes("<script>alert(1)</script>")).querySelector("pre").textContent, "<script>alert(1)</script>");
  assert.equal(preview("drawing.svg", bytes("<svg/>")).querySelector("pre").textContent, "<svg/>");
  assert.equal(preview("model.bin", Uint8Array.of(0, 1)).textContent, "This file is not text.");
  assert.equal(preview("constructor", bytes("x")).querySelector("pre").textContent, "x");
});

test("large files are encoded too", () => {
  const large = new Uint8Array(100_000).fill(7);
  assert.deepEqual(Uint8Array.from(atob(base64(large)), (sign) => sign.charCodeAt(0)), large);
});
