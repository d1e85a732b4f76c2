"""Code blocks: `<figure class="code">` with a title, highlighted by classes. The copy button is the page's own matter."""

from collections.abc import Mapping
from functools import lru_cache
from html import escape
from typing import Any

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

_PLAIN = frozenset({"", "text", "plain", "console-output"})


@lru_cache(maxsize=128)
def find_lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return None


@lru_cache(maxsize=64)
def _formatter(lines: tuple[int, ...]) -> HtmlFormatter[str]:
    return HtmlFormatter(nowrap=True, hl_lines=list(lines))


def figure(code: str, language: str, options: Mapping[str, Any]) -> str:
    """The HTML of one code block. `options` may hold `title` and `hl_lines` ("2 4-6")."""
    marked = _lines(str(options.get("hl_lines", "")))
    lexer = find_lexer("text" if language in _PLAIN else language) or find_lexer("text")
    assert lexer is not None
    plain = language in _PLAIN and not marked
    html = escape(code, quote=False) if plain else highlight(code, lexer, _formatter(marked)).rstrip("\n")
    title = options.get("title", "")
    caption = f"<figcaption>{escape(str(title))}</figcaption>" if title else ""
    return (
        f'<figure class="code" data-language="{escape(language or "text")}">{caption}'
        f'<pre tabindex="0"><code>{html}\n</code></pre></figure>'
    )


def _lines(text: str) -> tuple[int, ...]:
    found: list[int] = []
    for part in text.split():
        first, _, last = part.partition("-")
        if first.isdecimal() and (not last or last.isdecimal()):
            found += range(int(first), min(int(last or first), int(first) + 500) + 1)
    return tuple(found)
