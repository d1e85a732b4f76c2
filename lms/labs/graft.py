"""A learner's answers, set into our copy of the notebook. Nothing else of what came back is believed: points, tests, given code and the
order of cells are ours, so a deleted, duplicated, split, moved or retyped cell cannot break grading.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .handout import placeholder
from .notebook import Cell, LooseCell, Source, Submission, read_source, read_submission


@dataclass(frozen=True)
class Grafted:
    """`answers` maps the grade_id of every answer cell to the learner's text, or to None where it is missing.
    `notes` are sentences for the learner.
    """

    source: Source
    answers: Mapping[str, str | None]
    notes: tuple[str, ...] = ()

    def text(self, cell: Cell) -> str:
        """What runs, or is read, for this cell."""
        return (self.answers[cell.grade_id] or "") if cell.is_answer else cell.source

    def is_blank(self, cell: Cell) -> bool:
        """Whether there is nothing of the learner's in this answer."""
        return _plain(self.answers[cell.grade_id] or "") in ("", _plain(placeholder(cell)))


def graft(source: Source, submission: bytes | Submission) -> Grafted:
    """Raise `Invalid`, with a sentence for the learner, when the submission is no notebook."""
    if isinstance(submission, bytes):
        submission = read_submission(submission)
    cells = submission.cells
    answers, notes, used = _answers(source, cells)
    ours = {cell.grade_id for cell in source.cells if cell.grade_id} | {cell.id for cell in source.cells}
    extra = [
        loose
        for number, loose in enumerate(cells)
        if number not in used
        and loose.type == "code"
        and loose.source.strip()
        and not {loose.grade_id, loose.id} & ours
        and _plain(loose.source) not in {_plain(cell.source) for cell in source.cells}
    ]
    if extra:
        several = (
            "A code cell that you added was"
            if len(extra) == 1
            else f"{len(extra)} code cells that you added were"
        )
        notes.append(
            f"{several} not run: only what stands in the answer cells is graded. Move what they need into those."
        )
    return Grafted(source, answers, tuple(notes))


def is_empty(submission: Submission) -> bool:
    """Whether no cell has anything in it."""
    return not any(cell.source.strip() for cell in submission.cells)


def is_unchanged(source: bytes | Source, submission: Submission, handout: bytes) -> bool:
    """Whether every answer is what was handed out, or gone: whoever hands this in has probably not saved."""
    lab = source if isinstance(source, Source) else read_source(source)
    given, back = (_answers(lab, cells)[0] for cells in (read_submission(handout).cells, submission.cells))
    return all(
        back[grade_id] is None or _plain(back[grade_id] or "") == _plain(text or "")
        for grade_id, text in given.items()
    )


def _answers(
    source: Source, cells: tuple[LooseCell, ...]
) -> tuple[dict[str, str | None], list[str], set[int]]:
    """Each answer by grade_id, notes for the learner, and the numbers of the cells that were used."""
    answers: dict[str, str | None] = {}
    notes: list[str] = []
    used: set[int] = set()
    for cell in (cell for cell in source.cells if cell.is_answer):
        found = _belonging(cell, cells)
        used.update(number for number, _ in found)
        parts = _parts(cell, [loose for _, loose in found])
        answers[cell.grade_id] = "\n\n".join(parts) if found else None
        notes += _notes(cell, [loose for _, loose in found], len(parts))
    return answers, notes, used


def _belonging(cell: Cell, cells: tuple[LooseCell, ...]) -> list[tuple[int, LooseCell]]:
    """By grade_id; by cell id only where the metadata got lost, since a copied cell may keep another's id."""
    by_grade_id = [(number, loose) for number, loose in enumerate(cells) if loose.grade_id == cell.grade_id]
    return by_grade_id or [
        (number, loose) for number, loose in enumerate(cells) if loose.id == cell.id and not loose.grade_id
    ]


def _parts(cell: Cell, found: list[LooseCell]) -> list[str]:
    """The texts to read as one answer: a cell split in two keeps its mark on both halves, and so does a copy. An exact copy counts
    once, and beside an answer an untouched placeholder not at all.
    """
    parts = list(dict.fromkeys(loose.source for loose in found))
    if len(parts) > 1:
        parts = [
            part for part in parts if part.strip() and _plain(part) != _plain(placeholder(cell))
        ] or parts[:1]
    return parts


def _notes(cell: Cell, found: list[LooseCell], parts: int) -> list[str]:
    if not found:
        missing = (
            f"The answer cell “{cell.grade_id}” is missing from what you handed in and counts as empty. "
            "Take a fresh copy of the lab and put your answer into that cell."
        )
        return [missing]
    notes = []
    if parts > 1:
        notes.append(
            f"The answer “{cell.grade_id}” stood in {parts} cells; they were read one after the other as one answer."
        )
    if any(loose.type != cell.type for loose in found):
        notes.append(
            f"The answer cell “{cell.grade_id}” had been turned into another kind of cell; it was read as {cell.type}."
        )
    return notes


def _plain(text: str) -> str:
    """Without what editors change by themselves: trailing blanks, blank lines around."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
