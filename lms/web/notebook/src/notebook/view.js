/* The notebook on the page: its cells in their order, which one is selected, and everything one can do with them. */
import { arrange, el } from "../dom.js";
import { describe } from "../render/outputs.js";
import { _ } from "../words.js";
import { CellView } from "./cell.js";
import { commandOf, editorKeys } from "./commands.js";
import { runView, stops, verdictOf } from "./running.js";

/* Everything that runs. An empty cell does nothing, and what is written in words is no part of what tests try. */
const codeOf = (notebook) => JSON.stringify(notebook.cells.filter((cell) => cell.type === "code" && cell.source.trim()).map((cell) => cell.source));

export class NotebookView {
  constructor({ root, notebook, kernel, config, say = () => {} }) {
    Object.assign(this, { root, notebook, kernel, config, say });
    this.canAdd = config.canAdd;
    this.showsNumbers = false;
    this.views = new Map();
    this.selected = null;
    this.copied = null;
    this.pending = null;
    this.handlers = {};
    this.end = this.#end();
    root.addEventListener("keydown", (event) => this.#key(event));
    root.addEventListener("focusin", (event) => this.#focused(event.target));
    root.addEventListener("inspected", (event) => this.handlers.inspected?.(event.detail));
    this.checkedCode = null;
    notebook.onChange(({ kind }) => {
      if (kind === "cells") this.#arrange();
      if (kind !== "outputs") this.#outdate();
    });
    this.#arrange();
    this.select(notebook.cells[0]?.id);
  }

  /** What is beyond the cells: "help", "find", "restart", "interrupt", "inspected"; "outdated", when the code is another than was checked. */
  on(event, fn) {
    this.handlers[event] = fn;
  }

  get current() {
    return this.views.get(this.selected);
  }

  select(id) {
    if (!this.views.has(id)) return;
    this.current?.select(false);
    this.selected = id;
    this.current.select(true);
  }

  focus(id) {
    this.select(id);
    this.current?.focus();
  }

  async runCell(id) {
    const view = this.views.get(id);
    if (!view) return { status: "ok" };
    if (view.cell.type !== "code") {
      view.render();
      return { status: "ok" };
    }
    if (view.isServerOnly) {
      view.judge({ state: "waiting", text: _("It needs a real Slurm, so it is tried when you hand in.") }, _("On the server only."));
      return { status: "ok" };
    }
    const code = codeOf(this.notebook);
    const result = await runView(view, this.kernel, this.notebook);
    if (view.cell.kind === "tests") this.#judge(view, result, code);
    else view.tell(this.#ending(view, result));
    return result;
  }

  /** Resolves to whether all ended well. */
  runAll() {
    return this.#runThrough(this.notebook.cells);
  }

  runTo(id) {
    return this.#runThrough(this.notebook.cells.slice(0, this.notebook.indexOf(id) + 1));
  }

  runFrom(id) {
    return this.#runThrough(this.notebook.cells.slice(this.notebook.indexOf(id)));
  }

  /** Runs everything in order, errors or not, as grading does. Resolves to `{ passed, of, isOutdated }` of the visible tests, or null if it was ended. */
  check() {
    return this.#alone(() => this.#check(), null);
  }

  /** What the server found, at the cells it is about: a Map of grade id to `{ state, text }`. */
  showVerdicts(verdicts) {
    for (const view of this.views.values()) {
      if (view.cell.gradeId) view.judge(verdicts.get(view.cell.gradeId) ?? null, _("When you handed in:"));
    }
  }

  forgetVerdict(gradeId) {
    const view = [...this.views.values()].find((each) => each.cell.gradeId === gradeId);
    view?.judge(null);
  }

  /** Whether the lab lets cells be added, deleted and moved; says so where it does not. */
  mayChangeCells() {
    if (!this.canAdd) this.say(_("The cells of this lab stay as they are."));
    return this.canAdd;
  }

  /** Of the cells `ids`; of all of them, where none are named. */
  clearOutputs(ids = this.notebook.cells.filter((cell) => cell.type === "code").map((cell) => cell.id)) {
    for (const id of ids) {
      this.notebook.clearOutputs(id);
      this.views.get(id).cleared();
    }
    this.say(_("Outputs are cleared."));
  }

  /** The outputs of the cells with the ids `left` are not saved with the others. */
  leaveOut(left) {
    for (const [id, view] of this.views) view.unsaved.hidden = !left.has(id);
  }

  insertAt(id, offset, type) {
    if (!this.mayChangeCells()) return;
    const cell = this.notebook.insert(Math.max(0, this.notebook.indexOf(id) + offset), type);
    this.focus(cell.id);
    this.current.edit();
  }

  moveCell(id, by) {
    if (!this.mayChangeCells() || !this.notebook.move(id, by)) return;
    this.focus(id);
    this.say(_("Moved to place {number}", { number: this.notebook.indexOf(id) + 1 }));
  }

  removeCell(id) {
    if (!this.mayChangeCells()) return;
    const index = this.notebook.indexOf(id);
    if (!this.notebook.remove(id)) {
      this.say(_("This cell belongs to the lab: it stays."));
      return;
    }
    this.focus(this.notebook.cells[Math.min(index, this.notebook.cells.length - 1)]?.id);
    this.say(_("Deleted. Press Z to bring it back."));
  }

  /** Keys of an editor, before the editor's own. */
  keysOf(view) {
    return editorKeys(this, view);
  }

  typed(view, text) {
    this.notebook.setSource(view.cell.id, text);
    view.edited();
  }

  numberLines() {
    this.showsNumbers = !this.showsNumbers;
    for (const view of this.views.values()) view.editor?.number(this.showsNumbers);
  }

  /** Selects the next cell; makes one of the learner's own where there is none. */
  next({ edits = false } = {}) {
    const index = this.notebook.indexOf(this.selected) + 1;
    if (index === this.notebook.cells.length) {
      if (this.canAdd && edits) this.insertAt(this.selected, 1, "code");
      return;
    }
    this.focus(this.notebook.cells[index].id);
  }

  step(by) {
    const index = this.notebook.indexOf(this.selected) + by;
    if (index >= 0 && index < this.notebook.cells.length) this.focus(this.notebook.cells[index].id);
  }

  /* One walk through the notebook at a time: a second would queue every cell once more. */
  async #alone(walk, none) {
    if (this.isWalking) {
      this.say(_("Python is running"));
      return none;
    }
    this.isWalking = true;
    try {
      return await walk();
    } finally {
      this.isWalking = false;
    }
  }

  /* Where it stops at a cell, that has the focus then and says why. */
  async #runThrough(cells) {
    const ranAll = await this.#alone(() => this.#run(cells), false);
    if (ranAll) this.say(_("All of it has run."));
    return ranAll;
  }

  async #run(cells) {
    for (const cell of [...cells]) {
      if (cell.type !== "code") continue;
      const result = await this.runCell(cell.id);
      if (stops(result)) {
        if (result.status !== "aborted") this.focus(cell.id);
        return false;
      }
    }
    return true;
  }

