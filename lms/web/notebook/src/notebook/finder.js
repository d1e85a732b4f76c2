/* Finds a text anywhere in the notebook: in code, in answers, in what the lab says. */
import { el } from "../dom.js";
import { ask } from "../keeping/dialogs.js";
import { _ } from "../words.js";

const MOST = 100;

/** Pure: `[{ id, line, text }]`, whatever the case. */
export function occurrences(cells, wanted) {
  const needle = wanted.toLowerCase();
  if (!needle) return [];
  return cells.flatMap((cell) => cell.source.split("\n").flatMap((text, index) => (text.toLowerCase().includes(needle) ? [{ id: cell.id, line: index + 1, text }] : [])));
}

export class Finder {
  constructor({ notebook, view }) {
    Object.assign(this, { notebook, view });
  }

  async open() {
    const field = el("input", { type: "search", id: "find-text", autocomplete: "off" });
    const count = el("p", { class: "hint", role: "status" });
    const list = el("ul", { class: "rows", role: "list" });
    field.addEventListener("input", () => {
      const found = occurrences(this.notebook.cells, field.value);
      count.textContent = !field.value ? "" : found.length ? _("Found {count} times", { count: found.length }) : _("Not found");
      list.replaceChildren(...found.slice(0, MOST).map(({ id, text }) => el("li", {}, el("button", { type: "button", class: "button quiet small row-main", onclick: () => { closed.dialog.close(id); } }, text.trim().slice(0, 120)))));
    });
    const closed = ask({ title: _("Find in the notebook"), isWide: true, body: [el("div", { class: "field" }, el("label", { for: "find-text" }, _("Text")), field), count, list] });
    field.focus();
    const id = await closed;
    if (id) this.view.focus(id);
  }
}
