import assert from "node:assert/strict";
import { test } from "node:test";

import { Tabs } from "../src/keeping/tabs.js";

/* Tabs of one browser, each with its channel to the others, and a clock that a test moves. */
class ScriptedBrowser {
  constructor() {
    this.open = [];
    this.waiting = [];
  }

  tab(name) {
    const mine = { listeners: [], isHeard: true, told: [] };
    const channel = {
      addEventListener: (_event, fn) => mine.listeners.push(fn),
      postMessage: (data) => { for (const other of this.open) if (other !== mine && other.isHeard) for (const fn of other.listeners) fn({ data: structuredClone(data) }); },
    };
    mine.tabs = new Tabs({ channel, name, onChange: (hasOthers) => mine.told.push(hasOthers), setTimeout: (fn) => this.waiting.push(fn) });
    this.open.push(mine);
    mine.tabs.ask();
    return mine;
  }

  pass() {
    for (const fn of this.waiting.splice(0)) fn();
  }
}

const hasOthers = ({ told }) => told.at(-1) ?? false;

test("two tabs know of each other, and the one that stays learns that the other left", () => {
  const browser = new ScriptedBrowser();
  const first = browser.tab("a");
  assert.ok(!hasOthers(first));
  const second = browser.tab("b");
  const third = browser.tab("c");
  assert.deepEqual([first, second, third].map(hasOthers), [true, true, true]);
  second.tabs.leave();
  assert.ok(hasOthers(first));
  third.tabs.leave();
  assert.ok(!hasOthers(first));
  browser.pass();
  assert.ok(!hasOthers(first));
});

test("a tab that crashed is gone for who asks again, and one that answers is not", () => {
  const browser = new ScriptedBrowser();
  const [first, second, third] = ["a", "b", "c"].map((name) => browser.tab(name));
  browser.pass();
  second.isHeard = false;
  first.tabs.ask();
  assert.ok(hasOthers(first));
  browser.pass();
  assert.ok(hasOthers(first));
  third.isHeard = false;
  first.tabs.ask();
  browser.pass();
  assert.ok(!hasOthers(first));
});

test("a tab that slept while it was asked is known again when it asks itself", () => {
  const browser = new ScriptedBrowser();
  const [first, second] = ["a", "b"].map((name) => browser.tab(name));
  second.isHeard = false;
  first.tabs.ask();
  browser.pass();
  assert.ok(!hasOthers(first));
  second.isHeard = true;
  second.tabs.ask();
  assert.ok(hasOthers(first) && hasOthers(second));
});
