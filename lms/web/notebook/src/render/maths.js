/* Formulas as MathML: no fonts to load, and readable to whoever cannot see them. */
import katex from "katex";

const OPTIONS = { output: "mathml", throwOnError: false, strict: false, trust: false, maxExpand: 500 };

/** Markup of the formula `source`; of the source itself where it is none, or nests deeper than can be followed. */
export function maths(source, displayMode) {
  try {
    return katex.renderToString(source, { ...OPTIONS, displayMode }).replace(/ style="[^"]*"/g, ""); // the page's policy takes none
  } catch {
    return `<code>${source.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`)}</code>`;
  }
}

/* No formula holds the beginning of another: else a text that opens many and closes none would be searched to its end for each. */
const FORMULA = /\$\$([^$]+?)\$\$|\\\[((?:[^\\]|\\[^[\]])+?)\\\]|\\\(((?:[^\\]|\\[^()])+?)\\\)|(?<![\\$\w])\$(?!\s)([^$\n]+?)(?<![\s\\])\$(?![\w$])/g;
const CODE = /(```[\s\S]*?(?:```|$)|~~~[\s\S]*?(?:~~~|$)|`[^`\n]*`)/;

/** Takes formulas out of a text, so that Markdown does not read them: `{ text, put }`, where `put` sets them into what was made of the text. */
export function apart(source) {
  const kept = [];
  const mark = `\u2063${Math.random().toString(36).slice(2)}`;
  const text = source
    .split(CODE)
    .map((part, index) => (index % 2 ? part : part.replace(FORMULA, (whole, block, bracket, inline, dollar) => {
      kept.push({ source: block ?? bracket ?? inline ?? dollar, display: block !== undefined || bracket !== undefined });
      return `${mark}x${kept.length - 1}x`;
    })))
    .join("");
  const put = (made) => made.replaceAll(new RegExp(`${mark}x(\\d+)x`, "g"), (_whole, number) => maths(kept[number].source, kept[number].display));
  return { text, put };
}
