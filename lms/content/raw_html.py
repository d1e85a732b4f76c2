"""HTML that an author wrote into a text. A few inline tags are taken; whatever else there is, the sanitiser would drop in silence."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from lms.content.problem import Problem, error

# What Markdown has no sign for. Everything else has one, which works in both colour schemes and by keyboard.
INLINE_TAGS = frozenset(
    [
        "abbr",
        "b",
        "br",
        "cite",
        "code",
        "del",
        "dfn",
        "em",
        "i",
        "ins",
        "kbd",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "strong",
        "sub",
        "sup",
        "var",
        "wbr",
    ]
)
_INLINE_ATTRIBUTES = frozenset({"title", "lang", "dir"})
_UNSAFE_TAGS = frozenset(
    [
        "script",
        "style",
        "iframe",
        "object",
        "embed",
        "form",
        "svg",
        "math",
        "base",
        "link",
        "meta",
        "template",
    ]
)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)(?=[\s/>]|$)([^<>]*)(>?)")


def check_html(text: str, path: str, first: int) -> Iterator[Problem]:
    for found in _TAG.finditer(text):
        name, line = found[2].lower(), first + text.count("\n", 0, found.start())
        attributes = _attributes(found[0] if found[4] else found[0] + ">")
        handler = next((key for key in attributes if key.startswith("on")), "")
        if (
            name in _UNSAFE_TAGS
            or handler
            or any("script:" in (value or "").lower() for value in attributes.values())
        ):
            what = f"the attribute {handler}" if handler else f"<{name}>"
            yield error(
                path,
                line,
                "unsafe-html",
                f"Courses run no script and bring no style of their own: {what} is not taken.",
                "If it is meant to be read, put it in backticks.",
            )
        elif name not in INLINE_TAGS or not set(attributes) <= _INLINE_ATTRIBUTES:
            yield error(
                path,
                line,
                "raw-html",
                f"HTML is not taken here: {found[0].strip()}",
                "Use the Markdown for it; if it is meant to be read, put it in backticks.",
            )


def _attributes(tag: str) -> dict[str, str | None]:
    found: dict[str, str | None] = {}

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
            found.update(attrs)

    Reader().feed(tag)
    return found
