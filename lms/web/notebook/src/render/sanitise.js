/* Markup that somebody else wrote, made harmless: it neither runs, nor loads anything, nor acts on the page, nor looks like a part of it.
   What is not named here is left out. */
import DOMPurify from "dompurify";

import { el } from "../dom.js";

const IMAGE = /^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+$/;

const TAGS = `a abbr b blockquote br caption center cite code col colgroup dd del details dfn div dl dt em figcaption figure font h1 h2 h3 h4 h5 h6
  hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul
  var wbr`.split(/\s+/);
const ATTRIBUTES = `align alt border cellpadding cellspacing colspan datetime dir headers height href lang open reversed rowspan scope span
  src start title valign value width`.split(/\s+/);

const pure = DOMPurify(globalThis.window);

pure.addHook("uponSanitizeAttribute", (node, attribute) => {
  const { attrName: name, attrValue: value } = attribute;
  if (name === "src") attribute.keepAttr = IMAGE.test(value);
  else if (name === "href" || name === "xlink:href") attribute.keepAttr = value.startsWith("#") || may(node.localName).test(value);
});
pure.addHook("afterSanitizeAttributes", (node) => {
  if (node.localName !== "a" || !/^http/i.test(node.getAttribute("href") ?? "")) return;
  node.setAttribute("rel", "noopener noreferrer");
  node.setAttribute("target", "_blank");
});

/* What leads out of a document: a link to the web, and for a picture in a drawing its own bytes. */
const may = (tag) => ({ a: /^https?:\/\//i, image: IMAGE })[tag] ?? /^$/;

/** A DocumentFragment of the HTML that may be shown. */
export const html = (text) =>
  pure.sanitize(text, {
    RETURN_DOM_FRAGMENT: true,
    ALLOWED_TAGS: [...TAGS, "#text"],
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
  });

/** An image of an SVG. As an image it is a document of its own: its styles and names are its own too, it runs nothing and loads nothing.
    Throws for a text that has no SVG in it. */
export function svg(text, alt) {
  const fragment = pure.sanitize(text, {
    RETURN_DOM_FRAGMENT: true,
    USE_PROFILES: { svg: true, svgFilters: true },
    FORBID_TAGS: ["a"],
    ADD_TAGS: ["use"],
  });
  const drawing = fragment.querySelector("svg");
  if (!drawing) throw new Error("There is no SVG in it.");
  return el("img", { src: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(drawing))}`, alt });
}
