/* What a start of Python needs of the browser and of the site; and why there is none, in sentences for people. */
import { _ } from "../words.js";

const POLL = 2000;

/** Why Python did not start. `isFinal` is whether trying again is of no use. */
export class NotStarted extends Error {
  constructor(sentence, { isFinal = false } = {}) {
    super(sentence);
    this.isFinal = isFinal;
  }
}

/** Something of it did not come. */
export const cutOff = () => new NotStarted(_("Python could not be loaded: is the network gone? Try again when it is back."));

/** Why this browser cannot run Python at all, or "". */
export function whatIsMissing(host) {
  if (typeof host.WebAssembly !== "object") {
    return _("This browser has no WebAssembly, so Python cannot run in it. Download the notebook, work on it elsewhere, and upload it.");
  }
  if (typeof host.Worker !== "function") {
    return _("This browser has no workers, so Python cannot run in it. Download the notebook, work on it elsewhere, and upload it.");
  }
  return "";
}

/** Whether Python's stack can be put aside until an answer comes: found out as Pyodide does, but before there is one. */
export function canSuspend({ WebAssembly }) {
  return typeof WebAssembly === "object" && "Suspending" in WebAssembly;
}

/** The runtime when the site has it: the first who open a lab after an installation may have to wait for what is being built on the server.
    `onStep` is told how far that is. Ends without it when `isWanted` says no. */
export async function untilBuilt(runtime, { fetch, pause, isWanted, onStep }) {
  while (runtime.state !== "ready" && isWanted()) {
    const stands = await standing(runtime, fetch);
    if (stands.state === "ready") return { ...runtime, ...stands };
    if (stands.state !== "building") {
      throw new NotStarted(_("This site has no Python for the browser yet. Download the notebook, work on it elsewhere, and upload it."));
    }
    const text = _("Python for the browser is being built on the server: {step}", { step: stands.step });
    if (isWanted()) onStep({ text, done: stands.done, of: stands.of });
    await pause(POLL);
  }
  return runtime;
}

/* What the site says of its Python. Where it says something else, that is no word about Python. */
async function standing(runtime, fetch) {
  let answer;
  try {
    answer = await fetch(runtime.stateUrl, { headers: { Accept: "application/json" } });
    if (answer.ok) return await answer.json();
  } catch {
    throw cutOff();
  }
  throw new NotStarted(answer.status === 401
    ? _("You are signed out, so Python could not be loaded. Sign in again in another tab, then run a cell here.")
    : _("The site could not give Python just now. Try again in a moment: run a cell."));
}
