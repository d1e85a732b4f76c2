"""sacct's tables: with bars (-P and -p) and with columns of fixed width. A prompt before the header is passed over."""

import re
from collections.abc import Iterator

from lms.labs.evidence.job import Record
from lms.labs.evidence.pieces import Piece, Place, Unreadable
from lms.labs.evidence.rows import SHORT, Row, jobs_of
from lms.words import gettext as _

MOST_ROWS = 5_000
MOST_COLUMNS = 150
SEARCHED = 60
"""Lines in which the header is looked for."""

_DASHES = re.compile(r"\s*-+( +-+)*\s*")
_HEADLESS = re.compile(r"\d+(_\d+)?(\.\w+)?\|")


def header_of(piece: Piece) -> int | None:
    """The index of the line that names sacct's columns, or None when there is none."""
    for at, line in enumerate(piece.lines[:SEARCHED]):
        names = {name.strip().casefold() for name in re.split(r"\||\s+", line)}
        if names & {"jobid", "jobidraw"} and "state" in names:
            return at
    return None


def is_headless(piece: Piece) -> bool:
    """Whether this is sacct's output after -n: the columns are there, their names are not."""
    return any(_HEADLESS.match(line.strip()) for line in piece.lines[:SEARCHED])


def read_table(piece: Piece) -> Record:
    """Raises Unreadable."""
    header = header_of(piece)
    if header is None:
        raise Unreadable(
            piece.name,
            1,
            _(
                "The line that names the columns is missing, or it has no JobID and State. Leave -n out: %(advice)s",
                advice=SHORT,
            ),
        )
    rows = _barred(piece, header) if "|" in piece.lines[header] else _fixed(piece, header)
    return Record("sacct", piece.name, jobs_of(rows, piece.name))


def _barred(piece: Piece, header: int) -> Iterator[Row]:
    closed = piece.lines[header].rstrip().endswith("|")  # -p closes each line with a bar
    names = _names(piece, header, piece.lines[header].strip().removesuffix("|").split("|"))
    for number, line in _rows(piece, header + 1):
        if "|" not in line:
            continue  # a prompt below the table
        text = line.strip()
        values = (text.removesuffix("|") if closed else text).split("|")
        if len(values) != len(names):
            raise Unreadable(
                piece.name,
                number,
                _(
                    "This line has %(values)s values for %(names)s columns. Copy it whole; a job's name with a bar in it breaks the table.",
                    values=len(values),
                    names=len(names),
                ),
            )
        yield Row(Place(piece.name, number), dict(zip(names, values, strict=True)))


def _fixed(piece: Piece, header: int) -> Iterator[Row]:
    dashes = piece.lines[header + 1] if header + 1 < len(piece.lines) else ""
    if not dashes.strip() or not _DASHES.fullmatch(dashes):
        raise Unreadable(
            piece.name,
            header + 2,
            _(
                "The line of dashes below the columns' names is missing: it says where a column ends. Copy it too, or use -P."
            ),
        )
    spans = [match.span() for match in re.finditer(r"-+", dashes)]
    names = _names(piece, header, [piece.lines[header][start:end] for start, end in spans])
    for number, line in _rows(piece, header + 2):
        values = [line[start:end].strip() for start, end in spans]
        if _is_prose(line, spans):
            continue
        yield Row(Place(piece.name, number), dict(zip(names, values, strict=True)))


def _is_prose(line: str, spans: list[tuple[int, int]]) -> bool:
    """Whether a line is no row: something stands between two columns, or it does not begin with a number, as a prompt does not."""
    between = [line[end : spans[at + 1][0]] for at, (_start, end) in enumerate(spans[:-1])]
    return any(gap.strip() for gap in between) or not line[:1].isdecimal()


def _rows(piece: Piece, start: int) -> Iterator[tuple[int, str]]:
    count = 0
    for number, line in enumerate(piece.lines[start:], start + 1):
        if not line.strip():
            continue
        count += 1
        if count > MOST_ROWS:
            message = _("It lists more than %(limit)s rows. Name the job with -j.", limit=MOST_ROWS)
            raise Unreadable(piece.name, number, message)
        yield number, line


def _names(piece: Piece, header: int, names: list[str]) -> list[str]:
    cleaned = [name.strip().casefold() for name in names]
    if len(cleaned) > MOST_COLUMNS or len(set(cleaned)) < len(cleaned):
        raise Unreadable(
            piece.name,
            header + 1,
            _("A column is named twice, or there are too many. Use: %(advice)s", advice=SHORT),
        )
    return cleaned
