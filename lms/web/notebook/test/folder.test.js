import assert from "node:assert/strict";
import { test } from "node:test";

import { Folder } from "../src/kernel/folder.js";

const bytes = (text) => new TextEncoder().encode(text);
const file = (name, changed, size = 1) => ({ name, size, changed });

test("before Python was ever asked, a folder has what the server has", () => {
  const folder = new Folder([{ name: "a.txt" }]);
  assert.deepEqual(folder.toBegin(), { held: [], saved: ["a.txt"] });
});

test("what was read is had again, what was deleted is not, and what nobody has cannot be", () => {
  const folder = new Folder([{ name: "a.txt" }, { name: "gone.txt" }]);
  folder.listed([file("a.txt", 1), file("b.txt", 1), file("unread.bin", 1)]);
  folder.took("b.txt", bytes("b"));
  assert.deepEqual(folder.toBegin(), { held: [{ name: "b.txt", bytes: bytes("b").buffer }], saved: ["a.txt"] });
  folder.listed([file("a.txt", 1)]);
  assert.deepEqual(folder.toBegin(), { held: [], saved: ["a.txt"] });
});

test("a file is known until it is written again", () => {
  const folder = new Folder([]);
  folder.listed([file("a.txt", 1)]);
  assert.ok(!folder.knows(file("a.txt", 1)));
  folder.took("a.txt", bytes("a"));
  assert.ok(folder.knows(file("a.txt", 1)));
  assert.ok(!folder.knows(file("a.txt", 2)));
  assert.ok(!folder.knows(file("a.txt", 1, 5)));
  assert.ok(!folder.knows(file("other", 1)));
});

test("what the page has read comes before what the server has, and bytes that are given away leave the folder its own", () => {
  const folder = new Folder([{ name: "a" }]);
  folder.listed([file("a", 1)]);
  folder.took("a", bytes("abc"));
  const [{ bytes: given }] = folder.toBegin().held;
  structuredClone(given, { transfer: [given] });
  assert.deepEqual(folder.toBegin(), { held: [{ name: "a", bytes: bytes("abc").buffer }], saved: [] });
});

test("another revision's files take the place of all", () => {
  const folder = new Folder([{ name: "a.txt" }]);
  folder.listed([file("b.txt", 1)]);
  folder.took("b.txt", bytes("b"));
  folder.replace([{ name: "c.txt" }]);
  assert.deepEqual(folder.toBegin(), { held: [], saved: ["c.txt"] });
});
