/* Text with terminal colours: colours become classes, everything else that a terminal would obey is left out. */
import { el } from "../dom.js";

const PART = /(\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.?)/;
const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

const MOST_PARTS = 20_000;

/** A DocumentFragment. What changes its colour at every letter has none. */
export function ansi(text) {
  const fragment = document.createDocumentFragment();
  const shown = overwritten(text);
  const parts = shown.split(PART);
  if (parts.length > MOST_PARTS) {
    fragment.append(plain(shown));
    return fragment;
  }
  let style = {};
  for (const part of parts) {
    if (part.startsWith("\x1b")) {
      const codes = /^\x1b\[([\d;]*)m$/.exec(part);
      if (codes) style = after(style, (codes[1] || "0").split(";").map(Number));
    } else if (part) {
      const names = [style.colour && `ansi-${style.colour}`, style.isBold && "ansi-bold"].filter(Boolean);
      fragment.append(names.length ? el("span", { class: names.join(" ") }, part) : part);
    }
  }
  return fragment;
}

export const plain = (text) => text.split(PART).filter((part) => !part.startsWith("\x1b")).join("");

/* A progress bar goes back to the start of its line and writes over it. */
function overwritten(text) {
  if (!text.includes("\r")) return text;
  return text.replaceAll("\r\n", "\n").split("\n").map((line) => line.slice(line.lastIndexOf("\r", line.length - 2) + 1).replace(/\r$/, "")).join("\n");
}

function after(style, codes) {
  let { colour, isBold } = style;
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index];
    if (code === 0) [colour, isBold] = [undefined, false];
    else if (code === 1) isBold = true;
    else if (code === 22) isBold = false;
    else if (code === 39) colour = undefined;
    else if (code >= 30 && code <= 37) colour = NAMES[code - 30];
    else if (code >= 90 && code <= 97) colour = NAMES[code - 90];
    else if (code === 38 || code === 48) {
      const isShort = codes[index + 1] === 5;
      if (code === 38 && isShort) colour = NAMES[nearest(codes[index + 2])];
      index += isShort ? 2 : 4;
    }
  }
  return { colour, isBold };
}

/* Of 256 colours, the nearest of eight: the page's own are readable in both schemes, a notebook's are not. */
function nearest(number) {
  if (number < 16) return number % 8;
  if (number >= 232) return number < 244 ? 0 : 7;
  const [red, green, blue] = [Math.floor((number - 16) / 36), Math.floor((number - 16) / 6) % 6, (number - 16) % 6].map((each) => each > 2);
  return Number(red) + 2 * Number(green) + 4 * Number(blue);
}
