"""Notebooks as values. An author's source is read strictly, all its problems at once; a learner's file as tolerantly as can be.

An author's source is nbformat 4 with nbgrader's cell metadata (`lms.content.dialect`).
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lms.content.dialect import Kind, is_python, problems_in, read_marks
from lms.errors import Invalid

CellType = Literal["code", "markdown", "raw"]
MAX_BYTES = 8 << 20
MAX_CELLS = 2000  # finding out which is which takes time that grows with the square of it
_TYPES: dict[str, CellType] = {"code": "code", "markdown": "markdown", "raw": "raw"}
_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Cell:
    """One cell of an author's source. `grade_id` is empty for cells without nbgrader's metadata, `points` 0 where none can be had.
    `id` is unique in the notebook and stays with the cell: the author's own, or made from the grade_id or the position.
    `attachments` are images in a text, by name, as nbformat keeps them.
    """

    index: int
    id: str
    type: CellType
    kind: Kind
    source: str
    grade_id: str = ""
    points: float = 0.0
    attachments: Mapping[str, Any] = field(default_factory=dict, hash=False)

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
    """A cell of a notebook somebody handed in; every field is a claim. Empty where the file has nothing. `ids` are what editors call
    the cell: its own id, and those that Colab and Deepnote keep in its metadata. `locked` tells whether it claims not to be the
    learner's to change.
    """

    type: str
    source: str
    ids: frozenset[str] = frozenset()
    grade_id: str = ""
    locked: bool = False


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
    metadata = _object(notebook.get("metadata"))
    if not is_python(metadata):
        problems["the notebook"] = "it is not in Python, and nothing else can be graded"
    if problems:
        several = "a problem" if len(problems) == 1 else f"problems in {len(problems)} places"
        told = ". ".join(f"{where[0].upper()}{where[1:]}: {what}" for where, what in problems.items())
        raise Invalid(f"{name} has {several}. {told}.", problems)
    return Source(tuple(cells), metadata)


def read_submission(data: bytes, name: str = "The file you handed in") -> Submission:
    """The cells of whatever came back: nbformat 2, 3 or 4 of any minor, with or without metadata and ids, in UTF-8, 16 or 32.

    Raise `Invalid` with a sentence for the learner when it is no notebook.
    """
    if len(data) > MAX_BYTES:
        raise Invalid(
            f"{name} is {len(data) / (1 << 20):.1f} MB, more than the {MAX_BYTES >> 20} MB that are taken. "
            "Clear the outputs of its cells (in Jupyter: Edit, Clear Outputs of All Cells), save it and hand it in again."
        )
    cells = tuple(_loose_cell(raw) for raw in _raw_cells(_notebook(data, name), name))
    if len(cells) > MAX_CELLS:
        raise Invalid(
            f"{name} has {len(cells)} cells, more than the {MAX_CELLS} that are taken. Delete those you do not need and hand it in again."
        )
    return Submission(cells)


def dump(notebook: dict[str, Any]) -> bytes:
    """The same bytes for the same notebook, whoever writes it."""
    return (json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode(
        "utf-8", "replace"
    )


def lines(source: str) -> list[str]:
    """A source as nbformat stores it on disk."""
    return source.splitlines(keepends=True)


def _notebook(data: bytes, name: str) -> dict[str, Any]:
    # NaN in an output is no JSON, and yet Jupyter writes it. Some editors save UTF-16, or cut a character of an output in two.
    text = data.decode(json.detect_encoding(data), "replace").removeprefix("\ufeff")
    try:
        notebook = json.loads(text, parse_int=_integer)
    except (ValueError, RecursionError) as error:
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


def _integer(digits: str) -> int:
    """A number of thousands of digits, in an output, is no reason to refuse a notebook; Python refuses to read it."""
    return int(digits) if len(digits) < 100 else 0


def _raw_cells(notebook: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    cells = notebook.get("cells")
    if not isinstance(cells, list):  # nbformat 2 and 3
        cells = [
            cell
            for sheet in notebook["worksheets"]
            if isinstance(sheet, dict)
            for cell in (sheet["cells"] if isinstance(sheet.get("cells"), list) else ())
        ]
    for index, cell in enumerate(cells):
        if not isinstance(cell, dict):
            raise Invalid(
                f"{name} is damaged: cell {index + 1} is not a cell. Open it in Jupyter, save it and try again."
            )
        yield cell


def _loose_cell(raw: dict[str, Any]) -> LooseCell:
    metadata = _object(raw.get("metadata"))
    marks = _object(metadata.get("nbgrader"))
    ids = (raw.get("id"), metadata.get("id"), metadata.get("cell_id"))
    grade_id = marks.get("grade_id")
    return LooseCell(
        type="markdown" if raw.get("cell_type") == "heading" else str(raw.get("cell_type", "code")),
        source=_whole(_source(raw) or ""),
        ids=frozenset(id_ for id_ in ids if isinstance(id_, str) and id_),
        grade_id=grade_id if isinstance(grade_id, str) else "",
        locked=bool(marks.get("locked") or (marks.get("grade") and not marks.get("solution"))),
    )


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _source(raw: dict[str, Any]) -> str | None:
    """Its text with line feeds only, whichever way the file stores it; None where that is no text."""
    source = raw.get("source", raw.get("input", ""))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    return source.replace("\r\n", "\n").replace("\r", "\n") if isinstance(source, str) else None


def _whole(text: str) -> str:
    """Without halves of characters, which JSON can say and nothing else can write."""
    return text.encode("utf-8", "replace").decode()


def _author_cell(index: int, raw: dict[str, Any], taken: set[str]) -> tuple[Cell, list[str]]:
    source, type_ = _source(raw), raw.get("cell_type")
    marks, problems = read_marks(raw.get("metadata"), str(type_))
    if source is None:
        problems.insert(0, "its source is neither text nor a list of lines")
    if type_ not in _TYPES:
        problems.insert(0, f"its cell_type is {type_!r}: it must be code, markdown or raw")
    problems += problems_in(source or "", marks.kind, str(type_))
    id_ = raw.get("id")
    if not isinstance(id_, str) or not _CELL_ID.fullmatch(id_) or id_ in taken:
        id_ = _own_id(index, marks.grade_id, taken)
    cell = Cell(
        index=index,
        id=id_,
        type=_TYPES.get(str(type_), "raw"),
        kind=marks.kind,
        source=_whole(source or ""),
        grade_id=marks.grade_id,
        points=marks.points,
        attachments=_object(raw.get("attachments")),
    )
    return cell, problems


def _own_id(index: int, grade_id: str, taken: set[str]) -> str:
    made = re.sub(r"[^A-Za-z0-9_-]", "-", grade_id)[:56] or f"cell-{index}"
    return made if made not in taken else f"{made[:50]}-{index}"


def _label(cell: Cell) -> str:
    return f"cell {cell.index + 1}" + (f" ({cell.grade_id})" if cell.grade_id else "")
