/* Native dialogs: they hold the focus, close on Escape, and give the focus back. */
import { el } from "../dom.js";
import { _ } from "../words.js";

let number = 0;

/** Opens one and resolves to the value of what was pressed; null when it was closed. `actions` are `[value, text, kind]`, the first the main one. */
export function ask({ title, body, actions = [], isWide = false, canClose = true }) {
  number += 1;
  const id = `dialog-${number}`;
  const close = canClose && el("button", { class: "button quiet small", type: "button", onclick: () => dialog.close("") }, _("Close"));
  const buttons = actions.map(([value, text, kind = "secondary"]) =>
    el("button", { class: `button ${kind}`.trim(), type: "button", onclick: () => dialog.close(value) }, text));
  const dialog = el(
    "dialog",
    { class: isWide ? "wide" : "", "aria-labelledby": id },
    el("div", { class: "cluster spread" }, el("h2", { id }, title), close),
    el("div", { class: "dialog-body stack" }, ...[body].flat()),
    buttons.length ? el("div", { class: "cluster" }, ...buttons) : null,
  );
  document.body.append(dialog);
  dialog.addEventListener("cancel", (event) => { if (!canClose) event.preventDefault(); });
  dialog.showModal();
  const closed = new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue || null);
    });
  });
  closed.dialog = dialog;
  return closed;
}

/** What differs between two notebooks, to be read. */
export function drawDifferences(differences, none) {
  if (!differences.length) return el("p", {}, none);
  return el("div", { class: "stack" }, ...differences.map(({ name, state, lines }) => el(
    "section",
    { class: "stack tight" },
    el("h3", {}, { changed: _("Changed: {name}", { name }), added: _("Only here: {name}", { name }), removed: _("Not here: {name}", { name }) }[state]),
    el("div", { class: "nb-changes", tabindex: "0", role: "group", "aria-label": name }, ...lines.map(([sign, text]) => el("div", { "data-sign": sign }, el("span", {}, sign === " " ? "\u00a0" : sign), text))),
  )));
}
