import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { Assets, NoSuchFile } from "../src/kernel/assets.js";
import { Folder } from "../src/kernel/folder.js";

const sha256 = (text) => createHash("sha256").update(text).digest("hex");

function made({ files = [], answers = {}, urls = { files: "/files/" } } = {}) {
  const runtime = { url: "/runtime/b/", files: { "kernel.zip": { sha256: sha256("kernel"), size: 6 }, "numpy.whl": { sha256: sha256("numpy"), size: 5 }, "pyodide.mjs": { sha256: sha256("p"), size: 1 } } };
  const config = { runtime, files, urls, handedOut: [{ name: "job.sh", url: "/given/job.sh" }], modules: [{ name: "boreas.zip", url: "/modules/boreas.zip" }] };
  const asked = [];
  const told = [];
  const fetch = async (address, { integrity } = {}) => {
    asked.push([address, integrity]);
    const answer = answers[address] ?? address;
    return answer instanceof Error ? Promise.reject(answer) : new Response(answer, { status: answer === "404" ? 404 : 200 });
  };
  const folder = new Folder(files);
  return { assets: new Assets({ config, folder, fetch, onBytes: (...all) => told.push(all) }), folder, asked, told, answers };
}

const text = (buffer) => new TextDecoder().decode(buffer);

test("each kind of asset comes from its own list, the runtime's with its sum", async () => {
  const { assets, asked } = made({ files: [{ name: "mine.txt", sha256: "ab" }] });
  assert.equal(text(await assets.get("given", "job.sh")), "/given/job.sh");
  assert.equal(text(await assets.get("module", "boreas.zip")), "/modules/boreas.zip");
  assert.equal(text(await assets.get("saved", "mine.txt")), "/files/ab");
  await assets.get("runtime", "kernel.zip");
  assert.deepEqual(asked.at(-1), ["/runtime/b/kernel.zip", `sha256-${createHash("sha256").update("kernel").digest("base64")}`]);
});

test("what is on no list is refused without asking anybody", async () => {
  const { assets, asked } = made({ files: [{ name: "mine.txt", sha256: "ab" }], urls: {} });
  for (const [kind, name] of [["given", "../home"], ["runtime", "../../home"], ["runtime", "__proto__"], ["runtime", "constructor"], ["module", "job.sh"],
    ["saved", "mine.txt"], ["saved", "constructor"], ["constructor", "prototype"], [undefined, undefined], ["given", {}]]) {
    await assert.rejects(assets.get(kind, name), NoSuchFile, `${kind} ${name}`);
  }
  assert.deepEqual(asked, []);
});

test("what the page has read of the folder comes from there, and may be given away", async () => {
  const { assets, folder, asked } = made({ files: [{ name: "mine.txt", sha256: "ab" }] });
  folder.took("mine.txt", new TextEncoder().encode("newer"));
  structuredClone(null, { transfer: [await assets.get("saved", "mine.txt")] });
  assert.equal(text(await assets.get("saved", "mine.txt")), "newer");
  assert.deepEqual(asked, []);
});

test("what was fetched early is not fetched again, and what failed early is", async () => {
  const { assets, asked, answers } = made();
  assets.prefetch();
  assets.prefetch();
  assert.deepEqual(asked.map(([address]) => address), ["/runtime/b/kernel.zip"]);
  await assets.get("runtime", "kernel.zip");
  assert.equal(asked.length, 1);

  answers["/runtime/b/kernel.zip"] = new TypeError("Failed to fetch");
  assets.prefetch();
  await assert.rejects(assets.get("runtime", "kernel.zip"), TypeError);
  delete answers["/runtime/b/kernel.zip"];
  await assets.get("runtime", "kernel.zip");
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
