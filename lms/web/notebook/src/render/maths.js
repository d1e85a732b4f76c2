/* Formulas as MathML: no fonts to load, and readable to whoever cannot see them. */
import katex from "katex";

import { el } from "../dom.js";

/* What a formula says of sizes is its author's: none makes a page of a cell. Where it draws outside of its box, what it stands in cuts it. */
const MOST_EMS = 20;
const OPTIONS = { output: "mathml", strict: false, trust: false, maxExpand: 500, maxSize: MOST_EMS };

/** An element of the formula `source`; of the source itself where it is none, or nests deeper than can be followed. */
export function maths(source, displayMode) {
  try {
    // Read as XML: HTML has rules of its own for what stands in a MathML operator. The page's policy takes no styles, and its classes are its own.
    const made = katex.renderToString(source, { ...OPTIONS, displayMode }).replace(/ (?:class|style) ?="[^"]*"/g, "");
    const formula = new DOMParser().parseFromString(made, "application/xml").querySelector("span > math");
    return document.importNode(formula, true);
  } catch (error) {
    return el("code", { title: error instanceof katex.ParseError && error.message }, source);
  }
}

/* No formula holds the beginning of another: else a text that opens many and closes none would be searched to its end for each. */
const FORMULA = /\$\$([^$]+?)\$\$|\\\[((?:[^\\]|\\[^[\]])+?)\\\]|\\\(((?:[^\\]|\\[^()])+?)\\\)|(?<![\\$\w])\$(?!\s)([^$\n]+?)(?<![\s\\])\$(?![\w$])/g;
const CODE = /(```[\s\S]*?(?:```|$)|~~~[\s\S]*?(?:~~~|$)|`[^`\n]*`)/;

/** Takes formulas out of a text, so that Markdown does not read them: `{ text, put }`, where `put` sets them into the fragment that was made
    of the text. Where no formula can stand, in code or in the name of a link, it puts back what was written. */
export function apart(source) {
  const kept = [];
  const mark = `formula${Math.random().toString(36).slice(2)}`;
  const marks = new RegExp(`${mark}x(\\d+)x`, "g");
  const text = source
    .split(CODE)
    .map((part, index) => (index % 2 ? part : part.replace(FORMULA, (whole, block, bracket, inline, dollar) => {
      kept.push({ whole, source: block ?? bracket ?? inline ?? dollar, display: block !== undefined || bracket !== undefined });
      return `${mark}x${kept.length - 1}x`;
    })))
    .join("");
  const written = (said) => said.replace(marks, (_whole, number) => kept[number].whole);
  const put = (fragment) => {
    for (const element of fragment.querySelectorAll("*")) {
      for (const { name, value } of element.attributes) if (value.includes(mark)) element.setAttribute(name, written(value));
    }
    const texts = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
    const marked = [];
    while (texts.nextNode()) if (texts.currentNode.data.includes(mark)) marked.push(texts.currentNode);
    for (const node of marked) {
      if (node.parentElement?.closest("code")) node.data = written(node.data);
      // Of what is split at its marks, every second part is the number of one.
      else node.replaceWith(...node.data.split(marks).map((part, index) => (index % 2 ? maths(kept[part].source, kept[part].display) : part)));
    }
  };
  return { text, put };
}
