/* One cell on the page: what it is in the lab, its text, its outputs, and what became of its run. */
import { el, icon } from "../dom.js";
import { markdown } from "../render/markdown.js";
import { drawOutput } from "../render/outputs.js";
import { _ } from "../words.js";
import { createEditor } from "./editor.js";

const STUB = /^\s*(YOUR ANSWER HERE|# YOUR CODE HERE\s*raise NotImplementedError\(\))\s*$/;
const MOST_DRAWN = 200;

/* What scrolls sideways must be reachable by keyboard; what does not should be no stop on the way. */
function reach(part) {
  for (const box of part.querySelectorAll(".nb-scroll, .prose")) {
    if (box.scrollWidth <= box.clientWidth) continue;
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", box.matches(".prose") ? _("Text") : box.matches(".nb-formula") ? _("Formula") : _("Table"));
  }
}

/** `owner` is the view of the notebook: what buttons and keys lead to. */
export class CellView {
  constructor(cell, owner) {
    this.cell = cell;
    this.owner = owner;
    this.state = "idle";
    this.isOpen = cell.type === "code" || !cell.source.trim();
    this.judgedCode = null;
    this.status = el("p", { class: "visually-hidden", role: "status" });
    this.outputs = el("div", { class: "nb-outputs" });
    this.unsaved = el("p", { class: "hint", hidden: true }, _("This output is too large to be saved; it is shown until you leave."));
    this.verdict = el("div", { class: "nb-verdict" });
    this.body = el("div", { class: "nb-body" });
    this.element = el("section", { class: "nb-cell", id: `cell-${cell.id}`, tabindex: "-1", "data-cell": cell.id, "data-grade": cell.gradeId || null });
    this.element.append(this.#head(), this.body, this.outputs, this.unsaved, this.verdict, this.status);
    this.#describe();
    this.#fill();
    this.drawOutputs();
  }

  /** What the cell is, in a few words: for its label and its head. */
  get title() {
    const { kind, type, gradeId } = this.cell;
    switch (kind) {
      case "solution": return _("Your answer: {name}", { name: gradeId });
      case "manual": return _("Your answer, read by a mentor: {name}", { name: gradeId });
      case "tests": return this.isServerOnly ? _("Tried on the server only: {name}", { name: gradeId }) : _("Tests: {name}", { name: gradeId });
      case "task": return _("Task: {name}", { name: gradeId });
      case "given": return type === "code" ? _("Given code") : _("Given");
      case "own": return _("Code");
      default: return type === "raw" ? _("Plain text") : _("Text");
    }
  }

  get isServerOnly() {
    return this.owner.config.serverOnly.includes(this.cell.gradeId);
  }

  /** What it is worth, in words; "" where that is nothing. */
  get worth() {
    const { points } = this.cell;
    if (!points) return "";
    return points === 1 ? _("1 point") : _("{points} points", { points });
  }

  /** Where it stands and what it is, for whoever hears it. */
  number(index) {
    const { type, isLocked } = this.cell;
    const what = type === "code" ? _("Code cell {number}", { number: index + 1 }) : _("Text cell {number}", { number: index + 1 });
    this.element.setAttribute("aria-label", [what, this.title, this.worth, isLocked && _("locked")].filter(Boolean).join(", "));
  }

  edit() {
    if (this.cell.type !== "code" && this.cell.isLocked) return;
    if (!this.isOpen) {
      this.isOpen = true;
      this.#fill();
    }
    if (this.details) this.details.open = true;
    this.editor?.focus();
    if (STUB.test(this.cell.source) && this.cell.type !== "code") this.editor.selectAll();
  }

  /** Shows a text cell as it reads. */
  render() {
    if (this.cell.type === "code" || !this.cell.source.trim()) return;
    this.isOpen = false;
    this.#fill();
  }

  /** Shows the text as it is by now, where something else than typing changed it. */
  refresh() {
    if (this.editor) this.editor.set(this.cell.source);
    else if (this.shown !== this.cell.source) this.#fill();
  }

  focus() {
    this.element.focus({ preventScroll: true });
    this.element.scrollIntoView({ block: "nearest" });
  }

  select(isSelected) {
    this.element.tabIndex = isSelected ? 0 : -1;
    this.element.toggleAttribute("data-selected", isSelected);
  }

  become(state, words = "") {
    this.state = state;
    this.element.dataset.state = state;
    clearInterval(this.clock);
    const began = Date.now();
    const show = () => {
      const seconds = Math.floor((Date.now() - began) / 1000);
      this.count.textContent = {
        queued: _("waiting"),
        running: seconds ? _("running, {seconds} s", { seconds }) : _("running"),
      }[state] ?? (this.cell.count === null ? "" : `[${this.cell.count}]`);
    };
    show();
    if (state === "running") this.clock = setInterval(show, 1000);
    if (words) this.tell(words);
  }

  edited() {
    if (["done", "failed"].includes(this.state)) this.become("stale");
    this.owner.forgetVerdict(this.cell.gradeId);
  }

  /** Draws soon, and once for many outputs that come at a time. */
  drawOutputs() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.#drawNow();
    });
  }

  /** What it put out is gone. */
  cleared() {
    this.drawOutputs();
    if (!["queued", "running"].includes(this.state)) this.become("idle");
  }

  /** Has `words` heard, politely. */
  tell(words) {
    this.status.textContent = words;
  }

  /** Asks what input() wants to know. Resolves to the answer. The words are the notebook's, so the page says who asks; and a secret is no
      password of this site, which a browser would fill in where it sees a field for one. */
  ask(prompt, isSecret) {
    return new Promise((resolve) => {
      const masked = globalThis.CSS?.supports("-webkit-text-security", "disc") ? { type: "text", class: "nb-secret", autocomplete: "off" } : { type: "password", autocomplete: "one-time-code" };
      const field = el("input", { id: `ask-${this.cell.id}`, autocapitalize: "none", spellcheck: "false", ...(isSecret ? masked : { type: "text", autocomplete: "off" }) });
      const form = el(
        "form",
        { class: "nb-ask form" },
        el("div", { class: "field" }, el("label", { for: `ask-${this.cell.id}` }, el("span", { class: "hint" }, _("The notebook asks:")), " ", el("bdi", {}, prompt || _("a line of text"))), field),
        el("button", { class: "button small", type: "submit" }, _("Answer")),
      );
      this.endAsking = () => form.remove();
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        form.remove();
        this.element.focus();
        resolve(field.value);
      });
      this.outputs.after(form);
      field.focus();
    });
  }

  /** `{ state: "right" | "wrong" | "manual" | "waiting", text }`, or null for none. `from` says whose word it is; `code`, where it is the
      browser's, what it was said of. */
  judge(verdict, from, code = null) {
    this.judgedCode = code;
    delete this.element.dataset.outdated;
    if (!verdict) {
      this.verdict.replaceChildren();
      delete this.element.dataset.verdict;
      return;
    }
    const [tone, sign] = { right: ["ok", "check"], wrong: ["warn", "refresh-cw"], manual: ["info", "users"], waiting: ["info", "clock"] }[verdict.state];
    this.element.dataset.verdict = verdict.state;
    this.verdict.replaceChildren(
      el("p", { "data-tone": tone }, icon(sign), el("span", {}, el("strong", {}, from), " ", verdict.text)),
    );
  }

  /** The code is another by now: what the browser said of the one before is said no longer of this. */
  outdate(code) {
    if (this.judgedCode === null || this.judgedCode === code) return;
    this.judgedCode = null;
    this.element.dataset.outdated = "";
    const said = this.verdict.querySelector("p");
    said.dataset.tone = "info";
    said.lastElementChild.append(" ", el("span", { class: "hint" }, _("The notebook has changed since.")));
  }

  destroy() {
    clearInterval(this.clock);
    this.editor?.destroy();
  }

  #head() {
    const { cell, owner } = this;
    const canRun = cell.type === "code" && !this.isServerOnly;
    this.count = el("span", { class: "nb-count", "aria-hidden": "true" });
    const run = canRun && el("button", { class: "nb-run", type: "button", onclick: () => owner.runCell(cell.id) }, icon("play"), el("span", {}, _("Run")));
    const points = this.worth ? el("span", { class: "hint" }, this.worth) : null;
    const marks = cell.kind === "text" || cell.kind === "own" ? null : el("span", { class: "nb-what" }, icon(cell.isLocked ? "lock" : "pencil"), this.title);
    return el("header", { class: "nb-head" }, run, this.count, marks, points, el("span", { class: "nb-gap" }), this.#menu());
  }

  #menu() {
    const { cell, owner } = this;
    if (cell.type !== "code" && cell.isLocked && !owner.canAdd) return null; // nothing can be done with it
    const act = (text, fn, sign) => el("button", { type: "button", onclick: () => { menu.open = false; fn(); } }, icon(sign), text);
    const menu = el(
      "details",
      { class: "menu nb-menu" },
      el("summary", {}, icon("ellipsis-vertical"), el("span", { class: "visually-hidden" }, _("More for this cell"))),
    );
    const sheet = el("div", { class: "menu-sheet" });
    menu.append(sheet);
    menu.addEventListener("toggle", () => {
      if (!menu.open) return;
      const canRun = cell.type === "code";
      sheet.replaceChildren(...[
        canRun && act(_("Run all above, and this"), () => owner.runTo(cell.id), "list-checks"),
        canRun && act(_("Run this and all below"), () => owner.runFrom(cell.id), "play"),
        cell.type !== "code" && !cell.isLocked && act(_("Edit"), () => this.edit(), "pencil"),
        canRun && act(_("Clear outputs"), () => owner.clearOutputs([cell.id]), "x"),
        owner.canAdd && act(_("Insert code below"), () => owner.insertAt(cell.id, 1, "code"), "plus"),
        owner.canAdd && act(_("Insert text below"), () => owner.insertAt(cell.id, 1, "markdown"), "plus"),
        owner.canAdd && act(_("Move up"), () => owner.moveCell(cell.id, -1), "arrow-up"),
        owner.canAdd && act(_("Move down"), () => owner.moveCell(cell.id, 1), "arrow-down"),
        owner.canAdd && cell.isDeletable && act(_("Delete"), () => owner.removeCell(cell.id), "trash-2"),
      ].filter(Boolean));
      sheet.scrollIntoView({ block: "nearest" });
    });
    return menu;
  }

  #describe() {
    const { element, cell } = this;
    element.dataset.kind = cell.kind;
    element.dataset.type = cell.type;
    element.toggleAttribute("data-locked", cell.isLocked);
    this.become("idle");
  }

  #fill() {
    const { cell, owner } = this;
    this.editor?.destroy();
    this.editor = null;
    this.shown = cell.source;
    if (cell.type !== "code" && !this.isOpen) {
      const read = cell.type === "markdown" ? markdown(cell.source, cell.attachments) : el("pre", { class: "nb-text" }, cell.source);
      const text = el("div", { class: "prose", ondblclick: () => this.edit() }, read);
      const isBlank = STUB.test(cell.source);
      const invite = !cell.isLocked && (cell.kind === "manual" || isBlank) && el("button", { class: "button secondary small", type: "button", onclick: () => this.edit() }, icon("pencil"), isBlank ? _("Write your answer") : _("Edit your answer"));
      this.body.replaceChildren(...(isBlank ? [] : [text]), ...(invite ? [invite] : []));
      requestAnimationFrame(() => reach(this.body));
      return;
    }
    const host = el("div", { class: "nb-editor" });
    this.body.replaceChildren(this.#folded(host));
    this.editor = createEditor({
      parent: host,
      text: cell.source,
      language: cell.type === "code" ? "python" : "plain",
      label: this.title,
      describedBy: "nb-leaving",
      isLocked: cell.isLocked,
      nonce: owner.config.nonce,
      showsNumbers: owner.showsNumbers,
      keys: owner.keysOf(this),
      onChange: (text) => owner.typed(this, text),
      complete: (code, cursor) => owner.kernel.complete(code, cursor),
      inspect: cell.type === "code" ? (code, cursor) => owner.kernel.inspect(code, cursor) : null,
    });
  }

  /* Tests are there to be run; who wants to read them unfolds them. */
  #folded(host) {
    const { cell } = this;
    const lines = cell.source.split("\n").length;
    if (cell.kind !== "tests" || lines < 8) {
      this.details = null;
      return host;
    }
    const first = cell.source.split("\n").find((line) => line.startsWith("#"))?.replace(/^#+\s*/, "");
    this.details = el("details", { class: "nb-fold" }, el("summary", {}, first ?? _("{lines} lines of tests", { lines })), host);
    return this.details;
  }

  #drawNow() {
    const { outputs } = this.cell;
    // To ask how tall it is makes the browser lay out the whole page, and most cells have nothing to show.
    if (!outputs.length && !this.outputs.hasChildNodes()) return;
    const drawn = outputs.slice(0, MOST_DRAWN).map(drawOutput);
    if (outputs.length > MOST_DRAWN) drawn.push(el("p", { class: "hint" }, _("{count} more outputs are not drawn.", { count: outputs.length - MOST_DRAWN })));
    this.outputs.replaceChildren(...drawn);
    this.outputs.toggleAttribute("data-folded", this.isFolded === true);
    const isTall = this.outputs.scrollHeight > this.outputs.clientHeight + 4;
    if (isTall) {
      this.outputs.tabIndex = 0;
      this.outputs.setAttribute("role", "group");
      this.outputs.setAttribute("aria-label", _("Output"));
    } else for (const name of ["tabindex", "role", "aria-label"]) this.outputs.removeAttribute(name);
  }
}
