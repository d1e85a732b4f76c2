import assert from "node:assert/strict";
import { test } from "node:test";

import { patient } from "../src/keeping/patience.js";

/* A network on which nothing ever arrives. */
const silent = (_address, { signal }) => new Promise((_resolve, reject) => { signal.addEventListener("abort", () => reject(signal.reason)); });

test("what gets no answer fails, later when much is on its way", async () => {
  const began = performance.now();
  const impatient = patient(silent, { answer: 20 });
  const beat = setInterval(() => {}, 5); // a timeout alone keeps no process alive
  await assert.rejects(impatient("/save"), { name: "TimeoutError" });
  const small = performance.now() - began;
  await assert.rejects(impatient("/save", { body: new Uint8Array(4000) }), { name: "TimeoutError" });
  clearInterval(beat);
  assert.ok(performance.now() - began - small >= 200);
});

test("what is answered in time is passed on, with what was asked", async () => {
  const echo = async (address, options) => [address, options.method];
  assert.deepEqual(await patient(echo)("/save", { method: "PUT" }), ["/save", "PUT"]);
});
