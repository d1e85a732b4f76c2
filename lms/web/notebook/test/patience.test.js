import assert from "node:assert/strict";
import { test } from "node:test";

import { patient } from "../src/keeping/patience.js";

/* A network on which nothing ever arrives. */
const silent = (_address, { signal }) => new Promise((_resolve, reject) => { signal.addEventListener("abort", () => reject(signal.reason)); });

test("what gets no answer fails, later when much is on its way", async () => {
  const began = performance.now();
  const impatient = patient(silent, { answer: 20 });
  await assert.rejects(impatient("/save"), { name: "TimeoutError" });
  const small = performance.now() - began;
  await assert.rejects(impatient("/save", { body: new Uint8Array(4000) }), { name: "TimeoutError" });
  assert.ok(performance.now() - began - small >= 200);
});

test("what is answered in time is passed on, with what was asked", async () => {
  const echo = async (address, options) => [address, options.method];
  assert.deepEqual(await patient(echo, { reading: 0 })("/save", { method: "PUT" }), ["/save", "PUT"]);
});

test("an answer that has begun may take longer, but not for ever", async () => {
  const slow = async (_address, { signal }) => ({
    json: () => new Promise((resolve, reject) => {
      setTimeout(() => resolve("all of it"), 60);
      signal.addEventListener("abort", () => reject(signal.reason));
    }),
  });
  assert.equal(await (await patient(slow, { answer: 20, reading: 500 })("/revisions/2")).json(), "all of it");
  const begun = await patient(slow, { answer: 20, reading: 30 })("/revisions/2");
  await assert.rejects(begun.json(), { name: "TimeoutError" });
});
