/* The frame of Python and the page's fetcher as a test wants them: they keep what the page sends, and say what the test says. Like the real
   one the frame marks everything with the generation of the last boot, and says nothing of one that has ended. A second of the page's clock
   is a hundredth of one. */
import { Kernel } from "../src/kernel/client.js";

export class ScriptedFrame {
  constructor({ isIsolated = true, loads = true, answers = {} } = {}) {
    Object.assign(this, { isIsolated, loads, answers, sent: [], addresses: [], fetchers: [], generation: 0 });
    const frame = this;
    this.contentWindow = { postMessage: (message) => frame.#hear(message) };
    this.host = {
      location: { href: "http://127.0.0.1/labs/L01/work" },
      WebAssembly: {},
      Worker: class {
        constructor(address) {
          Object.assign(this, { address, got: [] });
          frame.fetchers.push(this);
        }

        postMessage(message) {
          this.got.push(message);
          answers.fetch?.call(this, message);
        }

        say(message) {
          this.onmessage({ data: { generation: frame.fetchers.at(-1).got.at(-1).generation, ...message } });
        }
      },
      setTimeout: (fn, wait) => setTimeout(fn, wait / 100),
      addEventListener: (_name, listener) => { this.listener = listener; },
    };
  }

  set src(address) {
    this.addresses.push(address);
    this.#greet();
  }

  /** What comes from the worker. */
  say(message) {
    this.listener({ source: this.contentWindow, data: message.t === "frame" ? message : { generation: this.generation, ...message } });
  }

  /** What was sent of the kind `t`. */
  of(t) {
    return this.sent.filter((message) => message.t === t);
  }

  #greet() {
    if (this.loads) queueMicrotask(() => this.say({ t: "frame", isIsolated: this.isIsolated }));
  }

  #hear(message) {
    if (message.t === "hello") {
      this.#greet();
      return;
    }
    const { assets, ...plain } = message;
    this.sent.push(structuredClone(plain));
    if (message.t === "boot") this.generation = message.generation;
    if (message.t === "end") this.generation = -1;
    const answer = this.answers[message.t];
    if (answer) queueMicrotask(() => answer.call(this, message));
  }
}

/** Starts at once, runs whatever it is given, and has no files. */
export const willing = {
  boot() { this.say({ t: "ready" }); },
  run({ run }) { this.say({ t: "done", run, result: '{"status": "ok", "count": 1}' }); },
  files({ id }) { this.say({ t: "answered", id, value: "[]" }); },
};

/** What a runtime has, as far as the kernel cares. */
export const FILES = { "memory.bin": { size: 18 } };

/** A kernel in a scripted frame: `{ kernel, frame, told }`, with the events in `told`. */
export function kernelIn({ answers = willing, fetch = async () => Response.json({}), config = {}, ...frameOptions } = {}) {
  const frame = new ScriptedFrame({ answers, ...frameOptions });
  const kernel = new Kernel({
    iframe: frame,
    host: frame.host,
    fetch,
    config: {
      frame: "/runtime/frame",
      fetcher: "/static/fetcher.js",
      runtime: { state: "ready", stateUrl: "/runtime", url: "/runtime/b/", files: FILES },
      handedOut: [],
      modules: [],
      files: [],
      urls: { files: "/files/" },
      prelude: "",
      ...config,
    },
  });
  const told = [];
  for (const event of ["state", "progress", "dead", "files"]) kernel.on(event, (value) => told.push([event, value]));
  return { kernel, frame, told };
}

/** Until `isSo`, but not for ever. */
export async function until(isSo) {
  for (let tries = 0; tries < 500 && !isSo(); tries += 1) await new Promise((resolve) => { setTimeout(resolve, 2); });
  if (!isSo()) throw new Error(`It did not come to be so: ${isSo}`);
}
