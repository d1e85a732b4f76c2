/* Keys, as in Jupyter. Single letters work only while a cell itself has the focus, never while something is typed (WCAG 2.1.4). */
import { _ } from "../words.js";

/** What is told on the help sheet: `[keys, what]`, by mode. */
export const sheet = () => ({
  [_("In any mode")]: [
    ["Shift Enter", _("Run the cell, go to the next")],
    ["Ctrl Enter", _("Run the cell")],
    ["Alt Enter", _("Run the cell, insert one below")],
    ["Ctrl S", _("Save now")],
  ],
  [_("With a cell selected")]: [
    ["Enter", _("Edit it")],
    ["↑ ↓ K J", _("Select the cell above or below")],
    ["A B", _("Insert a cell above or below")],
    ["D D", _("Delete it, if it is yours")],
    ["Z", _("Bring the deleted cell back")],
    ["X C V", _("Cut, copy, paste below")],
    ["M Y R", _("Make it text, code, plain text")],
    ["Shift M", _("Merge with the cell below")],
    ["Shift ↑ ↓", _("Move it up or down")],
    ["O", _("Fold its output")],
    ["L", _("Number the lines")],
    ["F", _("Find in the notebook")],
    ["I I", _("Stop Python")],
    ["0 0", _("Restart Python")],
    ["H ?", _("This help")],
  ],
  [_("While you type")]: [
    ["Esc", _("Leave the text: Tab then goes on to the next thing on the page")],
    ["Tab", _("Indent, or complete a name")],
    ["Shift Tab", _("What is this? (or indent less, at the beginning of a line)")],
    ["Ctrl /", _("Make it a comment, or not")],
    ["Ctrl F", _("Find in this cell")],
    ["Ctrl Shift −", _("Split the cell here")],
  ],
});

/* Milliseconds within which a pair of keys is one, as in Jupyter. */
const PAIR = 1000;
const WALKING = new Set(["ArrowUp", "ArrowDown", "j", "k"]);

/** The act of a key in command mode, or null. `view` is the NotebookView. A key that is held down walks and moves, and does nothing else. */
export function commandOf(event, view) {
  const { key, shiftKey, repeat } = event;
  const id = view.selected;
  if (repeat && !WALKING.has(key)) return null;
  const first = view.pending;
  view.pending = null;
  const isPair = first?.key === key && first.id === id && event.timeStamp - first.at <= PAIR;
  if (key === "Enter") return entering(event, view);
  if (shiftKey && key === "ArrowUp") return () => view.moveCell(id, -1);
  if (shiftKey && key === "ArrowDown") return () => view.moveCell(id, 1);
  if (shiftKey && key === "M") return () => merge(view);
  switch (isPair && key + key) {
    case "dd": return () => view.removeCell(id);
    case "ii": return () => interrupt(view);
    case "00": return () => view.handlers.restart?.();
  }
  switch (key) {
    case "d": case "i": case "0":
      return () => { view.pending = { key, id, at: event.timeStamp }; };
    case "ArrowUp": case "k": return () => view.step(-1);
    case "ArrowDown": case "j": return () => view.step(1);
    case "a": return () => view.insertAt(id, 0, "code");
    case "b": return () => view.insertAt(id, 1, "code");
    case "z": return () => restore(view);
    case "c": return () => copy(view);
    case "x": return () => { copy(view); view.removeCell(id); };
    case "v": return () => paste(view);
    case "m": return () => retype(view, "markdown");
    case "y": return () => retype(view, "code");
    case "r": return () => retype(view, "raw");
    case "o": return () => fold(view);
    case "l": return () => view.numberLines();
    case "f": return () => view.handlers.find?.();
    case "h": case "?": return () => view.handlers.help?.();
    default: return null;
  }
}

/** CodeMirror bindings of a cell's editor. A run that is held down is one run. */
export function editorKeys(view, cellView) {
  const { id } = cellView.cell;
  return [
    { any: (_editor, event) => event.repeat && event.key === "Enter" && (event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) },
    { key: "Shift-Enter", run: () => { view.runCell(id); view.next({ edits: true }); return true; } },
    { key: "Mod-Enter", run: () => { view.runCell(id); return true; } },
    { key: "Alt-Enter", run: () => { view.runCell(id); view.insertAt(id, 1, "code"); return true; } },
    { key: "Mod-Shift--", run: () => split(view, cellView) },
    {
      key: "Escape",
      run: () => {
        if (cellView.editor.isCompleting()) return false;
        if (cellView.cell.type !== "code") cellView.render();
        view.focus(id);
        return true;
      },
    },
  ];
}

function entering({ shiftKey, ctrlKey, metaKey, altKey }, view) {
  const id = view.selected;
  if (shiftKey) return () => { view.runCell(id); view.next({ edits: true }); };
  if (ctrlKey || metaKey) return () => view.runCell(id);
  if (altKey) return () => { view.runCell(id); view.insertAt(id, 1, "code"); };
  return () => view.current?.edit();
}

/* To stop what does not run would only restart Python, and take the variables. */
function interrupt(view) {
  if (view.kernel.state === "busy") view.handlers.interrupt?.();
  else view.say(_("Nothing is running."));
}

function merge(view) {
  if (view.mayChangeCells() && !view.notebook.mergeBelow(view.selected)) view.say(_("Only cells of your own can be merged."));
}

function split(view, cellView) {
  if (!view.mayChangeCells()) return true;
  const made = view.notebook.split(cellView.cell.id, cellView.editor.cursor());
  if (!made) {
    view.say(_("Only cells of your own can be split."));
    return true;
  }
  view.select(made.id);
  view.current.edit();
  return true;
}

function restore(view) {
  const cell = view.notebook.restoreRemoved();
  if (cell) view.focus(cell.id);
  else view.say(_("No cell was deleted."));
}

function copy(view) {
  const { type, source, attachments } = view.current.cell;
  view.copied = { type, source, attachments };
  view.say(_("Copied"));
}

function paste(view) {
  if (!view.copied || !view.mayChangeCells()) return;
  const { type, source, attachments } = view.copied;
  const cell = view.notebook.insert(view.notebook.indexOf(view.selected) + 1, type, source, attachments);
  view.focus(cell.id);
}

function retype(view, type) {
  if (!view.mayChangeCells()) return;
  const { cell } = view.current;
  if (cell.type !== type && !view.notebook.retype(cell.id, type)) view.say(_("This cell belongs to the lab: its type stays."));
  else view.focus(cell.id);
}

function fold(view) {
  view.current.isFolded = !view.current.isFolded;
  view.current.drawOutputs();
}
