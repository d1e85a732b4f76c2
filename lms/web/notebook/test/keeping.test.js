import { page } from "./dom.js";

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Keeping } from "../src/keeping/keeping.js";
import { Saver } from "../src/keeping/saver.js";
import { Notebook } from "../src/notebook/model.js";
import { Clock, MemoryDrafts, Server, settle } from "./server.js";

const notebookOf = (text) => ({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [{ id: "a", cell_type: "code", metadata: {}, source: text, outputs: [], execution_count: null }] });
const textOf = (notebook) => [notebook.cells[0].source].flat().join("");

let all;
beforeEach(() => {
  const body = page('<p id="status"></p><p id="alert"></p>');
  const server = new Server();
  const clock = new Clock();
  const drafts = Object.assign(new MemoryDrafts(), { expire: async () => {}, takeOver: async () => drafts.left ?? null, giveBack: () => { drafts.isBack = true; } });
  const notebook = Notebook.from(notebookOf("handed out"));
  const config = { revision: 1, savedAt: null, csrf: "good", person: 7, files: [], notebook: notebookOf("handed out"), urls: { save: "/save", token: "/token", revisions: "/revisions", signIn: "/sign-in" } };
  const revisions = new Map();
  const fetch = async (address, options) => {
    const number = /^\/revisions\/(\d+)$/.exec(address)?.[1];
    if (!number) return server.fetch(address, options);
    const found = revisions.get(Number(number));
    if (!found) throw new TypeError("network");
    return { ok: true, json: async () => ({ notebook: found, files: [] }) };
  };
  const saver = new Saver({
    config,
    read: () => ({ notebook: notebook.toJSON(), files: [] }),
    encode: String,
    fetch,
    drafts,
    clock,
    onState: (state, facts) => keeping.show(state, facts),
  });
  const replaced = [];
  const said = [];
  const replaceWork = (version) => {
    replaced.push(version);
    notebook.load(version.notebook);
    saver.took(version);
  };
  const keeping = new Keeping({ config, saver, drafts, notebook, status: body.querySelector("#status"), alert: body.querySelector("#alert"), say: (text) => said.push(text), replaceWork, time: (moment) => `time ${moment}` });
  notebook.onChange(() => saver.changed());
  all = { body, server, clock, drafts, notebook, saver, keeping, replaced, said, revisions };
});

const type = (text) => all.notebook.setSource("a", text);
const dialog = () => document.querySelector("dialog");
async function press(text) {
  [...dialog().querySelectorAll("button")].find((button) => button.textContent === text).click();
  await settle();
}
async function meet() {
  all.server.saveElsewhere(notebookOf("theirs"));
  type("mine");
  await all.clock.pass(1500);
}

test("one line says where the work is", async () => {
  all.keeping.show("saved");
  assert.equal(all.body.querySelector("#status").textContent, "Nothing to save yet");
  type("x");
  assert.equal(all.body.querySelector("#status").textContent, "Not saved yet");
  all.server.next("lost");
  await all.clock.pass(1500);
  assert.match(all.body.querySelector("#status").textContent, /trying again in 2 s. It is kept in this browser/);
  assert.equal(all.body.querySelector("#alert").textContent, all.body.querySelector("#status").textContent);
  await all.clock.pass(2000);
  assert.equal(all.body.querySelector("#status").textContent, "Saved at time now");
  assert.equal(all.body.querySelector("#alert").textContent, "", "the trouble is over");
  assert.deepEqual(all.said, ["Saved at time now"]);
});

test("in a conflict both versions are shown, and going on with what is here saves it over the other", async () => {
  all.revisions.set(2, notebookOf("theirs"));
  await meet();
  assert.match(dialog().textContent, /\+mine/);
  assert.match(dialog().textContent, /-theirs/);
  await press("Go on with what is here");
  assert.equal(textOf(all.server.saved), "mine");
  assert.equal(dialog(), null);
});

test("taking the other version replaces what is here, which is kept beside it", async () => {
  all.revisions.set(2, notebookOf("theirs"));
  await meet();
  await press("Take the other");
  assert.equal(textOf(all.notebook.toJSON()), "theirs");
  assert.deepEqual(all.server.beside.map(textOf), ["mine"]);
  assert.equal(all.saver.state, "saved");
});

test("a version that does not load is not taken, and mine is not saved instead: it is asked again", async () => {
  await meet();
  assert.match(dialog().textContent, /could not be loaded, so they cannot be compared/);
  await press("Take the other");
  assert.match(dialog().querySelector("[role=alert]").textContent, /could not be loaded just now/);
  assert.equal(textOf(all.server.saved), "theirs");
  all.revisions.set(2, notebookOf("theirs"));
  await press("Take the other");
  assert.equal(textOf(all.notebook.toJSON()), "theirs");
});

