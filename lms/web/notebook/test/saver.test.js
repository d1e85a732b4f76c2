import assert from "node:assert/strict";
import { test } from "node:test";

import { Saver } from "../src/keeping/saver.js";
import { Clock, MemoryDrafts, Server, settle } from "./server.js";

function begin({ files = [] } = {}) {
  const server = new Server();
  const clock = new Clock();
  const drafts = new MemoryDrafts();
  const states = [];
  const typed = { text: "", files };
  const saver = new Saver({
    config: { revision: 1, savedAt: null, csrf: "good", person: 7, files: [], urls: { save: "/save", token: "/token" } },
    read: () => ({ notebook: { text: typed.text }, files: typed.files }),
    encode: (bytes) => `base64 of ${bytes}`,
    fetch: server.fetch,
    drafts,
    clock,
    onState: (state, facts) => states.push([state, facts]),
  });
  const type = (text) => { typed.text = text; saver.changed(); };
  return { server, clock, drafts, states, saver, type, typed };
}

test("what is typed is saved a second and a half later, once, and no draft remains", async () => {
  const { server, clock, drafts, saver, type } = begin();
  type("a");
  await clock.pass(1000);
  type("ab");
  assert.equal(drafts.kept.notebook.text, "a");
  await clock.pass(1499);
  assert.equal(server.requests.length, 0);
  await clock.pass(1);
  assert.deepEqual(server.saved, { text: "ab" });
  assert.equal(server.requests.length, 1);
  assert.equal(saver.state, "saved");
  assert.equal(drafts.kept, null);
});

test("whoever types without a pause is saved every ten seconds", async () => {
  const { server, clock, type } = begin();
  for (let second = 0; second < 11; second += 1) {
    type(`at ${second}`);
    await clock.pass(1000);
  }
  assert.equal(server.requests.length, 1);
});

test("what is typed while a save is on its way is saved after it, one at a time", async () => {
  const { server, clock, type } = begin();
  let arrive;
  server.next(new Promise((resolve) => { arrive = resolve; }));
  type("a");
  await clock.pass(1500);
  type("ab");
  await clock.pass(5000);
  assert.equal(server.requests.length, 1);
  arrive();
  await settle();
  assert.deepEqual(server.requests.map(({ headers }) => headers["If-Match"]), ['"1"', '"2"']);
  assert.deepEqual(server.saved, { text: "ab" });
});

test("a save whose answer was lost is no conflict with what was typed after it", async () => {
  const { server, clock, saver, type } = begin();
  server.next("done, then lost");
  type("a");
  await clock.pass(1500);
  assert.equal(saver.state, "retrying");
  type("ab");
  await clock.pass(3000);
  assert.equal(saver.state, "saved");
  assert.deepEqual(server.saved, { text: "ab" });
  assert.deepEqual(server.beside, []);
});

test("what a draft says was sent tells the next page that the server's version is this tab's own", async () => {
  const { server, clock, drafts, type } = begin();
  server.next("done, then lost");
  type("a");
  await clock.pass(1500);
  type("ab");
  await clock.pass(300);
  assert.deepEqual(drafts.kept, { base: 1, at: 1800, notebook: { text: "ab" }, sent: { text: "a" } });
});

test("a server that fails is tried again, later and later, and the draft stays", async () => {
  const { server, clock, drafts, states, type } = begin();
  server.next({ status: 503, text: "<html>" }, "lost", { status: 429 });
  type("a");
  await clock.pass(1500);
  assert.deepEqual(states.at(-1), ["retrying", { seconds: 2 }]);
  await clock.pass(2000);
  assert.deepEqual(states.at(-1), ["retrying", { seconds: 4 }]);
  await clock.pass(4000);
  assert.deepEqual(states.at(-1), ["retrying", { seconds: 8 }]);
  assert.equal(drafts.kept.notebook.text, "a");
  await clock.pass(8000);
  assert.equal(states.at(-1)[0], "saved");
  type("ab");
  server.next("lost");
  await clock.pass(1500);
  assert.deepEqual(states.at(-1), ["retrying", { seconds: 2 }]);
});

