import assert from "node:assert/strict";
import { test } from "node:test";

import { FILES, kernelIn, until, willing } from "./scripted.js";

const quiet = { onOutput: () => {} };
const silent = { ...willing, run() {} };
const sentences = (told) => told.filter(([event]) => event === "dead").map(([, sentence]) => sentence);
const states = (told) => told.filter(([event]) => event === "state").map(([, state]) => state);

test("a cell starts Python, and cells run one after the other", async () => {
  const { kernel, frame, told } = kernelIn();
  assert.equal(kernel.state, "off");
  const results = await Promise.all([kernel.run("a", quiet), kernel.run("b", quiet)]);
  assert.deepEqual(results.map((each) => each.status), ["ok", "ok"]);
  assert.deepEqual(frame.of("run").map((each) => each.code), ["a", "b"]);
  assert.equal(frame.of("boot").length, 1);
  assert.deepEqual(states(told), ["starting", "ready", "busy", "ready"]);
});

test("what a run puts out reaches that run, and nothing of another's does", async () => {
  const { kernel, frame } = kernelIn({ answers: silent });
  const seen = [];
  kernel.run("a", { onOutput: (output) => seen.push(output.text), onClear: (wait) => seen.push(["clear", wait]) });
  await until(() => frame.of("run").length);
  const { run } = frame.of("run")[0];
  const out = (of, text) => frame.say({ t: "python", text: JSON.stringify({ t: "out", run: of, output: { output_type: "stream", text } }) });
  out(run, "mine");
  out(run + 1, "another's");
  frame.say({ t: "python", text: JSON.stringify({ t: "clear", run, wait: true }) });
  frame.say({ generation: 99, t: "python", text: JSON.stringify({ t: "out", run, output: { output_type: "stream", text: "an older worker's" } }) });
  assert.deepEqual(seen, ["mine", ["clear", true]]);
});

test("a restart while Python starts starts it once more, and the first who waited is told", async () => {
  let answer;
  const ready = (build) => Response.json({ state: "ready", url: `/runtime/${build}/`, files: FILES });
  const builds = [new Promise((resolve) => { answer = resolve; }), Promise.resolve(ready("second"))];
  const { kernel, frame } = kernelIn({ config: { runtime: { state: "missing", stateUrl: "/runtime" } }, fetch: () => builds.shift() });
  const first = assert.rejects(kernel.start(), /started anew/);
  await until(() => builds.length === 1);
  await kernel.restart();
  await first;
  answer(ready("first"));
  await new Promise((resolve) => { setTimeout(resolve, 20); });
  assert.deepEqual(frame.of("boot").map((each) => each.address), ["http://127.0.0.1/runtime/second/"]);
  assert.equal(frame.fetchers.length, 1);
  assert.equal(kernel.state, "ready");
  assert.equal((await kernel.run("a", quiet)).status, "ok");
});

test("a restart while the worker starts ends that one, and hears nothing of it any more", async () => {
  const { kernel, frame } = kernelIn({ answers: { ...willing, boot() {} } });
  const first = assert.rejects(kernel.start(), /started anew/);
  await until(() => frame.of("boot").length === 1);
  const again = kernel.restart();
  await first;
  await until(() => frame.of("boot").length === 2);
  frame.say({ t: "ready", generation: frame.of("boot")[0].generation });
  assert.equal(kernel.state, "starting");
  frame.say({ t: "ready" });
  await again;
  assert.equal(kernel.state, "ready");
  assert.deepEqual(frame.sent.map((each) => each.t).slice(0, 3), ["boot", "end", "boot"]);
});

test("an interrupt names the run it is meant for, and calls off what waits behind", async () => {
  const { kernel, frame } = kernelIn({ answers: { ...silent, interrupt({ run }) { this.say({ t: "done", run, result: '{"status": "interrupted"}' }); } } });
  const runs = [kernel.run("loop", quiet), kernel.run("next", quiet)];
  await until(() => kernel.runs.size === 2);
  assert.equal(await kernel.interrupt(), "interrupted");
  assert.deepEqual((await Promise.all(runs)).map((each) => each.status), ["interrupted", "aborted"]);
  assert.equal(frame.of("interrupt")[0].run, frame.of("run")[0].run);
  assert.equal(frame.of("run").length, 1);
  assert.equal(frame.of("end").length, 0);
});

