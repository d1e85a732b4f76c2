"""A learner's answers, set into our copy of the notebook. Nothing else of what came back is believed: points, tests, given code and the
order of cells are ours, so a deleted, duplicated, split, merged, moved or retyped cell cannot break grading.

Cells of the learner's own are kept where they stood: their code runs, as it did for the learner, and a person sees what they wrote below a
task. They run in the learner's sandbox only and are worth nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from .handout import placeholder
from .merging import free_of_ours, part_answers, take_from_ours
from .notebook import Cell, CellType, LooseCell, Source, Submission, read_source, read_submission
from .placing import Placing, by_name, by_place, by_stub, by_text, find_the_rest, plain

# Each step goes on with what the ones before it found.
STEPS = (by_name, by_text, find_the_rest, take_from_ours, free_of_ours, by_stub, by_place, part_answers)


@dataclass(frozen=True)
class Grafted:
    """`source` is our notebook, with cells of the learner's own between ours. `answers` maps the grade_id of every answer cell to the
    learner's text, or to None where it is missing. `notes` are sentences for the learner.
    """

    source: Source
    answers: Mapping[str, str | None]
    notes: tuple[str, ...] = ()

    def text(self, cell: Cell) -> str:
        """What runs, or is read, for this cell."""
        return (self.answers[cell.grade_id] or "") if cell.is_answer else cell.source

    def is_blank(self, cell: Cell) -> bool:
        """Whether there is nothing of the learner's in this answer."""
        return plain(self.answers[cell.grade_id] or "") in ("", plain(placeholder(cell)))


def graft(source: Source, submission: bytes | Submission) -> Grafted:
    """Raise `Invalid`, with a sentence for the learner, when the submission is no notebook."""
    if isinstance(submission, bytes):
        submission = read_submission(submission)
    placing = place(source, submission.cells)
    return Grafted(_with_added(placing), _answers(placing), tuple(_notes(placing)))


def place(source: Source, cells: tuple[LooseCell, ...]) -> Placing:
    placing = Placing(source, cells)
    for step in STEPS:
        step(placing)
    return placing


def is_empty(submission: Submission) -> bool:
    """Whether no cell has anything in it."""
    return not any(cell.source.strip() for cell in submission.cells)


def is_unchanged(source: bytes | Source, submission: Submission, handout: bytes) -> bool:
    """Whether every answer is what was handed out, or gone, and no task has been answered: whoever hands this in has probably not saved."""
    lab = source if isinstance(source, Source) else read_source(source)
    placing = place(lab, submission.cells)
    given, back = _answers(place(lab, read_submission(handout).cells)), _answers(placing)
    return not (placing.left and lab.of_kind("task")) and all(
        back[grade_id] is None or plain(back[grade_id] or "") == plain(text or "")
        for grade_id, text in given.items()
    )


def _answers(placing: Placing) -> dict[str, str | None]:
    return {
        cell.grade_id: "\n\n".join(_parts(placing, cell)) if cell.index in placing.parts else None
        for cell in placing.source.cells
        if cell.is_answer
    }


def _parts(placing: Placing, cell: Cell) -> list[str]:
    """The texts to read as one answer: a cell split in two keeps its mark on both halves, and so does a copy. An exact copy counts
    once, and beside an answer an untouched placeholder not at all.
    """
    parts = list(dict.fromkeys(text for _, text in placing.parts.get(cell.index, ())))
    if len(parts) > 1:
        written = [part for part in parts if part.strip() and plain(part) != plain(placeholder(cell))]
        return written or parts[:1]
    return parts


def _with_added(placing: Placing) -> Source:
    """Our notebook with the learner's own cells after those of ours that they stood after."""
    if not placing.left:
        return placing.source
    after: dict[int, list[Cell]] = {}
    ids = {cell.id for cell in placing.source.cells}
    for number, text in sorted(placing.left.items()):
        after.setdefault(placing.anchor(number), []).append(_added(placing.cells[number], number, text, ids))
    cells = list(after.get(-1, ()))
    for cell in placing.source.cells:
        cells += [cell, *after.get(cell.index, ())]
    return replace(placing.source, cells=tuple(cells))


def _added(loose: LooseCell, number: int, text: str, taken: set[str]) -> Cell:
    id_ = f"added-{number}"
    while id_ in taken:
        id_ += "-"
    type_: CellType = "code" if loose.type == "code" else "raw" if loose.type == "raw" else "markdown"
    return Cell(index=-1, id=id_, type=type_, kind="added", source=text)


def _notes(placing: Placing) -> Iterator[str]:
    for cell in placing.source.cells:
        if cell.is_answer:
            yield from _notes_on(placing, cell)
    if placing.parted:
        names = _named(placing, placing.parted)
        yield f"The answers {names} stood in one cell; they were taken apart where each begins. Keep one cell for each answer."
    if placing.changed:
        names = _named(placing, placing.changed)
        yield f"You changed what is not yours to change ({names}); it was graded as it was handed out."
    ran = sum(placing.cells[number].type == "code" for number in placing.left)
    if ran:
        yield (
            "A code cell that you added ran where it stands, and earns nothing by itself."
            if ran == 1
            else f"{ran} code cells that you added ran where they stand, and earn nothing by themselves."
        )
    if placing.foreign:
        many = len(placing.foreign)
        which = (
            "A cell marked as given or as a test is"
            if many == 1
            else f"{many} cells marked as given or as tests are"
        )
        yield (
            f"{which} not in this lab as it was handed out to you, and did not run. Is this another lab, or another version of it? "
            "Take a fresh copy and put your answers into that."
        )


def _notes_on(placing: Placing, cell: Cell) -> Iterator[str]:
    name, found = f"“{cell.grade_id}”", placing.parts.get(cell.index)
    if found is None:
        yield (
            f"The answer cell {name} is missing from what you handed in and counts as empty. "
            "Take a fresh copy of the lab and put your answer into that cell."
        )
        return
    parts = len(_parts(placing, cell))
    if parts > 1:
        yield f"The answer {name} stood in {parts} cells; they were read one after the other as one answer."
    if cell.index in placing.by_place:
        yield f"The answer cell {name} had lost its marks; it was recognised by what it says, or by where it stands."
    if cell.index in placing.freed:
        yield f"The answer {name} had been merged with a cell that is not yours; only what is yours was taken."
    if (
        any(placing.cells[number].type != cell.type for number, _ in found)
        and cell.index not in placing.freed
    ):
        yield f"The answer cell {name} had been turned into another kind of cell; it was read as {cell.type}."


def _named(placing: Placing, indices: set[int]) -> str:
    """Up to five grade_ids, in our order."""
    names = [f"“{cell.grade_id or cell.id}”" for cell in placing.source.cells if cell.index in indices]
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
