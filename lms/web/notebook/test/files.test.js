import { page } from "./dom.js";

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { Files } from "../src/notebook/files.js";
import { ScriptedKernel } from "./scripted_kernel.js";

const bytes = (text) => new TextEncoder().encode(text);
const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const settled = () => new Promise((resolve) => { setTimeout(resolve, 20); });

/** The list of files of a lab that hands out `given` (name to text), with `saved` at the server. */
function open({ given = {}, saved = {}, limits = {} } = {}) {
  page('<div id="files"></div>');
  const root = document.getElementById("files");
  const kernel = new ScriptedKernel();
  kernel.given = new Set(Object.keys(given));
  const listed = (files) => Object.entries(files).map(([name, text]) => ({ name, sha256: sha256(text), size: text.length }));
  for (const [name, text] of Object.entries({ ...given, ...saved })) kernel.folder.set(name, bytes(text));
  let changes = 0;
  const files = new Files({
    root,
    kernel,
    config: { handedOut: listed(given), files: listed(saved), limits: { files: 50, fileBytes: 1 << 20, ...limits } },
    onChange: () => { changes += 1; },
  });
  let clock = 0;
  /* What Python's code leaves behind, and that it is told. */
  const write = async (name, text) => {
    clock += 1;
    kernel.folder.set(name, Object.assign(bytes(text), { changed: clock }));
    await kernel.tell("files");
    await files.looking;
  };
  return { root, kernel, files, write, changes: () => changes };
}

const names = (files) => files.toSave().map((file) => file.name);
const row = (root, name) => [...root.querySelectorAll("li")].find((each) => each.querySelector("code").textContent === name);
const button = (root, name, label) => [...row(root, name).querySelectorAll("button")].find((each) => (each.getAttribute("aria-label") ?? each.textContent).startsWith(label));

test("before Python starts, what was handed out and what was saved is listed", () => {
  const { root, files } = open({ given: { "data.csv": "1" }, saved: { "mine.txt": "2" } });
  const [given, written] = root.querySelectorAll("ul");
  assert.match(given.textContent, /data\.csv/);
  assert.match(written.textContent, /mine\.txt/);
  assert.deepEqual(files.toSave(), [{ name: "mine.txt", sha256: sha256("2"), size: 1, bytes: null }]);
});

test("a file that cannot be read says so, and the others are shown and saved", async () => {
  const { root, kernel, files, write } = open();
  const { readFile } = kernel;
  kernel.readFile = async (name) => { if (name === "b.txt") throw new Error("[Errno 13]"); return readFile.call(kernel, name); };
  kernel.folder.set("a.txt", bytes("one"));
  kernel.folder.set("b.txt", bytes("two"));
  await write("c.txt", "three");
  assert.deepEqual(names(files), ["a.txt", "c.txt"]);
  assert.match(row(root, "b.txt").textContent, /Not saved: b\.txt cannot be read\./);
  assert.ok(row(root, "a.txt") && row(root, "c.txt"));
});

test("where Python ends while files are looked at, what was known stays", async () => {
  const { kernel, files, write } = open();
  await write("a.txt", "one");
  kernel.readFile = async () => { kernel.state = "off"; throw new Error("Python has ended"); };
  await write("b.txt", "two");
  assert.deepEqual(names(files), ["a.txt"]);
});

test("on a page that did not come by https files are shown, and it is said that they are not saved", async (context) => {
  const { crypto } = globalThis;
  Object.defineProperty(globalThis, "crypto", { value: {}, configurable: true });
  context.after(() => Object.defineProperty(globalThis, "crypto", { value: crypto, configurable: true }));
  const { root, files, write, changes } = open({ saved: { "old.txt": "kept" } });
  assert.match(root.textContent, /This page did not come by https/);
  assert.doesNotMatch(root.textContent, /is saved with your notebook/);
  await write("new.txt", "one");
  assert.ok(row(root, "new.txt") && row(root, "old.txt"));
  assert.deepEqual([names(files), changes()], [["old.txt"], 0], "what the server has stays there");
});

test("what code writes is saved with the notebook, and what was handed out is not", async () => {
  const { files, write, changes } = open({ given: { "data.csv": "1" } });
  await write("out/made.txt", "new");
  assert.deepEqual(files.toSave(), [{ name: "out/made.txt", sha256: sha256("new"), size: 3, bytes: files.toSave()[0].bytes }]);
  assert.equal(new TextDecoder().decode(files.toSave()[0].bytes), "new");
  assert.equal(changes(), 1);
  await write("out/made.txt", "new");
  assert.equal(changes(), 1, "the same again is no change");
});

test("a handed-out file is saved once it is another, by the first cell or in an earlier session", async () => {
  const { files, write } = open({ given: { "job.sh": "old", "data.csv": "1" } });
  await write("job.sh", "mended");
  assert.deepEqual(names(files), ["job.sh"]);
  await write("job.sh", "old");
  assert.deepEqual(names(files), []);

  const later = open({ given: { "job.sh": "old" }, saved: { "job.sh": "mended" } });
  await later.files.refresh();
  assert.deepEqual(names(later.files), ["job.sh"]);
  assert.equal(later.changes(), 0);
});

