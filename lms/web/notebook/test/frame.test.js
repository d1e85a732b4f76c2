import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const source = readFileSync(new URL("../src/kernel/frame.js", import.meta.url), "utf8");

const bytes = new ArrayBuffer(3);
const empty = { assets: {}, held: [{ name: "a.txt", bytes }] };

/** The frame's document, with a worker that only keeps what it is sent: `{ say, told, workers }`. */
function framed({ isIsolated = true } = {}) {
  const told = [];
  const workers = [];
  const parent = { postMessage: (message, _origin, transfer) => told.push({ ...message, bytes: transfer.length }) };
  let listener;
  const self = { crossOriginIsolated: isIsolated };
  vm.runInNewContext(source, {
    WORKER_SCRIPT: "code",
    self,
    parent,
    SharedArrayBuffer,
    Int32Array,
    Uint8Array,
    ArrayBuffer,
    Atomics,
    TextEncoder,
    performance,
    addEventListener: (_name, fn) => { listener = fn; },
    Worker: class {
      constructor(address) {
        Object.assign(this, { address, got: [] });
        workers.push(this);
      }

      postMessage(message, transfer) {
        this.got.push({ ...message, transfer });
      }

      terminate() {
        this.isEnded = true;
      }
    },
  });
  const say = (data, from = parent) => listener({ data, source: from });
  return { say, told, workers };
}

const started = (options) => {
  const frame = framed(options);
  frame.say({ t: "boot", generation: 1, prelude: "", ...empty });
  const [worker] = frame.workers;
  return { ...frame, worker, interrupt: worker.got[0].interrupt, answers: worker.got[0].answers };
};

test("the frame says that it is there, and whether memory can be shared in it", () => {
  assert.deepEqual(framed().told[0], { t: "frame", isIsolated: true, bytes: 0 });
  assert.equal(framed({ isIsolated: false }).told[0].isIsolated, false);
});

test("a page that listens only now is told again", () => {
  const { say, told } = framed();
  say({ t: "hello" });
  assert.deepEqual(told.map(({ t, isIsolated }) => [t, isIsolated]), [["frame", true], ["frame", true]]);
});

test("a boot starts a worker of the script, with what it needs to be stopped and answered", () => {
  const { worker, interrupt, answers } = started();
  assert.equal(worker.address, "data:text/javascript;charset=utf-8,code");
  assert.equal(worker.got[0].t, "boot");
  assert.deepEqual([...worker.got[0].transfer], [empty.assets, bytes]);
  assert.equal(interrupt[0], 0);
  assert.equal(answers.byteLength, 65_544);
  assert.equal(started({ isIsolated: false }).interrupt, null);
});

test("only the page is obeyed", () => {
  const { say, workers } = framed();
  say({ t: "boot", generation: 1, ...empty }, {});
  assert.equal(workers.length, 0);
});

test("an interrupt reaches the run it is meant for, and no other", () => {
  const { say, worker, interrupt } = started();
  say({ t: "interrupt", run: 1 });
  assert.equal(interrupt[0], 0, "nothing runs yet");
  say({ t: "run", run: 1, code: "a" });
  say({ t: "interrupt", run: 1 });
  assert.equal(interrupt[0], 2);
  worker.onmessage({ data: { t: "done", run: 1 } });
  assert.equal(interrupt[0], 0, "one that comes just before the end is not the next one's");
  say({ t: "interrupt", run: 1 });
  assert.equal(interrupt[0], 0, "nor is one that comes after it");
  say({ t: "run", run: 2, code: "b" });
  say({ t: "interrupt", run: 1 });
  assert.equal(interrupt[0], 0, "nor one that comes when the next runs");
  say({ t: "interrupt", run: 2 });
  assert.equal(interrupt[0], 2);
});

test("a worker that says of another run that it is done keeps its own stoppable", () => {
  const { say, worker, interrupt } = started();
  say({ t: "run", run: 1, code: "a" });
  worker.onmessage({ data: { t: "done", run: 7 } });
  say({ t: "interrupt", run: 1 });
  assert.equal(interrupt[0], 2);
});

test("what a worker says goes up with its generation, and what an older one says does not", () => {
  const { say, told, workers, worker } = started();
  worker.onmessage({ data: { t: "ready", generation: 99 } });
  assert.equal(told.at(-1).generation, 1);
  say({ t: "boot", generation: 2, ...empty });
  assert.ok(worker.isEnded);
  const before = told.length;
  worker.onmessage({ data: { t: "ready" } });
  assert.equal(told.length, before);
  workers[1].onmessage({ data: { t: "ready" } });
  assert.equal(told.at(-1).generation, 2);
});

test("a worker that floods the page is ended, and its successor is not for it", () => {
  const { say, told, workers, worker } = started();
  for (let count = 0; count < 5000; count += 1) worker.onmessage({ data: "x" });
  assert.ok(worker.isEnded);
  assert.deepEqual(told.at(-1), { t: "fatal", text: "flood", generation: 1, bytes: 0 });
  assert.ok(told.length < 2010);
  say({ t: "boot", generation: 2, ...empty });
  workers[1].onmessage({ data: { t: "ready" } });
  assert.equal(told.at(-1).t, "ready");
});

test("an answer is written where the worker waits for it, and a long one is cut", () => {
  const { say, answers } = started();
  say({ t: "answer", text: "Ada é" });
  const [flag, length] = new Int32Array(answers, 0, 2);
  assert.equal(flag, 1);
  assert.equal(new TextDecoder().decode(new Uint8Array(answers, 8, length).slice()), "Ada é");
  say({ t: "answer", text: "x".repeat(100_000) });
  assert.equal(new Int32Array(answers, 0, 2)[1], 65_536);
});
