"""LaTeX into MathML: no script, no fonts, and read aloud by screen readers."""

import re
from functools import lru_cache

from math_core import LatexError, LatexToMathML

_CONVERTER = LatexToMathML(fancy_error=False, max_expansions=200)
_STYLE = re.compile(r' style="([^"]*)"')
_AT = re.compile(r"^\d+: ")


class MathsError(Exception):
    """LaTeX that cannot be read; the message says why."""


@lru_cache(maxsize=4096)
def mathml(latex: str, *, display: bool) -> str:
    """Raises `MathsError`. Column alignment becomes the classes `math-left` and `math-right`: styles are not allowed."""
    try:
        html = _CONVERTER.convert_with_local_state(latex, displaystyle=display)
    except LatexError as cause:
        raise MathsError(_AT.sub("", str(cause))) from cause
    return _STYLE.sub(_class_for, html)


def _class_for(style: re.Match[str]) -> str:
    side = re.search(r"text-align: (left|right)", style[1])
    return f' class="math-{side[1]}"' if side else ""
