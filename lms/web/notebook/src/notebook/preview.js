/* A file, to be looked at: an image, a table, or text. */
import { el } from "../dom.js";
import { _ } from "../words.js";

const MOST_CHARACTERS = 100_000;
const MOST_ROWS = 200;
const MOST_COLUMNS = 50;
const IMAGES = new Map([["png", "image/png"], ["jpg", "image/jpeg"], ["jpeg", "image/jpeg"], ["gif", "image/gif"], ["webp", "image/webp"]]);

/** An element for the file `name` with these bytes; its beginning, where it is long. */
export function preview(name, bytes) {
  const ending = name.split(".").at(-1).toLowerCase();
  if (IMAGES.has(ending)) return el("img", { src: `data:${IMAGES.get(ending)};base64,${base64(bytes)}`, alt: name });
  const text = new TextDecoder().decode(bytes.subarray(0, MOST_CHARACTERS));
  if (text.includes("\0")) return el("p", { class: "hint" }, _("This file is not text."));
  const isCut = bytes.length > MOST_CHARACTERS;
  return ["csv", "tsv"].includes(ending) ? drawTable(name, text, isCut) : el("div", {}, el("pre", { class: "nb-text", tabindex: "0" }, text), cut(isCut));
}

/** Pure: the first rows of a table of values between commas, semicolons or tabs, as `[[text]]`; `"…"` may hold any of them, and lines. */
export function readTable(text, { rows: most = MOST_ROWS } = {}) {
  const [head] = text.split("\n", 1);
  const counted = [",", ";", "\t"].map((sign) => [head.split(sign).length, sign]);
  const between = counted.reduce((best, each) => (each[0] > best[0] ? each : best))[1];
  const rows = [];
  let row = [];
  let at = 0;
  while (at < text.length && rows.length < most) {
    const [value, end] = valueAt(text, at, between);
    row.push(value);
    if (text[end] !== between) {
      rows.push(row);
      row = [];
    } else if (end + 1 === text.length) row.push("");
    at = end + 1;
  }
  if (row.length) rows.push(row);
  return rows;
}

/* A value and where it ends: at what stands between, at the end of its line, or of the text. */
function valueAt(text, start, between) {
  let value = "";
  let at = start;
  if (text[at] === '"') {
    for (at += 1; at < text.length && !(text[at] === '"' && text[at + 1] !== '"'); at += 1) {
      if (text[at] === '"') at += 1;
      value += text[at];
    }
    at += 1;
  }
  const rest = at;
  while (at < text.length && text[at] !== between && text[at] !== "\n") at += 1;
  return [value + text.slice(rest, at).replace(/\r$/, ""), at];
}

function drawTable(name, text, isCut) {
  const rows = readTable(text, { rows: MOST_ROWS + 1 });
  const shown = rows.slice(0, MOST_ROWS).map((row) => row.slice(0, MOST_COLUMNS));
  const isShort = isCut || rows.length > shown.length || rows.some((row) => row.length > MOST_COLUMNS);
  const [head = [], ...body] = shown;
  return el(
    "div",
    {},
    el("div", { class: "nb-scroll nb-table", tabindex: "0", role: "group", "aria-label": name }, el(
      "table",
      {},
      el("thead", {}, el("tr", {}, ...head.map((value) => (value.trim() ? el("th", { scope: "col" }, value) : el("td"))))),
      el("tbody", {}, ...body.map((row) => el("tr", {}, ...row.map((value) => el("td", {}, value))))),
    )),
    cut(isShort),
  );
}

const cut = (isCut) => isCut && el("p", { class: "hint" }, _("Only its beginning is shown. Download it to have all of it."));

export function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return btoa(text);
}