  async #check() {
    const verdicts = new Map();
    this.checkedCode = codeOf(this.notebook);
    for (const cell of [...this.notebook.cells]) {
      if (cell.type !== "code") continue;
      const result = await this.runCell(cell.id);
      if (result.status === "aborted") return null;
      if (cell.kind === "tests" && !this.config.serverOnly.includes(cell.gradeId)) verdicts.set(cell.gradeId, verdictOf(result));
    }
    const all = [...verdicts.values()];
    return { passed: all.filter((each) => each.state === "right").length, of: all.length, isOutdated: this.checkedCode === null };
  }

  #outdate() {
    if (this.checkedCode === null && ![...this.views.values()].some((view) => view.judgedCode !== null)) return;
    const code = codeOf(this.notebook);
    for (const view of this.views.values()) view.outdate(code);
    if (this.checkedCode === null || this.checkedCode === code) return;
    this.checkedCode = null;
    this.handlers.outdated?.();
  }

  #judge(view, result, code) {
    const verdict = verdictOf(result);
    view.judge(verdict, verdict.state === "right" ? _("Right, here in your browser.") : _("Not yet:"), code);
    view.outdate(codeOf(this.notebook));
    // Its error is in it: nothing is said twice. Of many that are right the end of the walk tells.
    view.tell(this.isWalking && verdict.state === "right" ? "" : view.verdict.textContent);
  }

  /* How a run ended, for whoever does not see it. Where Python ended, the page says so itself. */
  #ending({ cell }, { status }) {
    if (status === "aborted") return "";
    return describe(cell.outputs) || (status === "ok" && !this.isWalking ? _("It has run.") : "");
  }

  /* Cells that stay keep their element, so that an editor keeps its cursor and its undo. */
  #arrange() {
    const isHere = this.root.contains(document.activeElement);
    const known = this.views;
    this.views = new Map();
    this.notebook.cells.forEach((cell, index) => {
      let view = known.get(cell.id);
      if (!view || view.cell !== cell || view.element.dataset.type !== cell.type) {
        view = new CellView(cell, this);
      } else {
        known.delete(cell.id);
        view.refresh();
      }
      view.number(index);
      this.views.set(cell.id, view);
    });
    for (const view of known.values()) view.destroy();
    arrange(this.root, [...[...this.views.values()].map((view) => view.element), ...this.end]);
    if (!this.views.has(this.selected)) this.select(this.notebook.cells[0]?.id);
    else this.current.select(true);
    if (isHere && !this.root.contains(document.activeElement)) this.current?.focus();
  }

  #end() {
    if (!this.canAdd) return [];
    const last = () => this.notebook.cells.at(-1)?.id;
    return [el(
      "div",
      { class: "nb-end cluster" },
      el("button", { class: "button secondary small", type: "button", onclick: () => this.insertAt(last(), 1, "code") }, _("Add code")),
      el("button", { class: "button secondary small", type: "button", onclick: () => this.insertAt(last(), 1, "markdown") }, _("Add text")),
    )];
  }

  #focused(target) {
    const id = target.closest(".nb-cell")?.dataset.cell;
    if (id && id !== this.selected) this.select(id);
  }

  #key(event) {
    if (!event.target.matches(".nb-cell") || event.ctrlKey || event.metaKey || event.altKey) {
      if (event.target.matches(".nb-cell") && event.key === "Enter") this.#command(event);
      return;
    }
    this.#command(event);
  }

  #command(event) {
    const act = commandOf(event, this);
    if (!act) return;
    event.preventDefault();
    act();
  }
}
