/* Elements without HTML in strings: what is text stays text. */

/** `el("button", { class: "button", type: "button", onclick: run }, "Run")`; null and false attributes are left out, true ones are bare. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(key.replace(/^on/, ""), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A sign of the site's sprite, decorative: what it means stands beside it in words. */
export function icon(name) {
  const box = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.documentElement.dataset.icons}#${name}`);
  box.setAttribute("class", "icon");
  box.setAttribute("aria-hidden", "true");
  box.append(use);
  return box;
}

/** Makes `wanted` the children of `root`, in this order, and takes from the page only what is gone or stands elsewhere: what has the focus is
    never moved, since it would lose it, and what it was scrolled to. */
export function arrange(root, wanted) {
  const stay = new Set(wanted);
  for (const child of [...root.childNodes]) if (!stay.has(child)) child.remove();
  const pivot = wanted.findIndex((each) => each.parentNode === root && each.contains(document.activeElement));
  for (let at = pivot - 1; at >= 0; at -= 1) {
    if (wanted[at].nextSibling !== wanted[at + 1]) root.insertBefore(wanted[at], wanted[at + 1]);
  }
  for (let at = pivot + 1; at < wanted.length; at += 1) {
    const next = at ? wanted[at - 1].nextSibling : root.firstChild;
    if (next !== wanted[at]) root.insertBefore(wanted[at], next);
  }
}

export const byId = (id) => document.getElementById(id);