test("the other is not taken while what is here could not be kept beside it", async () => {
  all.revisions.set(2, notebookOf("theirs"));
  all.server.saveElsewhere(notebookOf("theirs"));
  let arrive;
  all.server.next(new Promise((resolve) => { arrive = resolve; }), "lost");
  type("mine");
  await all.clock.pass(1500);
  type("mine, longer");
  arrive();
  await settle();
  await press("Take the other");
  assert.match(dialog().querySelector("[role=alert]").textContent, /nothing was replaced/);
  assert.equal(textOf(all.notebook.toJSON()), "mine, longer");
  await press("Take the other");
  assert.deepEqual(all.server.beside.map(textOf), ["mine", "mine, longer"]);
  assert.equal(textOf(all.notebook.toJSON()), "theirs");
});

test("what was left unsaved is here again, and saved", async () => {
  all.drafts.left = { base: 1, at: 5, notebook: notebookOf("left"), sent: null };
  await all.keeping.restoreDraft();
  await settle();
  assert.equal(textOf(all.server.saved), "left");
  assert.match(all.body.querySelector("#alert").textContent, /time 5, unsaved, is here again/);
  assert.equal(dialog(), null);
});

test("a draft of an older version asks before anything is replaced at the server", async () => {
  all.server.saveElsewhere(notebookOf("handed out"));
  all.saver.revision = 2;
  all.revisions.set(2, notebookOf("handed out"));
  all.drafts.left = { base: 1, at: 5, notebook: notebookOf("left"), sent: null };
  await all.keeping.restoreDraft();
  await all.clock.pass(60_000);
  assert.equal(textOf(all.server.saved), "handed out");
  assert.deepEqual(all.server.beside.map(textOf), ["left"]);
  assert.match(dialog().textContent, /saved elsewhere/);
});

test("a draft whose last save arrived, though its answer did not, is one's own and asks nothing", async () => {
  all.server.saveElsewhere(notebookOf("sent"));
  all.notebook.load(notebookOf("sent"));
  all.saver.took({ revision: 2, savedAt: "then" });
  all.drafts.left = { base: 1, at: 5, notebook: notebookOf("sent, and typed on"), sent: notebookOf("sent") };
  await all.keeping.restoreDraft();
  await settle();
  assert.equal(textOf(all.server.saved), "sent, and typed on");
  assert.equal(dialog(), null);
});

test("what was typed before a draft was found is not replaced by it", async () => {
  all.drafts.left = { base: 1, at: 5, notebook: notebookOf("left"), sent: null };
  type("typed already");
  await all.keeping.restoreDraft();
  assert.equal(textOf(all.notebook.toJSON()), "typed already");
  assert.ok(all.drafts.isBack);
});

test("whoever is signed out is asked to sign in, and their work is saved once they have", async () => {
  all.server.next({ status: 401, json: { error: { kind: "signed-out", message: "Sign in." } } });
  type("mine");
  await all.clock.pass(1500);
  assert.match(dialog().textContent, /Sign in again/);
  all.server.signedIn = 8;
  await press("I have signed in");
  assert.match(dialog().textContent, /not signed in as yourself yet/);
  all.server.signedIn = 7;
  await press("I have signed in");
  assert.equal(textOf(all.server.saved), "mine");
});

test("a page whose browser keeps nothing says so, and not that it does", async () => {
  all.drafts.put = async () => false;
  all.server.next("lost");
  type("x");
  await all.clock.pass(1500);
  assert.match(all.body.querySelector("#status").textContent, /trying again in 2 s. This browser keeps nothing: leave this page open/);
  assert.equal(all.body.querySelector("#alert").textContent, all.body.querySelector("#status").textContent);
});

test("what is typed while a draft is looked for is not replaced by it, and the draft waits for the next page", async () => {
  all.drafts.takeOver = async () => {
    type("typed meanwhile");
    return { base: 1, at: 5, notebook: notebookOf("left"), sent: null };
  };
  await all.keeping.restoreDraft();
  assert.equal(textOf(all.notebook.toJSON()), "typed meanwhile");
  assert.ok(all.drafts.isBack);
  assert.match(all.body.querySelector("#alert").textContent, /something else from time 5, unsaved. Reload/);
});

test("whoever closed the question is asked again by a button, and saved as soon as they come back signed in", async () => {
  all.server.next({ status: 401, json: { error: { kind: "signed-out", message: "Sign in." } } });
  type("mine");
  await all.clock.pass(1500);
  await press("Close");
  assert.equal(dialog(), null);
  const button = all.body.querySelector("#status + button");
  assert.equal(button.hidden, false);
  button.click();
  await settle();
  assert.match(dialog().textContent, /Sign in again/);
  await press("Close");
  all.server.signedIn = 8;
  window.dispatchEvent(new Event("focus"));
  await settle();
  assert.equal(all.saver.state, "signed-out");
  all.server.signedIn = 7;
  window.dispatchEvent(new Event("focus"));
  await settle();
  assert.equal(textOf(all.server.saved), "mine");
  assert.equal(button.hidden, true);
});

test("a question that is closed while it is being looked who is signed in is no error", async () => {
  all.server.next({ status: 401, json: { error: { kind: "signed-out", message: "Sign in." } } });
  type("mine");
  await all.clock.pass(1500);
  let arrive;
  all.server.next(new Promise((resolve) => { arrive = resolve; }));
  await press("I have signed in");
  await press("Close");
  arrive();
  await settle();
  assert.equal(textOf(all.server.saved), "mine");
});
