/* What comes from the frame was written by whoever wrote the notebook: nothing of it is used before it was read here. Pure. */

const MOST_TEXT = 1_100_000;
const MOST_PART = 12_000_000;
const MOST_METADATA = 20_000;
const MOST_LINES = 400;
const MIME = /^[\w.+-]{1,60}\/[\w.+;=-]{1,60}$/;

const text = (value, most = MOST_TEXT) => (typeof value === "string" ? value : "").slice(0, most);
const whole = (value) => (Number.isSafeInteger(value) && value >= 0 ? value : null);

/** An nbformat output made of what is usable in `raw`, or null when it is none. */
export function readOutput(raw) {
  if (typeof raw !== "object" || raw === null) return null;
  switch (raw.output_type) {
    case "stream":
      return { output_type: "stream", name: raw.name === "stderr" ? "stderr" : "stdout", text: text(raw.text) };
    case "error":
      return {
        output_type: "error",
        ename: text(raw.ename, 200),
        evalue: text(raw.evalue, 20_000),
        traceback: (Array.isArray(raw.traceback) ? raw.traceback : []).slice(0, MOST_LINES).map((line) => text(line, 5000)),
      };
    case "display_data":
      return { output_type: "display_data", data: readBundle(raw.data), metadata: readMetadata(raw.metadata) };
    case "execute_result":
      return {
        output_type: "execute_result",
        execution_count: whole(raw.execution_count),
        data: readBundle(raw.data),
        metadata: readMetadata(raw.metadata),
      };
    default:
      return null;
  }
}

/** A mime bundle: texts as they are, JSON types as values, everything else left out. */
function readBundle(raw) {
  const bundle = {};
  if (typeof raw !== "object" || raw === null) return bundle;
  for (const [mime, part] of Object.entries(raw).slice(0, 30)) {
    if (!MIME.test(mime)) continue;
    const isJson = /json$/.test(mime);
    if (typeof part === "string") bundle[mime] = text(part, MOST_PART);
    else if (isJson && JSON.stringify(part).length <= MOST_TEXT) bundle[mime] = part;
    else if (!isJson && Array.isArray(part) && part.every((line) => typeof line === "string")) bundle[mime] = text(part.join(""), MOST_PART);
  }
  return bundle;
}

function readMetadata(raw) {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return {};
  return JSON.stringify(raw).length <= MOST_METADATA ? raw : {};
}

/** What Python posted as JSON, or null. */
export function readPython(raw) {
  let said;
  try {
    said = JSON.parse(text(raw, MOST_PART + MOST_TEXT));
  } catch {
    return null;
  }
  if (typeof said !== "object" || said === null) return null;
  const run = whole(said.run);
  if (run === null) return null;
  if (said.t === "clear") return { t: "clear", run, wait: said.wait === true };
  const output = readOutput(said.output);
  if (output === null || !["out", "update"].includes(said.t)) return null;
  return { t: said.t, run, output, display: typeof said.display === "string" ? said.display.slice(0, 200) : null };
}

/** How a run ended: `{ status, count, ename, evalue }`. */
export function readResult(raw) {
  const said = parsed(raw) ?? {};
  return {
    status: ["ok", "error", "interrupted"].includes(said.status) ? said.status : "error",
    count: whole(said.count),
    ename: text(said.ename, 200),
    evalue: text(said.evalue, 20_000),
  };
}

export function readCompletions(raw, length) {
  const said = parsed(raw) ?? {};
  const place = (value) => Math.min(whole(value) ?? length, length);
  const options = (Array.isArray(said.options) ? said.options : [])
    .slice(0, 200)
    .map((each) => ({ label: text(each?.label, 200), type: text(each?.type, 30) }))
    .filter((each) => each.label);
  const from = place(said.from);
  return { from, to: Math.max(from, place(said.to)), options };
}

export function readInspection(raw) {
  const said = parsed(raw) ?? {};
  return { found: said.found === true, text: text(said.text, 20_000) };
}

/** `[{ name, size, changed }]`; names that are no plain relative ones are left out. */
export function readFiles(raw) {
  const said = parsed(raw);
  return (Array.isArray(said) ? said : [])
    .slice(0, 500)
    .filter((each) => typeof each?.name === "string" && isPlain(each.name) && whole(each.size) !== null)
    .map((each) => ({ name: each.name, size: each.size, changed: Number(each.changed) || 0 }));
}

/** Whether a name can stand for a file of the working folder, here and at the server. */
export function isPlain(name) {
  return name.length <= 200 && name.isWellFormed() && name.split("/").every((part) => part && part !== "." && part !== ".." && !/[\\\x00-\x1f\x7f]/.test(part));
}

function parsed(raw) {
  try {
    return JSON.parse(text(raw, MOST_PART));
  } catch {
    return null;
  }
}
