/* Markup that somebody else wrote, made harmless: it neither runs, nor loads anything, nor looks like a part of the page. */
import DOMPurify from "dompurify";

const IMAGE = /^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+$/;
const FORBIDDEN = ["style", "form", "input", "button", "select", "textarea", "iframe", "object", "embed", "audio", "video", "base", "link", "meta", "dialog"];

const pure = DOMPurify(globalThis.window);
pure.addHook("afterSanitizeAttributes", (node) => {
  if (node.hasAttribute?.("src") && !IMAGE.test(node.getAttribute("src"))) node.removeAttribute("src");
  for (const name of ["srcset", "background", "poster", "action", "formaction"]) node.removeAttribute?.(name);
  const href = node.getAttribute?.("href");
  if (href === null || href === undefined) return;
  if (/^https?:\/\//i.test(href) && node.localName === "a") {
    node.setAttribute("rel", "noopener noreferrer");
    node.setAttribute("target", "_blank");
  } else if (!href.startsWith("#")) node.removeAttribute("href");
});

const options = (more) => ({
  RETURN_DOM_FRAGMENT: true,
  FORBID_TAGS: FORBIDDEN,
  FORBID_ATTR: ["style", "id", "name", "class", "tabindex", "contenteditable", "popover", "accesskey"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ...more,
});

/** A DocumentFragment of the HTML that may be shown. */
export const html = (text) => pure.sanitize(text, options({ USE_PROFILES: { html: true } }));

/** The same with MathML, for what our own Markdown renderer made. */
export const htmlWithMaths = (text) =>
  pure.sanitize(text, options({ USE_PROFILES: { html: true, mathMl: true }, ADD_TAGS: ["semantics", "annotation"] }));

/** A DocumentFragment with an SVG that neither scripts nor loads. */
export const svg = (text) =>
  pure.sanitize(text, {
    RETURN_DOM_FRAGMENT: true,
    USE_PROFILES: { svg: true, svgFilters: true },
    FORBID_TAGS: ["style", "foreignObject", "image", "use", "a"],
    FORBID_ATTR: ["id", "class"],
  });