test("a page of a proxy that refuses is told and not tried for ever", async () => {
  const { server, clock, states, type } = begin();
  server.next({ status: 413, text: "<html>Request Entity Too Large" });
  type("a");
  await clock.pass(1500);
  assert.equal(states.at(-1)[0], "refused");
  assert.match(states.at(-1)[1].message, /413/);
  await clock.pass(600_000);
  assert.equal(server.requests.length, 1);
  type("b");
  await clock.pass(1500);
  assert.deepEqual(server.saved, { text: "b" });
});

test("the page of a network that wants a password is not taken for a save", async () => {
  const { server, clock, saver, type } = begin();
  server.next({ status: 200, text: "<html>Welcome to our hotel" });
  type("a");
  await clock.pass(1500);
  assert.equal(saver.state, "retrying");
  assert.equal(saver.isUnsaved, true);
});

test("two tabs conflict: nothing is sent until the learner decides, not even by a timer that was set", async () => {
  const { server, clock, states, saver, type } = begin();
  server.saveElsewhere({ text: "theirs" });
  let arrive;
  server.next(new Promise((resolve) => { arrive = resolve; }));
  type("mine");
  await clock.pass(1500);
  type("mine, longer");
  arrive();
  await settle();
  assert.equal(states.at(-1)[0], "conflict");
  assert.equal(states.at(-1)[1].revision, 2);
  await clock.pass(60_000);
  assert.equal(await saver.save(), false);
  assert.equal(server.requests.length, 1);
  await saver.goOn({ revision: 2, keep: true });
  assert.deepEqual(server.saved, { text: "mine, longer" });
  assert.equal(server.requests.at(-1).sent.keep, true);
});

test("before the other version is taken, what was typed since the refusal is kept beside it", async () => {
  const { server, clock, saver, type } = begin();
  server.saveElsewhere({ text: "theirs" });
  let arrive;
  server.next(new Promise((resolve) => { arrive = resolve; }));
  type("mine");
  await clock.pass(1500);
  type("mine, longer");
  arrive();
  await settle();
  server.next("lost");
  assert.equal(await saver.keepBeside(), false);
  assert.equal(await saver.keepBeside(), true);
  assert.deepEqual(server.beside, [{ text: "mine" }, { text: "mine, longer" }]);
  assert.equal(await saver.keepBeside(), true);
  assert.equal(server.requests.length, 3);
  saver.took({ revision: 2, savedAt: "then" });
  assert.equal(saver.isUnsaved, false);
});

test("a version to be kept is still kept when its save fails first, or was asked for while another was on its way", async () => {
  const { server, clock, saver, type } = begin();
  let arrive;
  server.next(new Promise((resolve) => { arrive = resolve; }));
  type("a");
  await clock.pass(1500);
  const kept = saver.save({ keep: true });
  arrive();
  assert.equal(await kept, true);
  assert.deepEqual(server.requests.map(({ sent }) => sent.keep), [false, true]);
  server.next("lost");
  type("b");
  assert.equal(await saver.save({ keep: true }), false);
  await clock.pass(2000);
  assert.equal(server.requests.at(-1).sent.keep, true);
});

test("a hidden page sends what it has, and writes the draft at once even while a save is on its way", async () => {
  const { server, clock, drafts, saver, type } = begin();
  type("a");
  saver.hide();
  assert.equal(drafts.kept.notebook.text, "a");
  await settle();
  assert.equal(server.requests[0].keepalive, true);
  let arrive;
  server.next(new Promise((resolve) => { arrive = resolve; }));
  type("b");
  await clock.pass(1500);
  type("bc");
  saver.hide();
  assert.equal(drafts.kept.notebook.text, "bc");
  arrive();
  await settle();
  assert.deepEqual(server.saved, { text: "bc" });
});

test("a request outlives its page only when it is small enough in bytes, and not after it failed", async () => {
  const { server, clock, type } = begin();
  type("é".repeat(31_000));
  await clock.pass(1500);
  assert.equal(server.requests[0].keepalive, false);
  server.next("lost");
  type("small");
  await clock.pass(1500);
  await clock.pass(2000);
  assert.deepEqual(server.requests.slice(1).map(({ keepalive }) => keepalive), [true, false]);
});

