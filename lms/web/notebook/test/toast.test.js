import { page } from "./dom.js";

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Toast } from "../src/notebook/toast.js";

const byId = (id) => document.getElementById(id);
const shown = (id) => byId(id).closest(".nb-toast").hasAttribute("data-shown");

/* What a mutation observer hears, it hears after everything that runs now. */
async function say(id, text) {
  byId(id).textContent = text;
  await Promise.resolve();
}

beforeEach((context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  page(`
    <div id="cell" tabindex="-1"></div>
    <div class="nb-toasts">
      <div class="nb-toast"><p id="alert"></p><button type="button" id="close" hidden></button></div>
      <div class="nb-toast"><p id="say"></p></div>
    </div>`);
  for (const id of ["alert", "say"]) new Toast(byId(id));
});

test("what is said is seen for as long as it takes to read, and still there for whoever hears it", async (context) => {
  await say("say", "Copied");
  assert.ok(shown("say"));
  context.mock.timers.tick(5000);
  assert.ok(shown("say"));
  context.mock.timers.tick(1000);
  assert.ok(!shown("say"));
  assert.equal(byId("say").textContent, "Copied");
});

test("a long sentence stays longer, and the next one has its own time", async (context) => {
  await say("say", "x".repeat(200));
  context.mock.timers.tick(16_000);
  assert.ok(shown("say"));
  await say("say", "Copied");
  context.mock.timers.tick(5000);
  assert.ok(shown("say"));
  context.mock.timers.tick(1000);
  assert.ok(!shown("say"));
  await say("say", "Copied");
  assert.ok(shown("say"), "the same again is seen again");
});

test("it does not go while the pointer is on it", async (context) => {
  await say("say", "Copied");
  const box = byId("say").parentElement;
  box.dispatchEvent(new window.Event("pointerenter"));
  context.mock.timers.tick(60_000);
  assert.ok(shown("say"));
  box.dispatchEvent(new window.Event("pointerleave"));
  context.mock.timers.tick(6000);
  assert.ok(!shown("say"));
});

test("trouble stays until it is closed or over, and closing gives the focus back", async (context) => {
  await say("alert", "Not saved");
  assert.ok(!byId("close").hidden);
  context.mock.timers.tick(3_600_000);
  assert.ok(shown("alert"));
  await say("alert", "");
  assert.ok(!shown("alert"));
  assert.ok(byId("close").hidden, "no stop for who goes on by Tab");

  await say("alert", "Not saved");
  byId("cell").focus();
  byId("close").focus();
  byId("close").click();
  await Promise.resolve();
  assert.ok(!shown("alert"));
  assert.equal(document.activeElement.id, "cell");
});

test("on a narrow page it stands at the edge that is farther from the focus, also when that moves", async () => {
  const edge = () => document.querySelector(".nb-toasts").dataset.edge;
  const stands = (top, bottom) => { byId("cell").getBoundingClientRect = () => ({ top, bottom }); };
  const { innerHeight } = window;
  byId("cell").focus();
  stands(innerHeight - 200, innerHeight - 100);
  await say("say", "Copied");
  assert.equal(edge(), "top");
  byId("cell").blur();
  stands(50, 150);
  byId("cell").focus();
  assert.equal(edge(), "bottom");
  byId("cell").blur();
  await say("say", "Copied again");
  assert.equal(edge(), "bottom", "nothing has the focus");

  stands(innerHeight - 200, innerHeight - 100);
  byId("cell").focus();
  await say("alert", "Not saved");
  assert.equal(edge(), "top");
  byId("close").focus();
  assert.equal(edge(), "top", "it does not run away from who closes it");
});
