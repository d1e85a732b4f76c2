/* Every page works without these modules; each only saves a step. They run again over what htmx puts into the page. */
import { addCopyButtons } from "./copy.js";
import { guardForms } from "./guard.js";
import { closeMenus } from "./menus.js";
import { easeOrdering } from "./order.js";
import { reachScrollers } from "./scrollers.js";
import { switchTheme } from "./theme.js";

function enhance(part) {
  addCopyButtons(part);
  easeOrdering(part);
  reachScrollers(part);
}

switchTheme();
closeMenus();
guardForms();
enhance(document);
document.querySelector("[data-focus]")?.focus();
document.addEventListener("htmx:after:swap", () => enhance(document));
