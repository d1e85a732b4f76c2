import assert from "node:assert/strict";
import { test } from "node:test";

import { markup } from "./dom.js";
import { html, svg } from "../src/render/sanitise.js";

const AWAY = "https://elsewhere.example/";
const PIXEL = "data:image/png;base64,iVBORw0KGgo=";
const clean = (text) => markup(html(text));
const drawing = (text) => decodeURIComponent(svg(text, "a drawing").getAttribute("src").replace(/^data:image\/svg\+xml;charset=utf-8,/, ""));

/* What each would do if it stood on the page: run, load, send, cover, press, or take the place of something. */
const ATTACKS = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  `<img src="${AWAY}">`,
  `<img src="/sign-out">`,
  `<img srcset="${AWAY} 2x">`,
  '<img src="data:image/svg+xml,<svg onload=alert(1)>">',
  '<img src="data:text/html;base64,aGVsbG8=">',
  `<picture><source srcset="${AWAY}"></picture>`,
  "<label for=run-all>The answer is here</label>",
  "<button form=hand-in>x</button>",
  "<input type=submit form=upload formaction=/sign-out>",
  '<button popovertarget="x" commandfor="y" command="show-modal">x</button>',
  `<form action="${AWAY}" id=f><input name=password><button>x</button></form>`,
  "<textarea>x</textarea><select><option>x</option></select>",
  '<a href="javascript:alert(1)">x</a>',
  '<a href=" java\tscript:alert(1)">x</a>',
  '<a href="data:text/html,<script>alert(1)</script>">x</a>',
  '<a href="/sign-out">x</a>',
  '<a href="//elsewhere.example">x</a>',
  '<a href="blob:null/x">x</a>',
  '<a href="https://example.org" ping="https://elsewhere.example/" download target="_self" onclick="alert(1)">x</a>',
  "<area href=https://elsewhere.example/ shape=default><map name=m></map><img usemap=#m>",
  "<b id=run-all name=say>x</b>",
  "<b id=workbench class='notice nb-run'>x</b>",
  '<b style="position:fixed;inset:0;background:url(https://elsewhere.example/)">x</b>',
  `<style>@import "${AWAY}"; body { display: none }</style>`,
  `<link rel=stylesheet href="${AWAY}"><base href="${AWAY}"><meta http-equiv=refresh content="0;url=${AWAY}">`,
  `<iframe src="${AWAY}" srcdoc="<script>parent.x=1</script>"></iframe><object data="${AWAY}"></object><embed src="${AWAY}">`,
  `<video src="${AWAY}" poster="${AWAY}" autoplay></video><audio src="${AWAY}"></audio><track src="${AWAY}">`,
  `<body background="${AWAY}" onload="alert(1)"><table background="${AWAY}"><tr><td background="${AWAY}">x</table>`,
  "<dialog open>Your session ended. Password?</dialog>",
  '<div popover="auto" tabindex="1" accesskey="s" contenteditable autofocus onfocus="alert(1)">x</div>',
  '<div role="alert" aria-live="assertive" aria-label="Handed in">x</div>',
  '<div hx-get="/sign-out" hx-trigger="load" data-grade="q1">x</div>',
  "<slot name=x part=y is=z slot=w>x</slot><template><img src=x onerror=alert(1)></template>",
  `<svg onload=alert(1)><script>alert(1)</script><use href="${AWAY}#x"/><image href="${AWAY}"/><style>@import "${AWAY}"</style></svg>`,
  '<svg><a xlink:href="javascript:alert(1)"><animate attributeName=href values="javascript:alert(1)"/><text>x</text></a></svg>',
  "<svg><foreignObject><iframe src=https://elsewhere.example/></iframe></foreignObject></svg>",
  "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
  '<math><maction actiontype="statusline" xlink:href="javascript:alert(1)">x</maction></math>',
  '<math><annotation-xml encoding="text/html"><img src=x onerror=alert(1)></annotation-xml></math>',
  "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
  "<form><math><mtext></form><form><mglyph><svg><mtext><style><path id='</style><img onerror=alert(1) src>'>",
];
const HARM = new RegExp(
  [
    "<(script|style|form|input|button|label|math|textarea|select|iframe|object|embed|video|audio|link|base|meta|dialog|svg|slot|template|area|map)\\b",
    "\\s(on\\w+|id|name|class|style|for|form\\w*|role|aria-\\w+|data-\\w+|hx-\\w+|srcset|usemap|background|ping|tabindex|popover\\w*|autofocus)=",
    "javascript:",
    "elsewhere",
    'href="(?!https?://|#)',
    'src="(?!data:image/(png|jpeg|gif|webp);)',
  ].join("|"),
  "i",
);

