"""Cells merged in an editor, taken apart again: ours from a learner's, and one answer from another. Pure.

Editors join the texts with blank lines between and keep the marks of one of the cells.
"""

from collections.abc import Iterator, Mapping

from .handout import placeholder, visible
from .notebook import Cell
from .placing import Placing, plain, stub_of


def take_from_ours(placing: Placing) -> None:
    """A cell of ours that came back changed. With more than ours in it, it was merged with a neighbour: the rest is the learner's. Without
    nbgrader's marks it was theirs to change, and theirs is kept beside ours.
    """
    for number, index in list(placing.home.items()):
        cell, text = placing.source.cells[index], placing.cells[number].source
        ours, came = plain(visible(cell)), plain(text)
        if (
            cell.is_answer or not came or came in (ours, plain(cell.source))
        ):  # the latter is the author's own notebook
            continue
        before, found, after = came.partition(ours) if ours else ("", "", came)
        if not found and cell.grade_id:
            placing.changed.add(index)
            continue
        for rest, side in ((before, -1), (after, 1)) if found else ((came, 1),):
            neighbour = _neighbour(placing, index, side) if found else None
            if not rest.strip():
                continue
            if neighbour is not None:
                placing.parts[neighbour] = [(number, rest.strip("\n"))]
                placing.freed.add(neighbour)
            else:
                placing.left[number] = "\n\n".join(filter(None, (placing.left.get(number), rest.strip("\n"))))


def _neighbour(placing: Placing, index: int, side: int) -> int | None:
    """The nearest answer on that side of ours that is missing, with nothing but missing cells between."""
    there, at = set(placing.home.values()), index + side
    while 0 <= at < len(placing.source.cells) and at not in there:
        if placing.source.cells[at].is_answer:
            return at if at not in placing.parts else None
        at += side
    return None


def free_of_ours(placing: Placing) -> None:
    """A cell of ours that stands in one of theirs is taken out of it: it runs in its own place. A single line that is no test, such as an
    import, may well be the learner's own, unless the cell of ours is missing.
    """
    there = set(placing.home.values())
    gone = [
        text
        for cell in placing.source.cells
        if not cell.is_answer
        and len(text := plain(visible(cell))) > 3
        and (cell.index not in there or cell.kind == "tests" or (cell.grade_id and "\n" in text))
    ]
    for index, parts in placing.parts.items():
        keep = plain(placeholder(placing.source.cells[index]))
        for at, (number, text) in enumerate(parts):
            freed = _freed(text, [ours for ours in gone if ours not in keep])
            if freed != text:
                parts[at] = number, freed
                placing.freed.add(index)
    for number, text in list(placing.left.items()):
        placing.left[number] = _freed(text, gone)
        if not placing.left[number].strip():
            del placing.left[number]


def _freed(text: str, gone: list[str]) -> str:
    tidy = "\n".join(["", *(line.rstrip() for line in text.split("\n")), ""])
    found = [ours for ours in gone if f"\n{ours}\n" in tidy]
    for ours in found:
        tidy = tidy.replace(f"\n{ours}\n", "\n")
    return tidy.strip("\n") if found else text


def part_answers(placing: Placing) -> None:
    """Answers merged into one cell are parted where the lines begin that their author left standing."""
    lost = placing.missing()
    for index in list(placing.parts):
        for at, (number, text) in enumerate(placing.parts[index]):
            lines = text.split("\n")
            where = {line.rstrip(): row for row, line in reversed(list(enumerate(lines)))}
            begins = {
                row: cell.index
                for cell in lost
                if cell.index not in placing.parts and cell.type == placing.source.cells[index].type
                for row in _beginning(cell, where)
            }
            if not begins:
                continue
            begins |= dict.fromkeys(_beginning(placing.source.cells[index], where), index)
            pieces: dict[int, list[str]] = {}
            owner = begins[min(begins)] if min(begins) == 0 else index
            for row, line in enumerate(lines):
                owner = begins.get(row, owner)
                pieces.setdefault(owner, []).append(line)
            placing.parts[index][at] = number, "\n".join(pieces.pop(index, []))
            for other, piece in pieces.items():
                placing.parts[other] = [(number, "\n".join(piece))]
            placing.parted |= {index, *pieces}


def _beginning(cell: Cell, where: Mapping[str, int]) -> Iterator[int]:
    """The row of this answer's first standing line, at the margin, if it is there."""
    for first in stub_of(cell)[:1]:
        if first in where:
            yield where[first]
