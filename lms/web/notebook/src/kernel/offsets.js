/* Places in a text: Python counts characters, JavaScript half of them double (an emoji is one there, and two here). Pure. */

/** How many characters stand before the UTF-16 offset `units`; one in the middle of a character counts it. */
export function pointsAt(text, units) {
  let points = 0;
  for (let at = 0; at < Math.min(units, text.length); points += 1) at += width(text, at);
  return points;
}

/** The UTF-16 offset of the character number `points`; the end of the text where it has fewer. */
export function unitsAt(text, points) {
  let units = 0;
  for (let count = 0; count < points && units < text.length; count += 1) units += width(text, units);
  return units;
}

const width = (text, at) => (text.codePointAt(at) > 0xffff ? 2 : 1);