test("what is not interrupted in time is stopped by a restart, and so is what cannot be", async () => {
  for (const isIsolated of [true, false]) {
    const { kernel, frame } = kernelIn({ answers: silent, isIsolated });
    const running = kernel.run("loop", quiet);
    await until(() => kernel.state === "busy");
    assert.equal(await kernel.interrupt(), "restarted");
    assert.equal((await running).status, "aborted");
    assert.equal(frame.of("interrupt").length, Number(isIsolated));
    assert.equal(frame.of("boot").length, 2);
  }
});

test("two who stop at the same time start one new Python", async () => {
  const { kernel, frame } = kernelIn({ answers: silent });
  kernel.run("loop", quiet);
  await until(() => kernel.state === "busy");
  assert.deepEqual(await Promise.all([kernel.interrupt(), kernel.interrupt()]), ["restarted", "restarted"]);
  assert.equal(frame.of("boot").length, 2);
});

test("where nothing runs, stopping does nothing", async () => {
  const { kernel, frame } = kernelIn();
  assert.equal(await kernel.interrupt(), "");
  assert.equal(frame.sent.length, 0);
  await kernel.start();
  assert.equal(await kernel.interrupt(), "");
  assert.equal(frame.of("end").length, 0);
});

test("after a lost network Python can be started again, and asks the server for the build it has then", async () => {
  let isLost = true;
  const asked = [];
  const fetch = async (address) => {
    asked.push(address);
    if (isLost) throw new TypeError("Failed to fetch");
    return Response.json({ state: "ready", url: "/runtime/newer/", files: FILES });
  };
  const { kernel, frame, told } = kernelIn({ fetch, answers: { ...willing, fetch() { if (isLost) this.say({ t: "lost" }); }, boot() { this.say({ t: isLost ? "fatal" : "ready" }); } } });
  await assert.rejects(kernel.start(), /is the network gone/);
  assert.equal(kernel.state, "off");
  assert.match(sentences(told)[0], /is the network gone/);
  assert.deepEqual(asked, []);
  await assert.rejects(kernel.run("a", quiet), /is the network gone/);
  assert.deepEqual(asked, ["/runtime"]);
  isLost = false;
  assert.equal((await kernel.run("a", quiet)).status, "ok");
  assert.equal(frame.of("boot").at(-1).address, "http://127.0.0.1/runtime/newer/");
  assert.equal(frame.fetchers[0].got.at(-1).config.runtime.url, "/runtime/newer/");
});

test("a worker that does not start is not the network's fault, unless something did not come for it", async () => {
  const { kernel } = kernelIn({ answers: { fetch() { this.say({ t: "lost", generation: 99 }); }, boot() { this.say({ t: "fatal", text: "TypeError" }); } } });
  await assert.rejects(kernel.start(), /could not start in this browser/);
  assert.equal(kernel.state, "off");
});

test("a fetcher that does not load is the network's, and another is started by who tries again", async () => {
  const { kernel, frame } = kernelIn({ answers: { ...silent, boot() {} }, fetch: async () => Response.json({ state: "ready", url: "/runtime/b/", files: FILES }) });
  const started = assert.rejects(kernel.start(), /is the network gone/);
  await until(() => frame.of("boot").length);
  frame.fetchers[0].onerror();
  await started;
  kernel.start();
  await until(() => frame.fetchers.length === 2);
  assert.equal(frame.fetchers[1].address, "/static/fetcher.js");
});

test("how much of Python has come is told while it starts", async () => {
  const { kernel, frame, told } = kernelIn({ answers: { ...willing, fetch() { this.say({ t: "bytes", done: 3, of: 4 }); } } });
  await kernel.start();
  frame.fetchers[0].say({ t: "bytes", done: 4, of: 4 });
  assert.deepEqual(told.filter(([event]) => event === "progress").map(([, { done, of }]) => [done, of]), [[undefined, undefined], [3, 4]]);
});

test("the fetcher is given the lists of what Python may have, and nothing else of the page's", async () => {
  const { kernel, frame } = kernelIn({ config: { csrf: "secret", handedOut: [{ name: "job.sh", url: "/job.sh" }] } });
  await kernel.start();
  const [{ config, generation }] = frame.fetchers[0].got;
  assert.deepEqual(Object.keys(config).sort(), ["files", "handedOut", "modules", "runtime", "urls"]);
  assert.equal(generation, frame.of("boot")[0].generation);
});

