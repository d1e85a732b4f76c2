"""The files of a claim as text, and the one refusal of everything that reads them. Bounded, so that reading takes a known time at most."""

from dataclasses import dataclass
from functools import cached_property

from lms.errors import Invalid
from lms.words import gettext as _

MOST_PIECES = 3
MOST_BYTES = 2 * 2**20
MOST_LINES = 50_000
WIDEST = 4_000
"""Characters of a line that are looked at. Progress bars make long lines in logs; no line of Slurm's is longer."""


class Unreadable(Invalid):
    """A piece that cannot be read: says what is wrong, in which file and line, and what to do next."""

    def __init__(self, piece: str, line: int, message: str) -> None:
        place = (
            _("%(piece)s, line %(line)s: %(what)s", piece=piece, line=line, what=message)
            if line
            else _("%(piece)s: %(what)s", piece=piece, what=message)
        )
        super().__init__(place)
        self.piece = piece
        self.line = line


@dataclass(frozen=True)
class Place:
    """A line of a piece, from 1: what a check rests on."""

    piece: str
    line: int


@dataclass(frozen=True)
class Piece:
    """A file as it was handed in. `name` is a plain file name; only its last part is ever looked at."""

    name: str
    data: bytes

    @cached_property
    def text(self) -> str:
        """What it says, with plain line ends. Raises Unreadable when it is empty, too large, or no text."""
        data = self.data
        if not data.strip():
            raise Unreadable(
                self.name, 0, _("There is nothing in it. Was the file saved before it was copied?")
            )
        if len(data) > MOST_BYTES:
            limit = MOST_BYTES // 2**20
            message = _("It is larger than %(limit)s MB. Hand in its beginning and its end.", limit=limit)
            raise Unreadable(self.name, 0, message)
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):  # as a Windows shell writes what it redirects
            text = data.decode("utf-16", errors="replace")
        else:
            text = data.decode("utf-8-sig", errors="replace")
        if "\0" in text:
            raise Unreadable(
                self.name,
                0,
                _("This is no text. Hand in the script, the log or Slurm's own output as it is."),
            )
        return text.replace("\r\n", "\n").replace("\r", "\n")

    @cached_property
    def lines(self) -> list[str]:
        """Its lines, cut at WIDEST. Raises Unreadable as `text` does, and when there are too many."""
        lines = self.text.split("\n")
        if len(lines) > MOST_LINES:
            message = _(
                "It has more than %(limit)s lines. Hand in its beginning and its end.", limit=MOST_LINES
            )
            raise Unreadable(self.name, MOST_LINES, message)
        return [line[:WIDEST] for line in lines]
