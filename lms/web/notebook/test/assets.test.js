import assert from "node:assert/strict";
import { test } from "node:test";

import { Assets, NoSuchFile } from "../src/kernel/assets.js";

function made({ files = [], answers = {}, more = [], urls = { files: "/files/" } } = {}) {
  const runtime = { url: "/runtime/b/", files: { "kernel.zip": { size: 6 }, "numpy.whl": { size: 5 }, "pyodide.mjs": { size: 1 } } };
  for (const name of more) runtime.files[name] = { size: 1 };
  const config = { runtime, files, urls, handedOut: [{ name: "job.sh", url: "/given/job.sh" }], modules: [{ name: "boreas.zip", url: "/modules/boreas.zip" }] };
  const asked = [];
  const told = [];
  const fetch = async (address) => {
    asked.push(address);
    const answer = answers[address] ?? address;
    return answer instanceof Error ? Promise.reject(answer) : new Response(answer, { status: answer === "404" ? 404 : 200 });
  };
  return { assets: new Assets({ config, fetch, onBytes: (...all) => told.push(all) }), asked, told, answers };
}

const text = (buffer) => new TextDecoder().decode(buffer);

test("each kind of asset comes from its own list", async () => {
  const { assets, asked } = made({ files: [{ name: "mine.txt", sha256: "ab" }] });
  assert.equal(text(await assets.get("given", "job.sh")), "/given/job.sh");
  assert.equal(text(await assets.get("module", "boreas.zip")), "/modules/boreas.zip");
  assert.equal(text(await assets.get("saved", "mine.txt")), "/files/ab");
  await assets.get("runtime", "kernel.zip");
  assert.equal(asked.at(-1), "/runtime/b/kernel.zip");
});

test("what is on no list is refused without asking anybody", async () => {
  const { assets, asked } = made({ files: [{ name: "mine.txt", sha256: "ab" }], urls: {} });
  for (const [kind, name] of [["given", "../home"], ["runtime", "../../home"], ["runtime", "__proto__"], ["runtime", "constructor"], ["module", "job.sh"],
    ["saved", "mine.txt"], ["saved", "constructor"], ["constructor", "prototype"], [undefined, undefined], ["given", {}]]) {
    await assert.rejects(assets.get(kind, name), NoSuchFile, `${kind} ${name}`);
  }
  assert.deepEqual(asked, []);
});

test("what every start needs is fetched early, one after the other and what is worked on first before the rest", async () => {
  const { assets, asked } = made({ more: ["memory.bin", "pyodide.asm.wasm"] });
  assets.prefetch();
  const expected = ["/runtime/b/pyodide.asm.wasm", "/runtime/b/memory.bin", "/runtime/b/kernel.zip"];
  for (const [index, address] of expected.entries()) {
    await assets.get("runtime", address.split("/").at(-1));
    assert.deepEqual(asked.slice(0, index + 1), expected.slice(0, index + 1));
  }
  assert.equal(asked.length, 3);
});

test("what failed early is told to who asks, and fetched again for who asks again", async () => {
  const { assets, asked, answers } = made({ answers: { "/runtime/b/kernel.zip": new TypeError("Failed to fetch") } });
  assets.prefetch();
  await assert.rejects(assets.get("runtime", "kernel.zip"), TypeError);
  delete answers["/runtime/b/kernel.zip"];
  await assets.get("runtime", "kernel.zip");
  assert.equal(asked.length, 2);
});

test("a refusal of the server is no file, and is told from what there is not", async () => {
  const { assets } = made({ answers: { "/given/job.sh": "404" } });
  await assert.rejects(assets.get("given", "job.sh"), (error) => !(error instanceof NoSuchFile) && /404/.test(error.message));
});

test("progress counts what every start needs, once each", async () => {
  const { assets, told } = made();
  assert.deepEqual([assets.done, assets.of], [0, 6]);
  await assets.get("runtime", "kernel.zip");
  await assets.get("runtime", "kernel.zip");
  await assets.get("runtime", "numpy.whl");
  assert.deepEqual(told, [[6, 6], [6, 6], [6, 6]]);
});
