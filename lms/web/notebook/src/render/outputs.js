/* What a cell put out, drawn: the richest form that can be shown without harm. */
import { el } from "../dom.js";
import { _ } from "../words.js";
import { ansi, plain } from "./ansi.js";
import { markdown } from "./markdown.js";
import { maths } from "./maths.js";
import { html, svg } from "./sanitise.js";

const IMAGES = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const MOST_DRAWN = 200_000;

/** An element for one nbformat output, also for one that an odd file holds: whatever cannot be drawn is shown as text. */
export function drawOutput(output) {
  const known = object(output);
  try {
    return drawn(known);
  } catch {
    return pre(text(known.text) || text(object(known.data)["text/plain"]));
  }
}

function drawn(output) {
  switch (output.output_type) {
    case "stream":
      return pre(text(output.text), { "data-stream": output.name === "stderr" ? "stderr" : "stdout" });
    case "error":
      return drawError(output);
    default:
      return el("div", { class: "nb-rich" }, drawBundle(object(output.data)));
  }
}

/* More than anybody reads would only keep the page busy. */
function pre(said, more = {}) {
  const made = el("pre", { class: "nb-text", ...more }, ansi(said.slice(0, MOST_DRAWN)));
  if (said.length <= MOST_DRAWN) return made;
  return el("div", {}, made, el("p", { class: "hint" }, _("{count} more characters are not drawn.", { count: said.length - MOST_DRAWN })));
}

/** A sentence for whoever does not see the outputs. */
export function describe(all) {
  const outputs = all.map(object);
  const error = outputs.find((each) => each.output_type === "error");
  if (error) return _("Error: {name}: {message}", { name: text(error.ename), message: plain(text(error.evalue)).slice(0, 200) });
  const lines = outputs.flatMap((each) => words(each).split("\n")).filter((line) => line.trim());
  const images = outputs.filter((each) => [...IMAGES, "image/svg+xml"].some((mime) => object(each.data)[mime])).length;
  if (images) return images === 1 ? _("Output: an image") : _("Output: {count} images", { count: images });
  if (!lines.length) return "";
  return lines.length <= 3 ? _("Output: {text}", { text: lines.join(" ").slice(0, 300) }) : _("Output: {count} lines", { count: lines.length });
}

function words(output) {
  if (output.output_type === "stream") return plain(text(output.text));
  return plain(text(object(output.data)["text/plain"]));
}

/* What went wrong first, where second: the traceback is folded, with the learner's own lines in it. */
function drawError({ ename, evalue, traceback }) {
  const said = `${text(ename)}: ${plain(text(evalue))}`.replace(/: $/, "");
  const lines = (Array.isArray(traceback) ? traceback : []).map(text).join("\n").replace(/^\S*-{20,}\S*\n?/, "");
  const place = /(?:Cell|line)[^\n]{0,200}?In\[\d+\][^\n]{0,200}?line (\d+)/.exec(plain(lines));
  return el(
    "div",
    { class: "nb-error" },
    el("p", {}, el("strong", {}, said.split("\n")[0]), place && el("span", { class: "hint" }, ` ${_("line {number}", { number: place[1] })}`)),
    said.includes("\n") && pre(said.slice(said.indexOf("\n") + 1)),
    lines && el("details", {}, el("summary", {}, _("Where it happened")), pre(lines, { tabindex: "0" })),
  );
}

function drawBundle(data) {
  const image = IMAGES.find((mime) => isBase64(text(data[mime])));
  if (image) return el("img", { src: `data:${image};base64,${text(data[image]).replace(/\s/g, "")}`, alt: altOf(data) });
  if (text(data["image/svg+xml"])) return svg(text(data["image/svg+xml"]), altOf(data));
  if (text(data["text/html"])) return el("div", { class: "nb-html", tabindex: "0", role: "group", "aria-label": _("Output") }, html(text(data["text/html"])));
  if (text(data["text/markdown"])) return el("div", { class: "prose" }, markdown(text(data["text/markdown"])));
  if (text(data["text/latex"])) return formula(text(data["text/latex"]));
  if (data["application/json"] !== undefined) return pre(JSON.stringify(data["application/json"], null, 2));
  const kinds = Object.keys(data);
  if (kinds.length && !("text/plain" in data)) return el("p", { class: "hint" }, _("Not drawn here: {kinds}", { kinds: kinds.join(", ").slice(0, 300) }));
  return pre(text(data["text/plain"]));
}

const formula = (source) => maths(source.trim().replace(/^\$\$?|\$\$?$/g, "").replace(/^\\\[|\\\]$/g, ""), true);

/* An image of Matplotlib says only how large it is. */
function altOf(data) {
  const said = plain(text(data["text/plain"]));
  return !said || said.startsWith("<") ? _("A figure that the cell drew") : said.slice(0, 300);
}

const isBase64 = (value) => /^[A-Za-z0-9+/=\s]+$/.test(value);
const object = (value) => (typeof value === "object" && value !== null && !Array.isArray(value) ? value : {});
const text = (value) => (Array.isArray(value) ? value.join("") : typeof value === "string" ? value : "");
