"""Notebooks as values. An author's source is read strictly, all its problems at once; a learner's file as tolerantly as can be.

An author's source is nbformat 4 with nbgrader's cell metadata: schema 3, or 1 and 2, which lack only keys that have defaults.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from lms.errors import Invalid

Kind = Literal[
    "text",  # Markdown or raw, for reading
    "given",  # code the author gives
    "solution",  # an answer in code, judged by tests
    "tests",  # the tests
    "manual",  # an answer that a person marks
    "task",  # an assignment that a person marks, without a cell of its own for the answer
]
CellType = Literal["code", "markdown", "raw"]
SCHEMA = 3
MAX_BYTES = 8 << 20
_GRADE_ID = re.compile(r"[A-Za-z0-9_.:-][A-Za-z0-9_.: -]{0,98}")
_TYPES: dict[str, CellType] = {"code": "code", "markdown": "markdown", "raw": "raw"}
_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Cell:
    """One cell of an author's source. `grade_id` is empty for cells without nbgrader's metadata, `points` 0 where none can be had.
    `id` is unique in the notebook and stays with the cell: the author's own, or made from the grade_id or the position.
    """

    index: int
    id: str
    type: CellType
    kind: Kind
    source: str
    grade_id: str = ""
    points: float = 0.0

    @property
    def runs(self) -> bool:
        """Whether it runs in the learner's process."""
        return self.type == "code" and self.kind != "tests"

    @property
    def is_answer(self) -> bool:
        return self.kind in ("solution", "manual")


@dataclass(frozen=True)
class Source:
    """An author's notebook. `metadata` is the notebook's own: kernel and language."""

    cells: tuple[Cell, ...]
    metadata: dict[str, Any]

    def of_kind(self, *kinds: Kind) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if cell.kind in kinds)

    @property
    def points(self) -> float:
        return sum(cell.points for cell in self.cells)

    @property
    def auto_points(self) -> float:
        return sum(cell.points for cell in self.of_kind("tests"))


@dataclass(frozen=True)
class LooseCell:
    """A cell of a notebook somebody handed in; every field is a claim. Empty where the file has nothing."""

    type: str
    source: str
    id: str = ""
    grade_id: str = ""


@dataclass(frozen=True)
class Submission:
    """What came back from a learner."""

    cells: tuple[LooseCell, ...]


def read_source(data: bytes, name: str = "lab.ipynb") -> Source:
    """An author's source. Raise `Invalid` with everything that is wrong: `fields` maps "cell 3 (mean)" to its sentences."""
    notebook = _notebook(data, name)
    if notebook.get("nbformat") != 4:
        raise Invalid(
            f"{name} is nbformat {notebook.get('nbformat')}: open it in Jupyter, save it, and it becomes format 4."
        )
    cells: list[Cell] = []
    problems: dict[str, str] = {}
    for index, raw in enumerate(_raw_cells(notebook, name)):
        cell, found = _author_cell(index, raw, {cell.id for cell in cells})
        cells.append(cell)
        if found:
            problems[_label(cell)] = "; ".join(found)
    counts = Counter(cell.grade_id for cell in cells if cell.grade_id)
    for cell in cells:
        if counts[cell.grade_id] > 1:
            again = f"the grade_id {cell.grade_id} is used {counts[cell.grade_id]} times"
            problems[_label(cell)] = "; ".join(filter(None, (problems.get(_label(cell)), again)))
    if problems:
        several = "a problem" if len(problems) == 1 else f"problems in {len(problems)} cells"
        told = ". ".join(f"{where[0].upper()}{where[1:]}: {what}" for where, what in problems.items())
        raise Invalid(f"{name} has {several}. {told}.", problems)
    metadata = notebook.get("metadata")
    return Source(tuple(cells), metadata if isinstance(metadata, dict) else {})


def read_submission(data: bytes, name: str = "The file you handed in") -> Submission:
    """The cells of whatever came back: nbformat 3 or 4 of any minor, with or without metadata, ids and a byte-order mark.

    Raise `Invalid` with a sentence for the learner when it is no notebook.
    """
    if len(data) > MAX_BYTES:
        raise Invalid(
            f"{name} is {len(data) / (1 << 20):.1f} MB, more than the {MAX_BYTES >> 20} MB that are taken. "
            "Clear the outputs of its cells (in Jupyter: Edit, Clear Outputs of All Cells), save it and hand it in again."
        )
    return Submission(tuple(_loose_cells(_notebook(data, name), name)))