test("files go along once, and again when the server has lost them", async () => {
  const file = { name: "out.csv", sha256: "abc", bytes: "1,2" };
  const { server, clock, type } = begin({ files: [file] });
  type("a");
  await clock.pass(1500);
  assert.equal(server.requests[0].sent.files[0].data, "base64 of 1,2");
  type("b");
  await clock.pass(1500);
  assert.equal("data" in server.requests[1].sent.files[0], false);
  server.files.clear();
  type("c");
  await clock.pass(1500);
  assert.deepEqual(server.saved, { text: "c" });
  assert.equal(server.requests.at(-1).sent.files[0].data, "base64 of 1,2");
});

test("a token that is stale is renewed unseen; whoever is signed out is asked; somebody else's work is not touched", async () => {
  const { server, clock, states, saver, type } = begin();
  server.token = "newer";
  type("a");
  await clock.pass(1500);
  assert.equal(saver.state, "saved");
  server.next({ status: 401, json: { error: { kind: "signed-out", message: "Sign in" } } });
  type("b");
  await clock.pass(1500);
  assert.equal(states.at(-1)[0], "signed-out");
  await clock.pass(60_000);
  server.signedIn = 8;
  assert.equal(await saver.renew(), false);
  await saver.save();
  assert.equal(states.at(-1)[0], "other-person");
  assert.deepEqual(server.saved, { text: "a" });
  server.signedIn = 7;
  await saver.goOn();
  assert.deepEqual(server.saved, { text: "b" });
});

test("what is done to a version is done to what was saved just before: what is typed meanwhile is saved after it", async () => {
  const { server, clock, saver, type } = begin();
  type("a");
  let arrive;
  server.next(undefined, new Promise((resolve) => { arrive = resolve; }));
  const done = saver.act("/hand-in", { keep: true });
  await settle();
  type("ab");
  await clock.pass(5000);
  assert.deepEqual(server.requests.map(({ method }) => method), ["PUT", "POST"]);
  arrive();
  assert.deepEqual(await done, { ok: true, told: { handedIn: 2 }, isCurrent: false });
  await settle();
  assert.deepEqual(server.saved, { text: "ab" });
});

test("what is saved elsewhere between save and hand-in is a conflict, and a lost answer is said", async () => {
  const { server, saver, states, type } = begin();
  type("a");
  server.next(undefined, "lost");
  await assert.rejects(saver.act("/hand-in"));
  server.saveElsewhere({ text: "theirs" });
  assert.equal(await saver.act("/hand-in"), null);
  assert.equal(states.at(-1)[0], "conflict");
});

test("a draft of an older version meets the newer one at the server, and both are kept", async () => {
  const { server, saver, states, typed } = begin();
  server.saveElsewhere({ text: "newer" });
  saver.revision = 2;
  typed.text = "from the draft";
  assert.equal(await saver.resume(1), false);
  assert.equal(states.at(-1)[0], "conflict");
  assert.deepEqual(server.beside, [{ text: "from the draft" }]);
  assert.deepEqual(server.saved, { text: "newer" });
});

test("what is typed while this version is kept beside another is kept there, too", async () => {
  const { server, saver, type } = begin();
  server.saveElsewhere({ text: "theirs" });
  let arrive;
  server.next(new Promise((resolve) => { arrive = resolve; }));
  type("mine");
  const kept = saver.keepBeside();
  type("mine, and more");
  arrive();
  assert.equal(await kept, true);
  assert.deepEqual(server.beside.map(({ text }) => text), ["mine", "mine, and more"]);
});

test("what follows an act comes before any save that waited for it", async () => {
  const { server, clock, saver, type } = begin();
  type("a");
  await clock.pass(1500);
  let arrive;
  server.next(new Promise((resolve) => { arrive = resolve; }));
  const seen = [];
  const acted = saver.act("/restore", {
    after: async (told) => {
      seen.push(told, saver.isUnsaved);
      saver.took({ revision: 3, savedAt: "now" });
    },
  });
  await settle();
  type("typed meanwhile");
  await clock.pass(1500);
  arrive();
  assert.deepEqual((await acted).told, { handedIn: 2 });
  await settle();
  assert.deepEqual(seen, [{ handedIn: 2 }, true]);
  assert.equal(server.requests.length, 2, "there was nothing left to save");
  assert.equal(saver.state, "saved");
});

