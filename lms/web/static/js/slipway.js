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

// The button that was pressed is gone after the swap: the reader is taken to what answered it.
let answered = "";
document.addEventListener("submit", (event) => { answered = event.target.closest(".question")?.id ?? ""; });
document.addEventListener("htmx:after:swap", () => {
  enhance(document);
  if (answered) document.getElementById(answered)?.focus({ preventScroll: true });
  answered = "";
});
