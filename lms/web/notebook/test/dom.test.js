import { page } from "./dom.js";

import assert from "node:assert/strict";
import { test } from "node:test";

import { arrange, byId, el, icon } from "../src/dom.js";

test("text stays text, whatever it looks like", () => {
  const made = el("p", { title: "t" }, "<script>alert(1)</script>", el("b", {}, "bold"));
  assert.equal(made.outerHTML, '<p title="t">&lt;script&gt;alert(1)&lt;/script&gt;<b>bold</b></p>');
});

test("what is absent is left out, what is true is bare, and functions listen", () => {
  let pressed = 0;
  const made = el("button", { type: "button", hidden: true, title: null, id: undefined, disabled: false, onclick: () => { pressed += 1; } }, null, false, undefined, "Go");
  assert.equal(made.outerHTML, '<button type="button" hidden="">Go</button>');
  made.click();
  assert.equal(pressed, 1);
});

test("a sign is a picture that nobody reads out", () => {
  const made = icon("play");
  assert.equal(made.getAttribute("aria-hidden"), "true");
  assert.equal(made.querySelector("use").getAttribute("href"), "/icons.svg#play");
});

/* How many nodes were put in or taken out when `act` was done. */
function moves(root, act) {
  const watch = new MutationObserver(() => {});
  watch.observe(root, { childList: true });
  act();
  return watch.takeRecords().reduce((sum, each) => sum + each.addedNodes.length + each.removedNodes.length, 0);
}

function list(names) {
  page('<div id="root"></div>');
  const all = new Map([...names].map((name) => [name, el("section", { id: name, tabindex: "-1" }, name)]));
  const of = (order) => [...order].map((name) => {
    if (!all.has(name)) all.set(name, el("section", { id: name, tabindex: "-1" }, name));
    return all.get(name);
  });
  const root = byId("root");
  arrange(root, of(names));
  return { root, to: (order) => moves(root, () => arrange(root, of(order))) };
}

test("only what is new, gone or moved is touched", () => {
  const { root, to } = list("abcde");
  assert.equal(root.textContent, "abcde");
  assert.equal(to("abcde"), 0);
  assert.equal(to("abxcde"), 1);
  assert.equal(to("abxde"), 1);
  assert.equal(to("baxde"), 2, "taken out and put in");
  assert.equal(root.textContent, "baxde");
});

test("what has the focus keeps it, wherever it goes and whatever changes around it", () => {
  const { root, to } = list("abcdefg");
  byId("d").focus();
  for (const order of ["abcedfg", "dabcefg", "abcefgd", "gfedcba", "xdy", "d", "abcdefg"]) {
    to(order);
    assert.equal(root.textContent, order);
    assert.equal(document.activeElement.id, "d", order);
  }
});

test("any order can be reached from any other", () => {
  const orders = ["", "a", "ba", "cab", "hgfedcba", "badcfehg", "ijkl", "lkabij"];
  for (const from of orders) {
    for (const order of orders) {
      const { root, to } = list(from);
      root.lastElementChild?.focus();
      to(order);
      assert.equal(root.textContent, order, `${from} -> ${order}`);
    }
  }
});
