/* What a cell put out, drawn: the richest form that can be shown without harm. */
import { el } from "../dom.js";
import { _ } from "../words.js";
import { ansi, plain } from "./ansi.js";
import { markdown } from "./markdown.js";
import { maths } from "./maths.js";
import { html, svg } from "./sanitise.js";

const IMAGES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** An element for one nbformat output. */
export function drawOutput(output) {
  switch (output.output_type) {
    case "stream":
      return el("pre", { class: "nb-text", "data-stream": output.name === "stderr" ? "stderr" : "stdout" }, ansi(text(output.text)));
    case "error":
      return drawError(output);
    default:
      return el("div", { class: "nb-rich" }, drawBundle(output.data ?? {}));
  }
}

/** A sentence for whoever does not see the outputs. */
export function describe(outputs) {
  const error = outputs.find((each) => each.output_type === "error");
  if (error) return _("Error: {name}: {message}", { name: text(error.ename), message: plain(text(error.evalue)).slice(0, 200) });
  const lines = outputs.flatMap((each) => words(each).split("\n")).filter((line) => line.trim());
  const images = outputs.filter((each) => IMAGES.some((mime) => each.data?.[mime]) || each.data?.["image/svg+xml"]).length;
  if (images) return images === 1 ? _("Output: an image") : _("Output: {count} images", { count: images });
  if (!lines.length) return "";
  return lines.length <= 3 ? _("Output: {text}", { text: lines.join(" ").slice(0, 300) }) : _("Output: {count} lines", { count: lines.length });
}

function words(output) {
  if (output.output_type === "stream") return plain(text(output.text));
  return plain(text(output.data?.["text/plain"]));
}

/* What went wrong first, where second: the traceback is folded, with the learner's own lines in it. */
function drawError({ ename, evalue, traceback }) {
  const said = `${text(ename)}: ${plain(text(evalue))}`.replace(/: $/, "");
  const lines = (Array.isArray(traceback) ? traceback : []).map(text).join("\n").replace(/^\S*-{20,}\S*\n?/, "");
  const place = /(?:Cell|line)[^\n]*?In\[\d+\][^\n]*?line (\d+)/.exec(plain(lines));
  return el(
    "div",
    { class: "nb-error" },
    el("p", {}, el("strong", {}, said.split("\n")[0]), place && el("span", { class: "hint" }, ` ${_("line {number}", { number: place[1] })}`)),
    said.includes("\n") && el("pre", { class: "nb-text" }, said.slice(said.indexOf("\n") + 1)),
    lines && el("details", {}, el("summary", {}, _("Where it happened")), el("pre", { class: "nb-text", tabindex: "0" }, ansi(lines))),
  );
}

function drawBundle(data) {
  const image = IMAGES.find((mime) => isBase64(data[mime]));
  if (image) return el("img", { src: `data:${image};base64,${text(data[image]).replace(/\s/g, "")}`, alt: altOf(data) });
  if (data["image/svg+xml"]) return svg(text(data["image/svg+xml"]), altOf(data));
  if (data["text/html"]) return el("div", { class: "nb-html", tabindex: "0", role: "group", "aria-label": _("Output") }, html(text(data["text/html"])));
  if (data["text/markdown"]) return el("div", { class: "prose" }, markdown(text(data["text/markdown"])));
  if (data["text/latex"]) return formula(text(data["text/latex"]));
  if (data["application/json"] !== undefined) return el("pre", { class: "nb-text" }, JSON.stringify(data["application/json"], null, 2));
  return el("pre", { class: "nb-text" }, ansi(text(data["text/plain"])));
}

const formula = (source) => maths(source.trim().replace(/^\$\$?|\$\$?$/g, "").replace(/^\\\[|\\\]$/g, ""), true);

/* An image of Matplotlib says only how large it is. */
function altOf(data) {
  const said = plain(text(data["text/plain"]));
  return !said || said.startsWith("<") ? _("A figure that the cell drew") : said.slice(0, 300);
}

const isBase64 = (value) => typeof value === "string" && /^[A-Za-z0-9+/=\s]+$/.test(value);
const text = (value) => (Array.isArray(value) ? value.join("") : typeof value === "string" ? value : "");
