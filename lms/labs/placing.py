"""Which cell of what came back is which of ours. Pure, and nothing in it believes more than a name.

A cell is known by its grade_id; where that got lost by the ids editors keep; then by its text. What stays unknown and stands where
an answer is missing is that answer. The rest is the learner's own.
"""

from dataclasses import dataclass, field
from difflib import SequenceMatcher

from .handout import CODE_PLACEHOLDER, TEXT_PLACEHOLDER, placeholder, visible
from .notebook import Cell, LooseCell, Source

_STUBS = frozenset(f"{CODE_PLACEHOLDER}\n{TEXT_PLACEHOLDER}".split("\n"))


@dataclass
class Placing:
    """`home` is the index of our cell for the number of theirs. `parts` are an answer's texts by its index, each with its number.
    `left` are the numbers of cells of the learner's own. The sets are of indices of ours, for the notes.
    """

    source: Source
    cells: tuple[LooseCell, ...]
    home: dict[int, int] = field(default_factory=dict)
    parts: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    left: dict[int, str] = field(default_factory=dict)
    by_place: set[int] = field(default_factory=set)
    freed: set[int] = field(default_factory=set)
    parted: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)
    foreign: set[int] = field(default_factory=set)

    def missing(self) -> list[Cell]:
        """Our answer cells for which nothing was found, in our order."""
        return [cell for cell in self.source.cells if cell.is_answer and not self.parts.get(cell.index)]

    def anchor(self, number: int) -> int:
        """The index of our cell that this one of theirs stands after; -1 for none."""
        return next((self.home[before] for before in range(number, -1, -1) if before in self.home), -1)


def plain(text: str) -> str:
    """Without what editors change by themselves: trailing blanks, blank lines around."""
    return "\n".join(line.rstrip() for line in text.strip().split("\n"))


def by_name(placing: Placing) -> None:
    """By grade_id; by id only where that found nothing, since a copied cell may keep another's id."""
    by_grade_id = {cell.grade_id: cell.index for cell in placing.source.cells if cell.grade_id}
    by_id = {cell.id: cell.index for cell in placing.source.cells}
    for number, loose in enumerate(placing.cells):
        if loose.grade_id in by_grade_id:
            placing.home[number] = by_grade_id[loose.grade_id]
    named = set(placing.home.values())
    for number, loose in enumerate(placing.cells):
        if number not in placing.home and not loose.grade_id:
            known = [by_id[id_] for id_ in sorted(loose.ids) if id_ in by_id]
            if known and known[0] not in named:
                placing.home[number] = known[0]


def by_text(placing: Placing) -> None:
    """By text, in an order that agrees with what is known already; then wherever it stands. A further copy is of the same cell."""
    shown = [plain(visible(cell)) for cell in placing.source.cells]
    taken = set(placing.home.values())
    ours = [f"\0{index}" if index in taken or not text else text for index, text in enumerate(shown)]
    theirs = [
        f"\0{placing.home[number]}" if number in placing.home else plain(loose.source)
        for number, loose in enumerate(placing.cells)
    ]
    for block in SequenceMatcher(None, theirs, ours, autojunk=False).get_matching_blocks():
        for step in range(block.size):
            placing.home.setdefault(block.a + step, block.b + step)
    taken = set(placing.home.values())
    where: dict[str, list[int]] = {}
    for index, text in enumerate(shown):
        if text:
            where.setdefault(text, []).append(index)
    for number, text in enumerate(theirs):
        if number not in placing.home and text in where:
            index = next((index for index in where[text] if index not in taken), where[text][0])
            placing.home[number] = index
            taken.add(index)


def find_the_rest(placing: Placing) -> None:
    """What is known of answers are their parts; what is not known is the learner's, but what claims to be locked never is."""
    for number, index in placing.home.items():
        if placing.source.cells[index].is_answer:
            placing.parts.setdefault(index, []).append((number, placing.cells[number].source))
    for number, loose in enumerate(placing.cells):
        if number in placing.home or not loose.source.strip():
            continue
        if loose.locked:
            placing.foreign.add(number)
        else:
            placing.left[number] = loose.source


def stub_of(cell: Cell) -> list[str]:
    """The lines an author left standing in an answer: `def mean(xs):`."""
    lines = (line.strip() for line in placeholder(cell).split("\n"))
    return [line for line in lines if len(line) > 3 and line not in _STUBS]


def by_stub(placing: Placing) -> None:
    """An answer that lost its marks and still has the lines its author left standing, wherever it was moved."""
    lines_of = {number: {line.strip() for line in text.split("\n")} for number, text in placing.left.items()}
    for cell in placing.missing():
        stub = stub_of(cell)
        best: tuple[int, int] | None = None
        for number in placing.left:
            score = sum(line in lines_of[number] for line in stub)
            if score and placing.cells[number].type == cell.type and (best is None or score > best[0]):
                best = score, number
        if best is not None:
            _take(placing, cell, [best[1]])


def by_place(placing: Placing) -> None:
    """One answer missing between two known cells, and cells of its type there: it is they. As many as are missing: each is one."""
    gaps: dict[tuple[int, int], list[Cell]] = {}
    for cell in placing.missing():
        gaps.setdefault(_gap(placing, cell.index), []).append(cell)
    for (low, high), wanted in gaps.items():
        there = [number for number in placing.left if low < number < high]
        for type_ in ("code", "markdown", "raw"):
            lost = [cell for cell in wanted if cell.type == type_]
            found = [number for number in there if placing.cells[number].type == type_]
            if len(lost) == 1 and found:
                _take(placing, lost[0], found)
            elif len(lost) == len(found):
                for cell, number in zip(lost, found, strict=True):
                    _take(placing, cell, [number])
        lost, found = (
            [c for c in wanted if c.index not in placing.parts],
            [n for n in there if n in placing.left],
        )
        if len(lost) == len(found) == 1:  # it became another kind of cell as well
            _take(placing, lost[0], found)


def _gap(placing: Placing, index: int) -> tuple[int, int]:
    """The numbers of theirs between which our cell of this index belongs, both excluded."""
    before = [(home, number) for number, home in placing.home.items() if home < index]
    after = [(home, number) for number, home in placing.home.items() if home > index]
    return max(before, default=(-1, -1))[1], min(after, default=(0, len(placing.cells)))[1]


def _take(placing: Placing, cell: Cell, numbers: list[int]) -> None:
    placing.parts[cell.index] = [(number, placing.left.pop(number)) for number in numbers]
    placing.home |= dict.fromkeys(numbers, cell.index)
    placing.by_place.add(cell.index)