test("a frame that did not load is loaded again by who tries again", async () => {
  const { kernel, frame } = kernelIn({ loads: false });
  await assert.rejects(kernel.start(), /did not load/);
  assert.equal(kernel.state, "off");
  frame.loads = true;
  await kernel.start();
  assert.deepEqual(frame.addresses, ["/runtime/frame"]);
});

test("a browser without WebAssembly or workers never runs it", async () => {
  for (const missing of ["WebAssembly", "Worker"]) {
    const { kernel, frame, told } = kernelIn();
    delete frame.host[missing];
    await assert.rejects(kernel.start(), /This browser has no/);
    assert.equal(kernel.state, "dead");
    assert.equal(sentences(told).length, 1);
  }
});

test("who opens a lab while Python is built waits for it, and is told how far it is", async () => {
  const stands = [{ state: "building", step: "Compressing", done: 3, of: 4 }, { state: "ready", url: "/runtime/b/", files: FILES }];
  const fetch = async () => Response.json(stands.shift());
  const { kernel, told } = kernelIn({ config: { runtime: { state: "missing", stateUrl: "/runtime" } }, fetch });
  await kernel.start();
  assert.deepEqual(told.filter(([event]) => event === "progress")[0][1], { text: "Python for the browser is being built on the server: Compressing", done: 3, of: 4 });
});

test("where the site has no Python, that is said, and may be tried again", async () => {
  const { kernel } = kernelIn({ config: { runtime: { state: "missing", stateUrl: "/runtime" } }, fetch: async () => Response.json({ state: "failed" }) });
  await assert.rejects(kernel.start(), /has no Python/);
  assert.equal(kernel.state, "off");
});

test("who is signed out while Python is waited for is told that, and a site that fails is not one without Python", async () => {
  const page = "<!doctype html><title>Bad gateway</title>";
  const answers = [Response.json({ error: { kind: "signed-out" } }, { status: 401 }), new Response(page, { status: 502 }), new Response(page), Response.json({ state: "ready", url: "/runtime/b/", files: FILES })];
  const { kernel } = kernelIn({ config: { runtime: { state: "missing", stateUrl: "/runtime" } }, fetch: async () => answers.shift() });
  await assert.rejects(kernel.start(), /You are signed out/);
  await assert.rejects(kernel.start(), /could not give Python just now/);
  await assert.rejects(kernel.start(), /is the network gone/);
  assert.equal(kernel.state, "off");
  await kernel.start();
  assert.equal(kernel.state, "ready");
});

test("a Python that ends in the middle of a run ends the run, and the next cell starts another", async () => {
  const { kernel, frame, told } = kernelIn({ answers: silent });
  const running = kernel.run("a", quiet);
  await until(() => kernel.state === "busy");
  frame.say({ t: "fatal", text: "memory" });
  assert.equal((await running).status, "aborted");
  assert.equal(kernel.state, "off");
  assert.match(sentences(told)[0], /perhaps because memory ran out/);
  kernel.run("b", quiet);
  await until(() => frame.of("run").length === 2);
});

test("completions stand where the page counts, also behind characters that are two there", async () => {
  const code = '"🎉" + os.ge';
  const answers = { ...willing, complete({ id, cursor }) { this.say({ t: "answered", id, value: JSON.stringify({ from: cursor - 2, to: cursor, options: [{ label: "getcwd", type: "function" }] }) }); } };
  const { kernel, frame } = kernelIn({ answers });
  await kernel.start();
  const { from, to, options } = await kernel.complete(code, code.length);
  assert.equal(frame.of("complete")[0].cursor, [...code].length);
  assert.equal(code.slice(from, to), "ge");
  assert.deepEqual(options, [{ label: "getcwd", type: "function" }]);
});

test("while Python is busy or off nothing is completed, and nothing is asked", async () => {
  const { kernel, frame } = kernelIn();
  assert.deepEqual(await kernel.complete("os.ge", 5), { from: 5, to: 5, options: [] });
  assert.deepEqual(await kernel.inspect("os", 2), { found: false, text: "" });
  assert.equal(frame.sent.length, 0);
});

