/* What scrolls sideways must be reachable by keyboard. Code and tables carry their own tabindex; a formula,
   or a table that a learner wrote, gets one only where it is too wide, so that the others are no stops on the way. */
export function reachScrollers(part) {
  for (const box of part.querySelectorAll("div.maths, .notebook .prose > table")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
}
