/* Two notebooks side by side: which cells differ, and where. Pure. */
import { textOf } from "../notebook/model.js";

const MOST_LINES = 1500;

/** `[{ id, name, state: "changed" | "added" | "removed", lines: [[" " | "+" | "-", text]] }]`, from `before` to `after`, outputs left out. */
export function differences(before, after) {
  const old = new Map(before.cells.map((cell) => [cell.id, cell]));
  const found = [];
  for (const cell of after.cells) {
    const was = old.get(cell.id);
    old.delete(cell.id);
    const [from, to] = [textOf(was?.source), textOf(cell.source)];
    if (!was || from !== to) found.push({ id: cell.id, name: nameOf(cell), state: was ? "changed" : "added", lines: lineChanges(from, to) });
  }
  for (const cell of old.values()) found.push({ id: cell.id, name: nameOf(cell), state: "removed", lines: lineChanges(textOf(cell.source), "") });
  return found;
}

/** Whether a learner would call them the same: sources of cells in their order. */
export function isSame(one, other) {
  const key = (notebook) => JSON.stringify(notebook.cells.map((cell) => [cell.cell_type, textOf(cell.source)]));
  return key(one) === key(other);
}

const nameOf = (cell) => cell.metadata?.nbgrader?.grade_id ?? textOf(cell.source).split("\n")[0].slice(0, 60);

/** The lines of both texts, marked, by their longest common subsequence. */
export function lineChanges(from, to) {
  const a = from === "" ? [] : from.split("\n");
  const b = to === "" ? [] : to.split("\n");
  if (a.length > MOST_LINES || b.length > MOST_LINES) return [...a.map((line) => ["-", line]), ...b.map((line) => ["+", line])];
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) common[i][j] = a[i] === b[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
  }
  const lines = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push([" ", a[i]]);
      i += 1;
      j += 1;
    } else if (j < b.length && (i === a.length || common[i][j + 1] > common[i + 1][j])) {
      lines.push(["+", b[j]]);
      j += 1;
    } else {
      lines.push(["-", a[i]]);
      i += 1;
    }
  }
  return lines;
}
