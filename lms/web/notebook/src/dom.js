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

export const byId = (id) => document.getElementById(id);