test("nothing in an output runs, loads, sends, or acts on the page", () => {
  for (const attack of ATTACKS) assert.doesNotMatch(clean(attack).replaceAll("&lt;", ""), HARM, attack);
  assert.match(ATTACKS.join(""), HARM);
});

test("what outputs are made of stays: tables, lists, links to the web, and images with their own bytes", () => {
  for (const harmless of [
    '<table border="1"><thead><tr><th scope="col" colspan="2">a</th></tr></thead><tbody><tr><td>1</td><td align="right">2</td></tr></tbody></table>',
    '<h2>x</h2><p>a <b>b</b> <code>c</code><br></p><ol start="3"><li>x</li></ol>',
    `<img src="${PIXEL}" alt="x" width="3">`,
    '<a href="#there">x</a>',
    "<details open=\"\"><summary>more</summary><pre>x</pre></details>",
  ]) assert.equal(clean(harmless), harmless);
  assert.equal(clean('<a href="https://example.org">x</a>'), '<a href="https://example.org" rel="noopener noreferrer" target="_blank">x</a>');
});

test("the styles of a pandas table are no text", () => {
  assert.equal(clean("<div><style scoped>.dataframe tbody tr th { vertical-align: top; }</style><table class=dataframe><tr><td>1"),
    "<div><table><tbody><tr><td>1</td></tr></tbody></table></div>");
});

test("a drawing is an image: a document of its own, whose styles and names are its own", () => {
  const made = svg('<svg xmlns="http://www.w3.org/2000/svg"><style>* { fill: red }</style><path id="g" style="fill: none"/><use href="#g"/></svg>', 'a "drawing"');
  assert.equal(made.localName, "img");
  assert.equal(made.alt, 'a "drawing"');
  assert.match(decodeURIComponent(made.src), /<style>\* \{ fill: red \}<\/style><path id="g" style="fill: none"\/><use href="#g"\/><\/svg>$/);
});

test("a drawing without its namespace, or with a head as files have it, is one all the same", () => {
  assert.match(drawing("<svg viewBox='0 0 1 1'><rect/></svg>"), /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 1 1"><rect\/><\/svg>$/);
  assert.match(drawing('<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x"><svg><rect/></svg>'), /^<svg [^>]*><rect\/><\/svg>$/);
});

test("a picture in a drawing has its own bytes", () => {
  assert.match(drawing(`<svg><image href="${PIXEL}" width="1"/></svg>`), /<image href="data:image\/png/);
  assert.doesNotMatch(drawing(`<svg><image href="${AWAY}"/><image xlink:href="${AWAY}"/><image href="data:image/svg+xml,x"/></svg>`), /href=/);
});

test("nothing in a drawing runs or leads anywhere", () => {
  for (const attack of [
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    `<svg><use href="${AWAY}#x"/><use xlink:href="data:image/svg+xml,x#y"/></svg>`,
    '<svg><a href="javascript:alert(1)"><text>x</text></a></svg>',
    '<svg><a id=x><set attributeName=href to="javascript:alert(1)"/><animate attributeName=href values="javascript:alert(1)"/></a></svg>',
    "<svg><foreignObject><body onload=alert(1)><iframe src=https://elsewhere.example/></iframe></body></foreignObject></svg>",
    `<svg><feImage href="${AWAY}"/><textPath href="${AWAY}">x</textPath></svg>`,
  ]) assert.doesNotMatch(drawing(attack), /on\w+=|<script|<a[ >]|<set|<animate |foreignObject|iframe|javascript|elsewhere|href="(?!#)/i, attack);
});

test("a text without a drawing in it is none", () => {
  for (const text of ["", "x", "<b>x</b>", "<svg"]) assert.throws(() => svg(text, ""), /no SVG/);
});
