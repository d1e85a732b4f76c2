/* A learner's and an author's Markdown: no HTML of theirs, formulas as MathML, images only from the cell itself. */
import MarkdownIt from "markdown-it";

import { el } from "../dom.js";
import { apart } from "./maths.js";
import { html } from "./sanitise.js";

const reader = new MarkdownIt({ html: false, linkify: false, typographer: false });
const ATTACHED = /\(attachment:([^)\s]{1,300})\)/g;

/** A node of `source` as it reads, or of `source` as it is written where that cannot be drawn. `attachments` are nbformat's: images by name
    and type. */
export function markdown(source, attachments = {}) {
  try {
    return drawn(source, attachments);
  } catch {
    return el("pre", { class: "nb-text" }, source);
  }
}

function drawn(source, attachments) {
  const { text, put } = apart(source.replace(ATTACHED, (whole, name) => attached(attachments, name) ?? whole));
  const fragment = html(reader.render(text));
  put(fragment);
  for (const table of fragment.querySelectorAll("table")) easeTable(table);
  for (const formula of fragment.querySelectorAll("math[display=block]")) scrolls(formula, el("span", { class: "nb-scroll nb-formula" }));
  return fragment;
}

/* A head that says nothing is no head. */
function easeTable(table) {
  for (const head of table.querySelectorAll("th")) {
    if (!head.textContent.trim()) head.replaceWith(el("td"));
  }
  scrolls(table, el("div", { class: "nb-scroll" }));
}

/* What is wide scrolls by itself, and the text around it stays. */
function scrolls(wide, box) {
  wide.replaceWith(box);
  box.append(wide);
}

/* The page's policy takes no style attributes. */
for (const name of ["th_open", "td_open"]) {
  reader.renderer.rules[name] = (tokens, index, options, _env, self) => {
    const token = tokens[index];
    const side = /text-align:(\w+)/.exec(token.attrGet("style") ?? "")?.[1];
    token.attrs = side ? [["align", side]] : null;
    return self.renderToken(tokens, index, options);
  };
}

function attached(attachments, name) {
  const called = [name, decoded(name)].find((each) => Object.hasOwn(attachments, each));
  const [type, data] = Object.entries(attachments[called] ?? {}).find(([mime]) => /^image\/(png|jpeg|gif|webp)$/.test(mime)) ?? [];
  return type ? `(data:${type};base64,${[data].flat().join("").replace(/\s/g, "")})` : null;
}

function decoded(name) {
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // a "%" of its own, as in 100%.png
  }
}

reader.validateLink = (address) => /^(https?:\/\/|#|data:image\/(png|jpeg|gif|webp);base64,)/i.test(address);
