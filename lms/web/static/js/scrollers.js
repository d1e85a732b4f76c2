/* What scrolls sideways must be reachable by keyboard. Only wide formulas and outputs of notebooks need it: code and tables
   carry their own tabindex. */
export function reachScrollers(part) {
  for (const box of part.querySelectorAll("div.maths, .cell-out")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
}