test("a file that code deleted is saved no longer", async () => {
  const { kernel, files } = open({ saved: { "a.txt": "1", "b.txt": "2" } });
  kernel.folder.delete("a.txt");
  await files.refresh();
  assert.deepEqual(names(files), ["b.txt"]);
});

test("a Python that ends while it is asked loses nothing that was known", async () => {
  const { kernel, files, changes } = open({ saved: { "a.txt": "1" } });
  kernel.fails = "Python was started anew.";
  await files.refresh();
  assert.deepEqual(names(files), ["a.txt"]);
  assert.equal(changes(), 0);
});

test("what changes while the folder is looked at is looked at once more", async () => {
  const { kernel, files } = open();
  kernel.folder.set("a.txt", bytes("1"));
  const read = kernel.readFile.bind(kernel);
  kernel.readFile = async (name) => {
    if (name === "a.txt") {
      kernel.folder.set("b.txt", bytes("2"));
      files.refresh();
    }
    return read(name);
  };
  await files.refresh();
  assert.deepEqual(names(files), ["a.txt", "b.txt"]);
});

test("what does not fit is left out with the reason at its name, and everything else is saved", async () => {
  const { root, files, write } = open({ limits: { files: 2, fileBytes: 1 << 20 } });
  await write("a-huge.bin", "x".repeat((1 << 20) + 1));
  await write("b.txt", "1");
  await write("c.txt", "2");
  await write("d.txt", "3");
  assert.deepEqual(names(files), ["b.txt", "c.txt"]);
  assert.match(row(root, "a-huge.bin").textContent, /Not saved: Files saved with your notebook may have 1 MB together\./);
  assert.match(row(root, "d.txt").textContent, /Not saved: At most 2 files are saved with your notebook\./);
  assert.ok(row(root, "b.txt").querySelector(".field-error").hidden);
});

test("a name the server refuses is told with the reason and not sent again; the others are", async () => {
  const { root, files, write } = open();
  await write("a.txt", "1");
  await write("con.txt", "2");
  files.refuse([]);
  files.refuse([{ path: "con.txt", why: "this name is reserved" }]);
  assert.deepEqual(names(files), ["a.txt"]);
  assert.match(row(root, "con.txt").textContent, /Not saved: this name is reserved/);
  await write("b.txt", "3");
  assert.deepEqual(names(files), ["a.txt", "b.txt"]);
  assert.match(row(root, "con.txt").textContent, /Not saved: this name is reserved/);
});

test("another version's files take the place of these", async () => {
  const { root, files, write } = open({ given: { "data.csv": "1" }, saved: { "old.txt": "1" } });
  await write("newer.txt", "2");
  files.took([{ name: "old.txt", sha256: sha256("1"), size: 1 }]);
  assert.deepEqual(files.toSave(), [{ name: "old.txt", sha256: sha256("1"), size: 1, bytes: null }]);
  assert.ok(row(root, "data.csv"));
  assert.equal(row(root, "newer.txt"), undefined);
});

test("a file is looked at and closed again, and follows what code writes into it", async () => {
  const { root, write } = open();
  await write("a.csv", "x,y\n1,2\n");
  const element = row(root, "a.csv");
  const look = button(root, "a.csv", "Look");
  look.focus();
  look.click();
  await settled();
  assert.equal(element.querySelector("th").textContent, "x");
  assert.deepEqual([look.textContent, look.getAttribute("aria-expanded"), look.getAttribute("aria-label")], ["Close", "true", "Close: a.csv"]);
  await write("b.txt", "other");
  await write("a.csv", "z\n3\n");
  await settled();
  assert.equal(row(root, "a.csv"), element, "it is the same row still");
  assert.equal(document.activeElement, look);
  assert.equal(element.querySelector("th").textContent, "z");
  look.click();
  await settled();
  assert.deepEqual([element.querySelector(".nb-file").hidden, look.textContent, look.getAttribute("aria-expanded")], [true, "Look", "false"]);
});

test("a file that cannot be read says so at its name", async () => {
  const { root, kernel } = open({ saved: { "a.txt": "1" } });
  kernel.folder.clear();
  button(root, "a.txt", "Look").click();
  await settled();
  assert.match(row(root, "a.txt").querySelector('[role="alert"]').textContent, /a\.txt cannot be read/);
});

test("a file is taken along as octets under its own name, whatever is in it", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { root, write } = open();
  await write("out/page.html", "<script>alert(1)</script>");
  const made = [];
  const revoked = [];
  URL.createObjectURL = (blob) => {
    made.push(blob);
    return "blob:made";
  };
  URL.revokeObjectURL = (address) => revoked.push(address);
  const clicked = [];
  window.HTMLAnchorElement.prototype.click = function click() { clicked.push([this.getAttribute("href"), this.download]); };
  button(root, "out/page.html", "Download").click();
  await new Promise((resolve) => { setImmediate(resolve); });
  assert.deepEqual(clicked, [["blob:made", "page.html"]]);
  assert.equal(made[0].type, "application/octet-stream");
  assert.deepEqual(revoked, []);
  context.mock.timers.tick(60_000);
  assert.deepEqual(revoked, ["blob:made"]);
});
