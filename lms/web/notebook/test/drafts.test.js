import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { IDBFactory } from "fake-indexeddb";

import { Drafts } from "../src/keeping/drafts.js";

/* Locks as browsers have them: held until the function's promise ends; `leave` is what the end of a tab does. */
class Locks {
  held = new Map();

  async request(name, _options, act) {
    if (this.held.has(name)) return act(null);
    this.held.set(name, true);
    return act({ name });
  }

  leave(tab) {
    for (const name of this.held.keys()) if (name.endsWith(tab)) this.held.delete(name);
  }
}

let indexedDB;
let locks;
let now;
beforeEach(() => {
  indexedDB = new IDBFactory();
  locks = new Locks();
  now = 1_000_000;
});
const tab = (name, { person = 7, lab = "L01", ...rest } = {}) => new Drafts({ person, lab, indexedDB, locks, tab: name, now: () => now, ...rest });
const draft = (text, at = now) => ({ base: 1, at, notebook: { text }, sent: null });

test("a draft is found by the next tab once its own is gone, and then goes with the next one's", async () => {
  const first = tab("first");
  await first.put(draft("typed"));
  const second = tab("second");
  assert.equal(await second.takeOver(), null);
  locks.leave("first");
  assert.deepEqual(await second.takeOver(), draft("typed"));
  const third = tab("third");
  assert.equal(await third.takeOver(), null);
  await second.remove();
  locks.leave("second");
  assert.equal(await third.takeOver(), null);
});

test("one tab saving does not remove what another has not saved", async () => {
  const first = tab("first");
  const second = tab("second");
  await first.put(draft("of the first"));
  await second.put(draft("of the second"));
  await second.remove();
  locks.leave("first");
  assert.deepEqual(await tab("third").takeOver(), draft("of the first"));
});

test("of several that were left the newest comes first, the others stay for the next time", async () => {
  await tab("first").put(draft("older", now - 5));
  await tab("second").put(draft("newer"));
  locks.leave("first");
  locks.leave("second");
  const third = tab("third");
  assert.deepEqual(await third.takeOver(), draft("newer"));
  await third.remove();
  assert.deepEqual(await tab("fourth").takeOver(), draft("older", now - 5));
});

test("nobody sees another person's draft, nor that of another lab", async () => {
  await tab("first").put(draft("mine"));
  locks.leave("first");
  assert.equal(await tab("second", { person: 77 }).takeOver(), null);
  assert.equal(await tab("third", { lab: "L0" }).takeOver(), null);
});

test("after thirty days a draft is neither shown nor kept", async () => {
  await tab("first").put(draft("old"));
  locks.leave("first");
  now += 30 * 86_400_000 + 1;
  const second = tab("second");
  assert.equal(await second.takeOver(), null);
  await second.expire();
  now -= 86_400_000;
  assert.equal(await tab("third").takeOver(), null);
});

test("a draft is never written after it was removed", async () => {
  const first = tab("first");
  first.put(draft("a"));
  first.remove();
  await first.put(draft("b"));
  await first.remove();
  locks.leave("first");
  assert.equal(await tab("second").takeOver(), null);
});

test("a browser that keeps nothing, or has no locks, is no error", async () => {
  const closed = { open() { throw new Error("denied"); } };
  const private_ = tab("first", { indexedDB: closed });
  assert.equal(await private_.put(draft("a")), false);
  assert.equal(await private_.takeOver(), null);
  await tab("second", { locks: undefined }).put(draft("typed"));
  assert.deepEqual(await tab("third", { locks: undefined }).takeOver(), draft("typed"));
});

test("a database that could not be opened once, or was closed by the browser, is opened again", async () => {
  let opened;
  const failsOnce = {
    open(...all) {
      if (!opened) {
        opened = "failed";
        throw new Error("busy");
      }
      opened = indexedDB.open(...all);
      return opened;
    },
  };
  const first = tab("first", { indexedDB: failsOnce });
  assert.equal(await first.put(draft("a")), true);
  opened.result.close();
  assert.equal(await first.put(draft("b")), true);
  locks.leave("first");
  assert.deepEqual(await tab("second").takeOver(), draft("b"));
});

test("what is given back is left for the next page, even when this one has saved", async () => {
  await tab("first").put(draft("left"));
  locks.leave("first");
  const second = tab("second");
  await second.takeOver();
  second.giveBack();
  await second.remove();
  locks.leave("first"); // with the page that had taken it
  assert.deepEqual(await tab("third").takeOver(), draft("left"));
});
