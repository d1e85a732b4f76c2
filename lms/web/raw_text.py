"""A file that somebody else wrote, as numbered lines that can be shown: nothing in it acts on the page, hides, or turns text around."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lms.labs.evidence.pieces import Piece, Place

HEAD, TAIL, AROUND = 200, 40, 3
MOST_SHOWN = 1_000
WIDEST = 600
_ANSI = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.?)", re.DOTALL)


@dataclass(frozen=True)
class Line:
    """`number` from 1; 0 for a gap, whose `text` is empty. `is_cited` when a check rests on it."""

    number: int
    text: str
    is_cited: bool


def lines_of(piece: Piece, cited: Iterable[Place] = ()) -> list[Line]:
    """The beginning, the end, and what lies around cited lines; gaps in between. Asks of the piece only what was read before."""
    lines = piece.lines
    wanted = {place.line for place in cited if place.piece == piece.name}
    near = {line + each for line in sorted(wanted)[:100] for each in range(-AROUND, AROUND + 1)}
    shown = sorted(
        number
        for number in {*range(1, HEAD + 1), *range(len(lines) - TAIL + 1, len(lines) + 1), *near}
        if 1 <= number <= len(lines)
    )[:MOST_SHOWN]
    return list(_with_gaps(lines, shown, wanted))


def _with_gaps(lines: list[str], shown: list[int], wanted: set[int]) -> Iterator[Line]:
    before = 0
    for number in shown:
        if number > before + 1:
            yield Line(0, "", is_cited=False)
        text = harmless(lines[number - 1])
        yield Line(number, text[:WIDEST] + ("…" if len(text) > WIDEST else ""), number in wanted)
        before = number
    if before < len(lines):
        yield Line(0, "", is_cited=False)


def harmless(text: str) -> str:
    """Without terminal colours; what controls a screen or the direction of text is shown as a mark instead."""
    return "".join(
        letter
        if letter == "\t" or unicodedata.category(letter) not in ("Cc", "Cf", "Cs")
        else "\N{REPLACEMENT CHARACTER}"
        for letter in _ANSI.sub("", text)
    )
