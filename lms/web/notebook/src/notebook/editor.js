/* A text editor for one cell: CodeMirror, coloured by the site's own variables. Tab indents, as in Jupyter; Escape leaves, so that nobody is
   trapped. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, completionStatus } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, Prec } from "@codemirror/state";
import { drawSelection, EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

import { plain } from "../render/ansi.js";

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.bool, tags.null], class: "tok-keyword" },
  { tag: [tags.string, tags.special(tags.string)], class: "tok-string" },
  { tag: tags.comment, class: "tok-comment" },
  { tag: tags.number, class: "tok-number" },
  { tag: [tags.function(tags.variableName), tags.function(tags.definition(tags.variableName)), tags.className], class: "tok-name" },
]);

const TYPES = { function: "function", method: "method", module: "namespace", class: "class", keyword: "keyword", instance: "variable", statement: "variable" };

/** `keys` are CodeMirror bindings that come first. `numbers` is a function of whether lines are numbered. */
export function createEditor({ parent, text, language, label, describedBy, isLocked, nonce, keys, onChange, complete, inspect, showsNumbers }) {
  const numbers = new Compartment();
  const extensions = [
    EditorView.cspNonce.of(nonce),
    Prec.highest(keymap.of(keys)),
    numbers.of(showsNumbers ? lineNumbers() : []),
    drawSelection(),
    EditorView.lineWrapping,
    bracketMatching(),
    search({ top: true }),
    syntaxHighlighting(colours),
    language === "python" ? [python(), indentUnit.of("    "), indentOnInput()] : [],
    EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": describedBy, "aria-multiline": "true" }),
    keymap.of([...searchKeymap, ...defaultKeymap]),
  ];
  if (isLocked) {
    extensions.push(EditorState.readOnly.of(true));
  } else {
    extensions.push(
      history(),
      language === "python" ? [closeBrackets(), autocompletion({ override: [(context) => completions(context, complete)] })] : [],
      keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, indentWithTab]),
      EditorView.updateListener.of((update) => { if (update.docChanged) onChange(update.state.doc.toString()); }),
    );
  }
  if (inspect) extensions.push(tip(inspect));
  const view = new EditorView({ parent, state: EditorState.create({ doc: text, extensions }) });
  return {
    view,
    text: () => view.state.doc.toString(),
    cursor: () => view.state.selection.main.head,
    isCompleting: () => completionStatus(view.state) !== null,
    set(value) {
      const changes = difference(view.state.doc.toString(), value);
      if (changes) view.dispatch({ changes });
    },
    number(isOn) { view.dispatch({ effects: numbers.reconfigure(isOn ? lineNumbers() : []) }); },
    selectAll() { view.dispatch({ selection: { anchor: 0, head: view.state.doc.length } }); },
    focus() { view.focus(); },
    destroy() { view.destroy(); },
  };
}

/* From one text to another, what is between their common beginning and their common end; null when they are the same. */
function difference(before, after) {
  if (before === after) return null;
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  return { from: start, to: before.length - end, insert: after.slice(start, after.length - end) };
}

async function completions(context, complete) {
  if (!context.explicit && !context.matchBefore(/[\w.]{2,}$/)) return null;
  const { from, to, options } = await complete(context.state.doc.toString(), context.pos);
  if (!options.length || context.aborted) return null;
  return { from, to: Math.max(from, to), options: options.map(({ label, type }) => ({ label, type: TYPES[type] ?? "variable" })), validFor: /^[\w.]*$/ };
}

/* Shift-Tab in the middle of a line asks Python what stands there, as in Jupyter; at its beginning it takes indentation away. */
function tip(inspect) {
  return Prec.highest(keymap.of([{
    key: "Shift-Tab",
    run(view) {
      const { head, empty } = view.state.selection.main;
      const line = view.state.doc.lineAt(head);
      if (!empty || !line.text.slice(0, head - line.from).trim()) return false;
      inspect(view.state.doc.toString(), head).then(({ found, text }) => { if (found) view.dom.dispatchEvent(new CustomEvent("inspected", { bubbles: true, detail: plain(text) })); });
      return true;
    },
  }]));
}
