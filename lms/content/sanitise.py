"""The last word over every HTML that leaves this room: what is not listed here is taken out, whoever wrote it.

No scripts, no styles, no forms. Links and images may only point at a numbered link, which is resolved afterwards.
"""

import nh3

from lms.content.raw_html import INLINE_TAGS

LINK_SCHEME = "slipway-link"

_BLOCKS = [
    "blockquote",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "ul",
]
# What Markdown makes, beside what authors may write themselves.
_INLINE = INLINE_TAGS | {"a", "img", "input", "label", "span"}
_TABLES = ["caption", "col", "colgroup", "table", "tbody", "td", "tfoot", "th", "thead", "tr"]
_MATHS = [
    "math",
    "menclose",
    "merror",
    "mfrac",
    "mi",
    "mmultiscripts",
    "mn",
    "mo",
    "mover",
    "mpadded",
    "mphantom",
    "mprescripts",
    "mroot",
    "mrow",
    "mspace",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
]

_MATHS_ATTRIBUTES = {
    "accent", "accentunder", "columnspan", "depth", "dir", "display", "displaystyle", "form", "height", "largeop", "linethickness",
    "lspace", "mathvariant", "maxsize", "minsize", "movablelimits", "notation", "rowspan", "rspace", "scriptlevel",
    "stretchy", "symmetric", "voffset", "width",
}  # fmt: skip

_CLEANER = nh3.Cleaner(
    tags={*_BLOCKS, *_INLINE, *_TABLES, *_MATHS},
    clean_content_tags={"script", "style"},
    attributes={
        "*": {"class", "id", "lang", "dir", "title"},
        "a": {"href"},
        "img": {"src", "alt", "loading"},
        "input": {"aria-label", "checked", "disabled", "name"},
        "label": {"for"},
        "details": {"open"},
        "ol": {"start"},
        "pre": {"tabindex"},
        "div": {"data-question", "tabindex", "role", "aria-label"},
        "figure": {"data-language"},
        "th": {"colspan", "rowspan", "scope"},
        "td": {"colspan", "rowspan"},
        **dict.fromkeys(_MATHS, _MATHS_ATTRIBUTES),
    },
    tag_attribute_values={"input": {"type": {"checkbox", "radio"}}},
    url_schemes={LINK_SCHEME},
    link_rel=None,
    strip_comments=True,
)


def sanitise(html: str) -> str:
    return _CLEANER.clean(html)