test("a file that another tab took away, and this page never read, keeps nothing else from being saved", async () => {
  const { server, clock, saver, type, typed } = begin({ files: [{ name: "gone.txt", sha256: "g", bytes: null }, { name: "here.txt", sha256: "h", bytes: "bytes" }] });
  saver.atServer.add("g").add("h");
  type("a");
  await clock.pass(1500);
  assert.equal(saver.state, "saved");
  assert.deepEqual(server.requests.at(-1).sent.files, [{ name: "here.txt", sha256: "h", data: "base64 of bytes" }]);
  // With another version that has it, it is there again.
  server.files.add("g");
  saver.took({ revision: 2, savedAt: "now", files: [{ sha256: "g" }] });
  typed.text = "b";
  saver.changed();
  await clock.pass(1500);
  assert.deepEqual(server.requests.at(-1).sent.files.map(({ name }) => name), ["gone.txt", "here.txt"]);
});

test("nor does it keep this version from being kept beside another", async () => {
  const { server, saver, type } = begin({ files: [{ name: "gone.txt", sha256: "g", bytes: null }] });
  server.saveElsewhere({ text: "theirs" });
  type("mine");
  assert.equal(await saver.keepBeside(), true);
  assert.deepEqual(server.beside, [{ text: "mine" }]);
});

test("a save that was done, its answer lost, and a session that ended after it are no conflict with oneself", async () => {
  const { server, clock, saver, type } = begin();
  server.next("done, then lost", { status: 401, json: { error: { kind: "signed-out" } } });
  type("a");
  await clock.pass(1500);
  type("ab");
  await clock.pass(3000);
  assert.equal(saver.state, "signed-out");
  await saver.goOn();
  assert.equal(saver.state, "saved");
  assert.deepEqual(server.saved, { text: "ab" });
  assert.deepEqual(server.beside, []);
});

test("whether this browser keeps a draft is told when that is found out", async () => {
  const { clock, drafts, states, server, type, saver } = begin();
  drafts.put = async () => false;
  server.next("lost");
  type("a");
  await clock.pass(1500);
  assert.equal(saver.isDrafted, false);
  assert.deepEqual(states.at(-1), ["retrying", { seconds: 2 }]);
  assert.equal(states.filter(([state]) => state === "retrying").length, 1);
});

test("code that never ends putting out keeps nothing from being kept beside another version", async () => {
  const { server, saver, type } = begin();
  server.saveElsewhere({ text: "theirs" });
  type("mine");
  const plain = saver.fetch;
  saver.fetch = (...all) => {
    saver.changed({ isTyped: false });
    return plain(...all);
  };
  assert.equal(await saver.keepBeside(), true);
  assert.equal(server.beside.length, 1);
});

test("what is the other version already, or needs another token, is kept beside it all the same", async () => {
  const { server, saver, type } = begin();
  server.saveElsewhere({ text: "mine" });
  type("mine");
  assert.equal(await saver.keepBeside(), true);
  server.token = "another";
  type("mine, and more");
  assert.equal(await saver.keepBeside(), true);
  assert.deepEqual(server.beside, [{ text: "mine, and more" }]);
});

test("a file that was left out is not asked about again with each save", async () => {
  const { server, clock, saver, type } = begin({ files: [{ name: "gone.txt", sha256: "g", bytes: null }] });
  saver.atServer.add("g");
  for (const text of ["a", "ab", "abc"]) {
    type(text);
    await clock.pass(1500);
  }
  assert.equal(server.requests.length, 4);
});

test("two acts that waited for one save follow each other", async () => {
  const { server, saver, type } = begin();
  const order = [];
  const after = (name) => async () => {
    order.push(`${name} begins`);
    await settle();
    order.push(`${name} ends`);
  };
  let arrive;
  server.next(new Promise((resolve) => { arrive = resolve; }));
  type("a");
  const both = [saver.act("/one", { after: after("one") }), saver.act("/two", { after: after("two") })];
  await settle();
  arrive();
  await Promise.all(both);
  assert.deepEqual(order, ["one begins", "one ends", "two begins", "two ends"]);
});

test("whether something was typed since is told with what an act did", async () => {
  const { clock, saver, type } = begin();
  type("a");
  await clock.pass(1500);
  assert.equal((await saver.act("/hand-in")).isCurrent, true);
});
