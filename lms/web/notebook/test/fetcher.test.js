import assert from "node:assert/strict";
import { test } from "node:test";

import { until } from "./scripted.js";

const config = {
  runtime: { url: "/runtime/b/", files: { "kernel.zip": { sha256: "00".repeat(32), size: 6 }, "pyodide.mjs": { sha256: "00".repeat(32), size: 1 } } },
  handedOut: [{ name: "job.sh", url: "/given/job.sh" }],
  modules: [],
  files: [],
  urls: {},
};
let copies = 0;

/** A fetcher that has begun: `{ said, asked, serve }`. Whatever is fetched holds its own address, except for what is in `lost`. */
async function begun({ lost = new Set() } = {}) {
  const said = [];
  const asked = [];
  const fetch = async (address) => {
    asked.push(address);
    if (lost.has(address)) throw new TypeError("Failed to fetch");
    return new Response(address);
  };
  globalThis.self = { postMessage: (message) => said.push(message), fetch };
  copies += 1;
  await import(`../src/kernel/fetcher.js?${copies}`);
  const { onmessage } = globalThis.self;
  /** One start: what a worker asks on its port, and what it is answered. */
  const serve = (generation) => {
    const { port1, port2 } = new MessageChannel();
    const answers = [];
    port2.on("message", (answer) => answers.push(answer));
    port2.unref();
    onmessage({ data: { config, generation, port: port1 } });
    const ask = async (message) => {
      const before = answers.length;
      port2.postMessage(message);
      await until(() => answers.length > before);
      return answers.at(-1);
    };
    return { ask, port: port2, close: () => port2.close() };
  };
  return { said, asked, serve };
}

const text = (bytes) => new TextDecoder().decode(bytes);

test("what every start needs is fetched before anybody asks, and given to who asks", async () => {
  const { said, asked, serve } = await begun();
  const { ask, close } = serve(1);
  await until(() => said.length);
  assert.deepEqual(asked, ["/runtime/b/kernel.zip"]);
  assert.equal(text((await ask({ id: 7, kind: "runtime", name: "kernel.zip" })).bytes), "/runtime/b/kernel.zip");
  assert.equal(asked.length, 1);
  assert.deepEqual(said, [{ t: "bytes", done: 6, of: 6, generation: 1 }]);
  close();
});

test("what is on no list is refused, and the network is not blamed for it", async () => {
  const { said, asked, serve } = await begun();
  const { ask, close } = serve(1);
  const answer = await ask({ id: 1, kind: "given", name: "../../account" });
  assert.match(answer.error, /no such file/);
  assert.equal(answer.bytes, undefined);
  assert.equal(asked.length, 1);
  assert.deepEqual(said.filter(({ t }) => t === "lost"), []);
  close();
});

test("that something did not come is told to the page, with the start it was for", async () => {
  const { said, serve } = await begun({ lost: new Set(["/given/job.sh"]) });
  const { ask, close } = serve(3);
  assert.match((await ask({ id: 1, kind: "given", name: "job.sh" })).error, /Failed to fetch/);
  assert.deepEqual(said.filter(({ t }) => t === "lost"), [{ t: "lost", generation: 3 }]);
  close();
});

test("a new start takes the place of the one before", async () => {
  const { asked, serve } = await begun();
  const first = serve(1);
  const second = serve(2);
  await new Promise((resolve) => { first.port.on("close", resolve); });
  assert.equal(text((await second.ask({ id: 1, kind: "given", name: "job.sh" })).bytes), "/given/job.sh");
  assert.ok(asked.includes("/given/job.sh"));
  second.close();
});

test("who asks without end is not answered without end", async () => {
  const { asked, serve } = await begun();
  const { port, close } = serve(1);
  for (let count = 0; count < 6000; count += 1) port.postMessage({ id: count, kind: "given", name: "job.sh" });
  await until(() => asked.length >= 5001);
  await new Promise((resolve) => { setTimeout(resolve, 50); });
  assert.equal(asked.length, 5001);
  close();
});
