import { page } from "./dom.js";

import assert from "node:assert/strict";
import { test } from "node:test";

import { createEditor } from "../src/notebook/editor.js";

/** An editor on an empty page: what it tells is in `typed`. */
function open(options = {}) {
  const parent = page();
  const typed = [];
  const editor = createEditor({
    parent,
    text: "x = 1",
    language: "python",
    label: "Code",
    describedBy: "how",
    isLocked: false,
    nonce: "n",
    keys: [],
    onChange: (text) => typed.push(text),
    complete: async (_code, cursor) => ({ from: cursor, to: cursor, options: [] }),
    inspect: null,
    showsNumbers: false,
    ...options,
  });
  return { editor, typed, parent, content: parent.querySelector(".cm-content") };
}

const press = (content, key, how = {}) => content.dispatchEvent(new window.KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...how }));
const settled = () => new Promise((resolve) => { setTimeout(resolve, 20); });

test("an editor has a name and says how to leave it", () => {
  const { content } = open();
  assert.equal(content.getAttribute("aria-label"), "Code");
  assert.equal(content.getAttribute("aria-describedby"), "how");
  assert.equal(content.getAttribute("aria-multiline"), "true");
});

test("what is typed is told, and the same text again is not", () => {
  const { editor, typed } = open();
  editor.set("x = 1");
  editor.set("x = 2");
  assert.deepEqual(typed, ["x = 2"]);
  assert.equal(editor.text(), "x = 2");
});

test("the cursor stays where it was when the text around it is changed from elsewhere", () => {
  const { editor } = open({ text: "one\ntwo\nthree" });
  editor.view.dispatch({ selection: { anchor: 5 } });
  editor.set("one\ntwo\nthree\nfour");
  assert.equal(editor.cursor(), 5);
  editor.set("zero\none\ntwo\nthree\nfour");
  assert.equal(editor.cursor(), 10);
});

test("a locked text can be read and selected, not changed by typing", () => {
  const { editor, typed } = open({ isLocked: true });
  assert.ok(editor.view.state.readOnly);
  editor.selectAll();
  assert.deepEqual([editor.view.state.selection.main.from, editor.cursor()], [0, 5]);
  assert.deepEqual(typed, []);
});

test("lines are numbered when that is wished for, and not otherwise", () => {
  const { editor, parent } = open();
  assert.equal(parent.querySelector(".cm-lineNumbers"), null);
  editor.number(true);
  assert.ok(parent.querySelector(".cm-lineNumbers"));
  editor.number(false);
  assert.equal(parent.querySelector(".cm-lineNumbers"), null);
});

test("a cell's own keys come before the editor's", () => {
  const ran = [];
  const { content, editor } = open({ keys: [{ key: "Shift-Enter", run: () => ran.push("run") > 0 }] });
  press(content, "Enter", { shiftKey: true });
  assert.deepEqual(ran, ["run"]);
  assert.equal(editor.text(), "x = 1");
});

test("Tab indents, so that it does not leave while somebody writes", () => {
  const { content, editor } = open();
  const isFree = press(content, "Tab");
  assert.equal(isFree, false);
  assert.equal(editor.text(), "    x = 1");
});

test("Shift Tab in a line asks what stands there, and at its beginning takes indentation away", async () => {
  const asked = [];
  const told = [];
  const { content, editor, parent } = open({
    text: "    len",
    inspect: async (code, cursor) => {
      asked.push([code, cursor]);
      return { found: true, text: "\u001b[31mlen\u001b[0m(obj)" };
    },
  });
  parent.addEventListener("inspected", (event) => told.push(event.detail));
  editor.view.dispatch({ selection: { anchor: 7 } });
  press(content, "Tab", { shiftKey: true });
  await settled();
  assert.deepEqual(asked, [["    len", 7]]);
  assert.deepEqual(told, ["len(obj)"]);
  editor.view.dispatch({ selection: { anchor: 2 } });
  press(content, "Tab", { shiftKey: true });
  assert.equal(editor.text(), "len");
  assert.equal(asked.length, 1);
});

test("completions come from Python", async () => {
  const { editor, content } = open({ text: "pri", complete: async () => ({ from: 0, to: 3, options: [{ label: "print", type: "function" }] }) });
  editor.focus();
  editor.view.dispatch({ selection: { anchor: 3 } });
  press(content, " ", { ctrlKey: true });
  await new Promise((resolve) => { setTimeout(resolve, 150); });
  assert.ok(editor.isCompleting());
  assert.match(document.querySelector(".cm-tooltip-autocomplete").textContent, /print/);
});