/* A working folder of one file that the code wrote. */
const writing = (text) => ({
  ...willing,
  files({ id }) { this.say({ t: "answered", id, value: JSON.stringify([{ name: "out.txt", size: text.length, changed: 7 }, { name: "job.sh", size: 3, changed: 1 }]) }); },
  read({ id, name }) { this.say({ t: "answered", id, value: new TextEncoder().encode(name === "out.txt" ? text : "job") }); },
});

/** What a boot brings of the working folder: `{ saved, held }`, with the text of what is held. */
const brought = ({ saved, held }) => ({ saved, held: held.map(({ name, bytes }) => [name, new TextDecoder().decode(bytes)]) });

test("a new Python begins with the files that the old one left", async () => {
  const { kernel, frame } = kernelIn({ answers: writing("hello"), config: { handedOut: [{ name: "job.sh", url: "/job.sh" }], files: [{ name: "gone.txt", sha256: "ab" }] } });
  await kernel.start();
  assert.deepEqual(brought(frame.of("boot")[0]), { saved: ["gone.txt"], held: [] });
  await kernel.restart();
  assert.deepEqual(brought(frame.of("boot")[1]), { saved: [], held: [["out.txt", "hello"], ["job.sh", "job"]] });
});

test("a Python that had to be stopped leaves the files that the page had read", async () => {
  const { kernel, frame } = kernelIn({ answers: { ...writing("hello"), run() {} }, isIsolated: false });
  await kernel.start();
  await kernel.files();
  await kernel.readFile("out.txt");
  kernel.run("loop", quiet);
  await until(() => kernel.state === "busy");
  await kernel.interrupt();
  assert.deepEqual(brought(frame.of("boot")[1]), { saved: [], held: [["out.txt", "hello"]] });
});

test("another revision's files replace those of a Python that runs, and of one that does not yet", async () => {
  const { kernel, frame } = kernelIn({ answers: writing("hello") });
  await kernel.replaceFiles([{ name: "a.txt", sha256: "aa" }]);
  assert.equal(frame.sent.length, 0);
  await kernel.start();
  await kernel.files();
  await kernel.replaceFiles([{ name: "b.txt", sha256: "bb" }]);
  assert.deepEqual(frame.of("boot").map((each) => each.saved), [["a.txt"], ["b.txt"]]);
});

test("who asks for a line is answered once, and not when the run has ended meanwhile", async () => {
  const { kernel, frame } = kernelIn({ answers: silent });
  let answer;
  kernel.run("input()", { ...quiet, onAsk: () => new Promise((resolve) => { answer = resolve; }) });
  await until(() => frame.of("run").length);
  const { run } = frame.of("run")[0];
  frame.say({ t: "ask", run, prompt: "Who?" });
  frame.say({ t: "ask", run, prompt: "Who?" });
  answer("Ada");
  await until(() => frame.of("answer").length);
  frame.say({ t: "ask", run, prompt: "And?" });
  frame.say({ t: "done", run, result: '{"status": "interrupted"}' });
  answer("late");
  await new Promise((resolve) => { setTimeout(resolve, 10); });
  assert.deepEqual(frame.of("answer").map((each) => each.text), ["Ada"]);
});

test("nonsense from the frame, and anything from elsewhere, is not heard", async () => {
  const { kernel, frame } = kernelIn();
  await kernel.start();
  for (const message of [null, 1, "x", {}, { t: "done", run: 99 }, { t: "python", text: "{" }, { t: "answered", id: 99 }, { t: "ready" }]) {
    frame.listener({ source: frame.contentWindow, data: typeof message === "object" && message ? { generation: frame.generation, ...message } : message });
  }
  frame.listener({ source: {}, data: { t: "fatal", generation: frame.generation } });
  assert.equal(kernel.state, "ready");
});

test("input() can wait where memory is shared, and where Python's stack can be put aside", async () => {
  for (const [isIsolated, suspends, canAsk] of [[true, false, true], [false, true, true], [false, false, false]]) {
    const { kernel, frame } = kernelIn({ isIsolated });
    if (suspends) frame.host.WebAssembly.Suspending = class {};
    assert.deepEqual(await kernel.framed, { isIsolated, canAsk });
  }
});
