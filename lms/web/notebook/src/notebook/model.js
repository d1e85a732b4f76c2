/* The notebook as a value that changes: nbformat 4 in, nbformat 4.5 out, and everything it does not understand is kept as it came. What the
   lab lets a learner do is decided here; grading believes none of it, so this is comfort, not protection. */
import { renamed, shownIn } from "./attachments.js";

const ID = /^[A-Za-z0-9_-]{1,64}$/;
const LOCKED = new Set(["given", "tests", "task"]);

const joined = (source) => (Array.isArray(source) ? source.join("") : typeof source === "string" ? source : "");
const object = (value) => (typeof value === "object" && value !== null && !Array.isArray(value) ? value : {});
const lines = (text) => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** A cell's text, however the file has it. An editor has one line end: with another in the cell it would show a text that differs from what it
    has, and be mended at places that are not. */
export const textOf = (source) => joined(source).replace(/\r\n?/g, "\n");

/** What a cell is in its lab, from nbgrader's metadata, as lms.content.dialect reads it. */
export function kindOf(metadata, type) {
  const marks = object(object(metadata).nbgrader);
  if (!marks.grade_id) return type === "code" ? "own" : "text";
  if (marks.task) return "task";
  if (marks.solution) return marks.grade ? "manual" : "solution";
  return marks.grade ? "tests" : "given";
}

export class Notebook {
  static from(json) {
    const notebook = new Notebook();
    notebook.load(json);
    return notebook;
  }

  constructor() {
    this.listeners = [];
    this.removed = [];
    this.cells = [];
  }

  /** Takes another notebook's place, for everybody who listens. */
  load(json) {
    const { cells, ...rest } = json;
    this.rest = rest;
    this.removed = [];
    const taken = new Set();
    this.cells = cells.map((raw) => readCell(raw, taken));
    this.#tell({ kind: "cells", id: null });
  }

  onChange(fn) {
    this.listeners.push(fn);
  }

  toJSON() {
    return { ...this.rest, nbformat: 4, nbformat_minor: Math.max(5, Number(this.rest.nbformat_minor) || 0), cells: this.cells.map(writeCell) };
  }

  find(id) {
    return this.cells.find((cell) => cell.id === id);
  }

  indexOf(id) {
    return this.cells.findIndex((cell) => cell.id === id);
  }

  setSource(id, source) {
    const cell = this.find(id);
    if (!cell || cell.isLocked || cell.source === source) return;
    cell.source = source;
    this.#tell({ kind: "source", id });
  }

  setOutputs(id, outputs, count) {
    const cell = this.find(id);
    if (!cell || cell.type !== "code") return;
    cell.outputs = outputs;
    cell.count = count;
    this.#tell({ kind: "outputs", id });
  }

  /** Forgets what the cell put out; one that runs goes on with none. */
  clearOutputs(id) {
    const { outputs } = this.find(id);
    outputs.length = 0;
    this.setOutputs(id, outputs, null);
  }

  /** A new cell of the learner's own at `index`. */
  insert(index, type = "code", source = "", attachments = {}) {
    const taken = new Set(this.cells.map((cell) => cell.id));
    const cell = readCell({ cell_type: type, metadata: {}, source, attachments }, taken);
    this.cells.splice(index, 0, cell);
    this.#tell({ kind: "cells", id: cell.id });
    return cell;
  }

  /** False when the cell is the lab's and stays. */
  remove(id) {
    const index = this.indexOf(id);
    if (index < 0 || !this.cells[index].isDeletable) return false;
    this.removed.push({ index, cell: this.cells[index] });
    this.cells.splice(index, 1);
    this.#tell({ kind: "cells", id });
    return true;
  }

  /** Brings the cell back that was removed last. */
  restoreRemoved() {
    const last = this.removed.pop();
    if (!last) return null;
    this.cells.splice(Math.min(last.index, this.cells.length), 0, last.cell);
    this.#tell({ kind: "cells", id: last.cell.id });
    return last.cell;
  }

