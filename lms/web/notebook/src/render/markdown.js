/* A learner's and an author's Markdown: no HTML of theirs, formulas as MathML, images only from the cell itself. */
import MarkdownIt from "markdown-it";

import { apart } from "./maths.js";
import { htmlWithMaths } from "./sanitise.js";

const reader = new MarkdownIt({ html: false, linkify: false, typographer: false });
const ATTACHED = /\(attachment:([^)\s]+)\)/g;

/** A DocumentFragment. `attachments` are nbformat's: images by name and type. */
export function markdown(source, attachments = {}) {
  const { text, put } = apart(source.replace(ATTACHED, (whole, name) => attached(attachments, name) ?? whole));
  return htmlWithMaths(put(reader.render(text)));
}

function attached(attachments, name) {
  const bundle = Object.hasOwn(attachments, decodeURI(name)) ? attachments[decodeURI(name)] : null;
  const [type, data] = Object.entries(bundle ?? {}).find(([mime]) => /^image\/(png|jpeg|gif|webp)$/.test(mime)) ?? [];
  return type ? `(data:${type};base64,${String(data).replace(/\s/g, "")})` : null;
}

reader.validateLink = (address) => /^(https?:\/\/|#|data:image\/(png|jpeg|gif|webp);base64,)/i.test(address);
