/* The frame without an origin: it holds Python's worker, and passes messages on. No notebook code runs in this document, only in the worker,
   which cannot script it; so what is decided here holds: which worker a message is from, and how many a page is bothered with.
   WORKER_SCRIPT is worker.js as text, put in by the build. */
const MOST_A_SECOND = 2000;

let worker = null;
let interrupt = null;
let answers = null;
let generation = 0;
let running = null;
let second = 0;
let count = 0;

const isIsolated = self.crossOriginIsolated && typeof SharedArrayBuffer === "function";
const up = (message, transfer = []) => parent.postMessage(message, "*", transfer);

addEventListener("message", ({ data, source }) => {
  if (source !== parent) return;
  if (data.t === "hello") greet();
  else if (data.t === "boot") start(data);
  else if (data.t === "end") end();
  else if (data.t === "interrupt") { if (running === data.run) signal(2); }
  else if (data.t === "answer" && answers) answer(data.text);
  else {
    if (data.t === "run") passTo(data.run);
    worker?.postMessage(data);
  }
});

/* An interrupt is meant for one run: one that comes when that has ended, or just before it does, is not the next one's. */
function passTo(run) {
  running = run;
  signal(0);
}

function signal(value) {
  if (interrupt) Atomics.store(interrupt, 0, value);
}

function start(boot) {
  end();
  generation = boot.generation;
  count = 0; // what an older worker sent in this second is not this one's
  const mine = generation;
  interrupt = isIsolated ? new Int32Array(new SharedArrayBuffer(4)) : null;
  answers = isIsolated ? new SharedArrayBuffer(65_544) : null;
  // A classic worker from a data: address is the only kind that every browser starts in a frame of no origin.
  worker = new Worker(`data:text/javascript;charset=utf-8,${encodeURIComponent(WORKER_SCRIPT)}`);
  worker.onmessage = ({ data }) => {
    if (mine !== generation || isFlood()) return;
    if (data?.t === "done" && data.run === running) passTo(null);
    const bytes = data?.value instanceof Uint8Array ? [data.value.buffer] : [];
    up({ ...data, generation: mine }, bytes);
  };
  worker.onerror = (event) => up({ t: "fatal", text: event.message || "The worker did not start.", generation: mine });
  worker.postMessage({ ...boot, interrupt, answers }, [boot.assets, ...boot.held.map(({ bytes }) => bytes)]);
}

function end() {
  generation = 0;
  running = null;
  worker?.terminate();
  worker = null;
}

/* Python gathers what it prints. Whoever sends this much goes around it, and would bury the page. */
function isFlood() {
  const now = Math.floor(performance.now() / 1000);
  count = now === second ? count + 1 : 1;
  second = now;
  if (count <= MOST_A_SECOND) return false;
  const mine = generation;
  end();
  up({ t: "fatal", text: "flood", generation: mine });
  return true;
}

function answer(text) {
  const bytes = new TextEncoder().encode(text).slice(0, 65_536);
  new Uint8Array(answers, 8).set(bytes);
  const flags = new Int32Array(answers, 0, 2);
  flags[1] = bytes.length;
  Atomics.store(flags, 0, 1);
  Atomics.notify(flags, 0);
}

/* The page may listen before this document is here, or after. */
function greet() {
  up({ t: "frame", isIsolated });
}

greet();