def dump(notebook: dict[str, Any]) -> bytes:
    """The same bytes for the same notebook, whoever writes it."""
    return (json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode(
        "utf-8", "replace"
    )


def lines(source: str) -> list[str]:
    """A source as nbformat stores it on disk."""
    return source.splitlines(keepends=True)


def _notebook(data: bytes, name: str) -> dict[str, Any]:
    try:
        # NaN in an output is no JSON, and yet Jupyter writes it.
        notebook = json.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise Invalid(
            f"{name} is not a Jupyter notebook: it is not JSON{where}. Hand in the .ipynb file itself, as Jupyter saved it."
        ) from None
    if not isinstance(notebook, dict) or not isinstance(
        notebook.get("cells", notebook.get("worksheets")), list
    ):
        raise Invalid(
            f"{name} is JSON, but not a Jupyter notebook: it has no list of cells. Hand in the .ipynb file itself."
        )
    return notebook


def _raw_cells(notebook: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    cells = notebook.get("cells")
    if not isinstance(cells, list):  # nbformat 3
        cells = [
            cell
            for sheet in notebook["worksheets"]
            if isinstance(sheet, dict)
            for cell in sheet.get("cells") or ()
        ]
    for index, cell in enumerate(cells):
        if not isinstance(cell, dict):
            raise Invalid(
                f"{name} is damaged: cell {index + 1} is not a cell. Open it in Jupyter, save it and try again."
            )
        yield cell


def _loose_cells(notebook: dict[str, Any], name: str) -> Iterator[LooseCell]:
    for raw in _raw_cells(notebook, name):
        source = _source(raw)
        marks = _marks(raw)
        grade_id, id_ = marks.get("grade_id"), raw.get("id")
        yield LooseCell(
            type="markdown" if raw.get("cell_type") == "heading" else str(raw.get("cell_type", "code")),
            source=source or "",
            id=id_ if isinstance(id_, str) else "",
            grade_id=grade_id if isinstance(grade_id, str) else "",
        )


def _source(raw: dict[str, Any]) -> str | None:
    """Its text with line feeds only, whichever way the file stores it; None where that is no text."""
    source = raw.get("source", raw.get("input", ""))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    return source.replace("\r\n", "\n").replace("\r", "\n") if isinstance(source, str) else None


def _marks(raw: dict[str, Any]) -> dict[str, Any]:
    metadata = raw.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return marks if isinstance(marks, dict) else {}


def _author_cell(index: int, raw: dict[str, Any], taken: set[str]) -> tuple[Cell, list[str]]:
    problems: list[str] = []
    source, type_ = _source(raw), raw.get("cell_type")
    if source is None:
        problems.append("its source is neither text nor a list of lines")
    if type_ not in _TYPES:
        problems.append(f"its cell_type is {type_!r}: it must be code, markdown or raw")
    marks = _marks(raw)
    problems += _problems_of(marks, str(type_))
    kind = _kind(marks, str(type_))
    grade_id = marks.get("grade_id")
    id_ = raw.get("id")
    if not isinstance(id_, str) or not _CELL_ID.fullmatch(id_) or id_ in taken:
        id_ = _own_id(index, grade_id if isinstance(grade_id, str) else "", taken)
    cell = Cell(
        index=index,
        id=id_,
        type=_TYPES.get(str(type_), "raw"),
        kind=kind,
        source=source or "",
        grade_id=grade_id if isinstance(grade_id, str) else "",
        points=_points(marks) or 0.0 if kind in ("tests", "manual", "task") else 0.0,
    )
    return cell, problems + _marker_problems(cell)


def _own_id(index: int, grade_id: str, taken: set[str]) -> str:
    made = re.sub(r"[^A-Za-z0-9_-]", "-", grade_id)[:56] or f"cell-{index}"
    return made if made not in taken else f"{made[:50]}-{index}"


def _kind(marks: dict[str, Any], type_: str) -> Kind:
    if marks.get("task"):
        return "task"
    match bool(marks.get("grade")), bool(marks.get("solution")):
        case True, True:
            return "manual"
        case True, False:
            return "tests"
        case False, True:
            return "solution"
        case _:
            return "given" if type_ == "code" else "text"


def _points(marks: dict[str, Any]) -> float | None:
    points = marks.get("points", 0)
    good = type(points) in (int, float) and math.isfinite(points) and points >= 0
    return float(points) if good else None


def _problems_of(marks: dict[str, Any], type_: str) -> list[str]:
    if not marks:
        return []
    schema = marks.get("schema_version", 1)
    if type(schema) is not int or not 0 <= schema <= SCHEMA:
        return [f"its nbgrader schema_version is {schema!r}: this version of Slipway reads 1, 2 and 3"]
    found = []
    grade_id = marks.get("grade_id")
    marked = any(marks.get(flag) for flag in ("grade", "solution", "task", "locked"))
    if marked and (not isinstance(grade_id, str) or not _GRADE_ID.fullmatch(grade_id)):
        found.append(
            f"its grade_id is {grade_id!r}: it needs one of letters, digits, `-`, `_`, `.` (at most 99)"
        )
    if (marks.get("grade") or marks.get("task")) and _points(marks) is None:
        found.append(f"its points are {marks.get('points')!r}: they must be a number, 0 or more")
    if marks.get("cell_type", type_) != type_:
        found.append(f"its metadata says {marks['cell_type']}, and it is a {type_} cell")
    kind = _kind(marks, type_)
    if kind in ("tests", "solution") and type_ != "code":
        wanted = "both grade and solution, for a person to mark" if kind == "solution" else "code"
        found.append(f"a {type_} cell marked as {kind} has to be {wanted}")
    if kind == "task" and (type_ != "markdown" or marks.get("grade") or marks.get("solution")):
        found.append("a task has to be a Markdown cell that is neither grade nor solution")
    return found


MARKERS = {
    "SOLUTION": ("solution", "manual"),
    "HIDDEN TESTS": ("tests",),
    "MARK SCHEME": ("task", "manual"),
}


def _marker_problems(cell: Cell) -> list[str]:
    """Regions have to be closed, in order, and in a cell where they mean something."""
    found = []
    for what, kinds in MARKERS.items():
        opened = False
        for number, line in enumerate(cell.source.splitlines(), 1):
            begins, ends = f"BEGIN {what}" in line, f"END {what}" in line
            if (begins or ends) and cell.kind not in kinds:
                found.append(
                    f"line {number} marks a region ({what}) that has no meaning in a {cell.kind} cell"
                )
                break
            if (begins and opened) or (ends and not opened):
                found.append(f"line {number}: {'BEGIN' if begins else 'END'} {what} is out of place")
                break
            opened = begins or (opened and not ends)
        else:
            if opened:
                found.append(f"BEGIN {what} without END {what}")
    return found


def _label(cell: Cell) -> str:
    return f"cell {cell.index + 1}" + (f" ({cell.grade_id})" if cell.grade_id else "")
