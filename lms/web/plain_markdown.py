"""Markdown that learners and mentors write: a small, safe subset, with no raw HTML, images or links out of the page."""

from functools import cache
from typing import Any

import nh3
from markupsafe import Markup, escape

TAGS = {
    "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "code", "pre", "ul", "ol", "li", "blockquote",
    "table", "thead", "tbody", "tr", "th", "td", "del",
}  # fmt: skip
LINKS = (
    "link", "image_link", "image_reference", "reference", "short_reference", "short_image_ref", "autolink", "automail",
)  # fmt: skip


@cache
def _markdown() -> Any:
    # Only a page with a notebook or a comment on it needs the renderer in memory.
    from markdown import Markdown  # noqa: PLC0415

    made = Markdown(extensions=["tables", "fenced_code", "sane_lists"])
    # Links and images are shown as they were typed. Looking for where they end takes quadratic time besides: minutes for brackets.
    for name in LINKS:
        made.inlinePatterns.deregister(name)
    made.parser.blockprocessors.deregister("reference")
    return made


def rendered(text: str) -> Markup:
    """Safe HTML of what a person wrote. What looks like HTML is shown as they typed it."""
    typed = str(escape(text)).replace("&gt;", ">").replace("&#34;", '"').replace("&#39;", "'")
    try:
        html = _markdown().reset().convert(typed)
    except RecursionError:  # nested so deeply that nobody could read it either
        return Markup("<pre>{}</pre>").format(text)
    return Markup(nh3.clean(html, tags=TAGS, attributes={}, link_rel=None))  # noqa: S704
