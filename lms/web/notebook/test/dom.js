/* A document for the modules that draw. To be imported before them: some look for `window` while they are loaded. */
import { JSDOM } from "jsdom";

const { window } = new JSDOM('<!doctype html><html lang="en" data-icons="/icons.svg"><body></body></html>', {
  url: "http://127.0.0.1/labs/L01/work",
  pretendToBeVisual: true,
});
const NAMES = [
  "document", "navigator", "location", "CustomEvent", "DocumentFragment", "DOMParser", "Element", "Event", "HTMLElement", "KeyboardEvent",
  "MessageEvent", "MouseEvent", "MutationObserver", "Node", "NodeFilter", "Range", "Window", "XMLSerializer", "cancelAnimationFrame",
  "getComputedStyle", "getSelection", "requestAnimationFrame",
];

globalThis.window = window;
for (const name of NAMES) Object.defineProperty(globalThis, name, { value: window[name], configurable: true, writable: true });

// What jsdom lays out nothing for, and editors ask for all the same.
window.Range.prototype.getClientRects = () => [];
window.Range.prototype.getBoundingClientRect = () => new window.DOMRect();
window.Element.prototype.scrollIntoView = () => {};
window.HTMLDialogElement.prototype.showModal = function showModal() { this.open = true; };
window.HTMLDialogElement.prototype.close = function close(value) {
  this.open = false;
  if (value !== undefined) this.returnValue = value;
  this.dispatchEvent(new window.Event("close"));
};
for (const name of ["addEventListener", "removeEventListener"]) globalThis[name] = window[name].bind(window);

/** An empty page with `markup` in its body; the body. */
export function page(markup = "") {
  document.body.innerHTML = markup;
  return document.body;
}

/** The markup of a node or fragment. */
export function markup(node) {
  const box = document.createElement("div");
  box.append(node.cloneNode(true));
  return box.innerHTML;
}