  move(id, by) {
    const from = this.indexOf(id);
    const to = from + by;
    if (from < 0 || to < 0 || to >= this.cells.length) return false;
    const [cell] = this.cells.splice(from, 1);
    this.cells.splice(to, 0, cell);
    this.#tell({ kind: "cells", id });
    return true;
  }

  /** Only a cell of the learner's own changes its type: an answer is marked as what it was handed out as. */
  retype(id, type) {
    const cell = this.find(id);
    if (!cell || !cell.isOwn || cell.type === type) return false;
    cell.type = type;
    cell.kind = kindOf(cell.metadata, type);
    cell.outputs = [];
    cell.count = null;
    this.#tell({ kind: "cells", id });
    return true;
  }

  /** Cuts a cell of the learner's own in two, at the character `at`; images go along with the text that shows them. */
  split(id, at) {
    const cell = this.find(id);
    if (!cell?.isOwn) return null;
    const rest = cell.source.slice(at).replace(/^\n/, "");
    cell.source = cell.source.slice(0, at).replace(/\n$/, "");
    return this.insert(this.indexOf(id) + 1, cell.type, rest, shownIn(rest, cell.attachments));
  }

  /** Joins a cell of the learner's own with the one below, if that is their own too and of the same type. */
  mergeBelow(id) {
    const cell = this.find(id);
    const below = this.cells[this.indexOf(id) + 1];
    if (!cell?.isOwn || !below?.isOwn || below.type !== cell.type) return false;
    const { source, attachments } = renamed(below, cell.attachments);
    cell.source = `${cell.source}\n${source}`;
    cell.attachments = { ...cell.attachments, ...attachments };
    this.cells.splice(this.indexOf(below.id), 1);
    this.#tell({ kind: "cells", id });
    return true;
  }

  #tell(change) {
    for (const fn of this.listeners) fn(change);
  }
}

function readCell(raw, taken) {
  const { cell_type, id, metadata, source, outputs, execution_count, attachments, ...rest } = object(raw);
  const type = ["code", "markdown"].includes(cell_type) ? cell_type : "raw";
  const marks = object(object(metadata).nbgrader);
  const kind = kindOf(metadata, type);
  const isOwn = !marks.grade_id;
  return {
    rest,
    id: freshId(id, taken),
    type,
    metadata: object(metadata),
    source: textOf(source),
    outputs: type === "code" && Array.isArray(outputs) ? outputs.map(readStored) : [],
    count: type === "code" && Number.isSafeInteger(execution_count) ? execution_count : null,
    attachments: object(attachments),
    kind,
    gradeId: typeof marks.grade_id === "string" ? marks.grade_id : "",
    points: Number(marks.points) || 0,
    isOwn,
    isLocked: LOCKED.has(kind) || (metadata?.editable === false && kind !== "solution" && kind !== "manual"),
    isDeletable: isOwn && metadata?.deletable !== false,
  };
}

/* An output in a file may have its texts as lists of lines. A list under JSON is a value. */
function readStored(output) {
  const read = { ...object(output) };
  if ("text" in read) read.text = joined(read.text);
  if (read.data) {
    read.data = Object.fromEntries(Object.entries(object(read.data)).map(([mime, part]) => [mime, isLines(part) && !/json$/.test(mime) ? part.join("") : part]));
  }
  return read;
}

const isLines = (value) => Array.isArray(value) && value.every((line) => typeof line === "string");

function freshId(id, taken) {
  let fresh = typeof id === "string" && ID.test(id) && !taken.has(id) ? id : "";
  while (!fresh || taken.has(fresh)) fresh = Math.random().toString(36).slice(2, 10);
  taken.add(fresh);
  return fresh;
}

function writeCell(cell) {
  const written = { ...cell.rest, cell_type: cell.type, id: cell.id, metadata: cell.metadata, source: lines(cell.source) };
  if (cell.type === "code") return { ...written, execution_count: cell.count, outputs: cell.outputs.map(writeOutput) };
  return Object.keys(cell.attachments).length ? { ...written, attachments: cell.attachments } : written;
}

function writeOutput(output) {
  return output.output_type === "stream" ? { ...output, text: lines(output.text ?? "") } : output;
}
