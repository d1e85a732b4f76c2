import { page } from "./dom.js";

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { History } from "../src/keeping/history.js";
import { settle } from "./server.js";

const notebookOf = (text) => ({ cells: [{ id: "a", cell_type: "code", metadata: {}, source: text }] });

let all;
beforeEach(() => {
  page();
  const answers = {
    "/revisions": { current: 3, revisions: [
      { number: 3, kind: "saved", savedAt: "2026-11-02T10:00", submission: null },
      { number: 2, kind: "conflict", savedAt: "2026-11-02T09:00", submission: null },
      { number: 1, kind: "saved", savedAt: "2026-11-01T09:00", submission: 1 },
    ] },
    "/revisions/2": { notebook: notebookOf("older") },
  };
  const saver = {
    acts: [],
    fetch: async (address) => { if (!answers[address]) throw new TypeError("network"); return { ok: true, json: async () => answers[address] }; },
    act: async (address, { after }) => {
      saver.acts.push(address);
      if (all.answer === "lost") throw new TypeError("network");
      if (all.answer?.ok) await after(all.answer.told);
      return all.answer;
    },
    keepBeside: async () => all.isKept,
  };
  all = { saver, said: [], replaced: [], isKept: true, answer: { ok: true, told: { revision: 4 } } };
  all.history = new History({
    config: { urls: { revisions: "/revisions", startOver: "/start-over" } },
    saver,
    notebook: { toJSON: () => notebookOf("now") },
    replaceWork: async (version) => all.replaced.push(version),
    time: (moment) => moment.slice(11),
    day: (moment) => moment.slice(0, 10),
    say: (text) => all.said.push(text),
  });
});
const dialog = () => document.querySelector("dialog");
async function press(text, among = dialog()) {
  [...among.querySelectorAll("button")].find((button) => button.textContent === text).click();
  await settle();
}
async function open() {
  all.history.open();
  await settle();
}

test("versions are listed by day, with what they are; the one that is here is not offered", async () => {
  await open();
  assert.deepEqual([...dialog().querySelectorAll("h3")].map((each) => each.textContent), ["2026-11-02", "2026-11-01"]);
  const rows = [...dialog().querySelectorAll("li")];
  assert.match(rows[0].textContent, /10:00 What you see now/);
  assert.equal(rows[0].querySelector("button"), null);
  assert.match(rows[1].textContent, /Saved in another window/);
  assert.match(rows[2].textContent, /Handed in as no. 1/);
});

test("an earlier version is compared and restored", async () => {
  await open();
  const row = dialog().querySelectorAll("li")[1];
  await press("Compare", row);
  assert.match(dialog().textContent, /-older/);
  await press("Restore", row);
  assert.deepEqual(all.saver.acts, ["/revisions/2/restore"]);
  assert.deepEqual(all.replaced, [{ revision: 4 }]);
  assert.match(all.said.at(-1), /^Restored/);
});

test("nothing is replaced when it could not be saved, was refused, or what was typed meanwhile could not be kept", async () => {
  for (const [answer, isKept, said] of [[null, true, /First what you have now/], [{ ok: false, told: {} }, true, /Nothing was changed/], [all.answer, false, /could not be kept beside it just now/]]) {
    Object.assign(all, { answer, isKept });
    await open();
    await press("Restore", dialog().querySelectorAll("li")[1]);
    assert.deepEqual(all.replaced, []);
    assert.match(all.said.at(-1), said);
  }
});

test("an answer that did not come is not told as nothing done", async () => {
  all.answer = "lost";
  await open();
  await press("Restore", dialog().querySelectorAll("li")[1]);
  assert.deepEqual(all.replaced, []);
  assert.match(all.said.at(-1), /may be done or not/);
});

test("a version that cannot be loaded is said", async () => {
  await open();
  await press("Compare", dialog().querySelectorAll("li")[2]);
  assert.match(all.said.at(-1), /cannot be reached/);
});

test("starting over asks first", async () => {
  all.history.startOver();
  await settle();
  await press("Go on as it is");
  assert.deepEqual(all.saver.acts, []);
  all.history.startOver();
  await settle();
  await press("Begin anew");
  assert.deepEqual(all.saver.acts, ["/start-over"]);
});
