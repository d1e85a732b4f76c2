"""What a catalogue must know of a lab's notebook: its points, its cells, its introduction. Read as plain data; nothing is run."""

import json
import re
from dataclasses import dataclass
from typing import Any

from lms.content.dialect import Kind, is_python, problems_in, read_marks
from lms.content.problem import Problem, error

_TITLE = re.compile(r"\A\s*#[ \t]+[^\n]*\n*")
_ROLES: dict[Kind, str] = {"solution": "answer", "tests": "tests", "manual": "person", "task": "person"}


@dataclass(frozen=True)
class Cell:
    """`role`: given, answer (code), tests, person (an answer a mentor marks). `line` is where its text begins in the file."""

    kind: str
    source: str
    line: int
    role: str = "given"
    grade_id: str = ""
    points: float = 0


@dataclass(frozen=True)
class Notebook:
    cells: tuple[Cell, ...]

    @property
    def introduction(self) -> Cell | None:
        """The first Markdown cell, without the heading that repeats the title."""
        first = next((cell for cell in self.cells if cell.kind == "markdown"), None)
        if first is None:
            return None
        title = _TITLE.match(first.source)
        skipped = title[0].count("\n") if title else 0
        text = first.source[title.end() :] if title else first.source
        return Cell(first.kind, text, first.line + skipped)

    def points(self, role: str) -> float:
        return sum(cell.points for cell in self.cells if cell.role == role)


def read_notebook(data: bytes, path: str, problems: list[Problem]) -> Notebook | None:
    """The cells of a notebook in nbformat 4, or None; adds all that is wrong with it to `problems`."""
    try:
        text = data.decode("utf-8")
        value = json.loads(text)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as cause:
        line = getattr(cause, "lineno", 1)
        problems.append(
            error(path, line, "notebook", f"This is not a notebook: {cause}.", "Save it again with Jupyter.")
        )
        return None
    flaw = _flaw(value)
    if flaw:
        problems.append(
            error(
                path, 1, "notebook", f"This is not a notebook of nbformat 4: {flaw}.", "Save it with Jupyter."
            )
        )
        return None
    cells: list[Cell] = []
    at = 0
    for raw in value["cells"]:
        source = raw["source"] if isinstance(raw["source"], str) else "".join(raw["source"])
        first = json.dumps(source.split("\n")[0], ensure_ascii=False)[1:-1]
        found = text.find(first, at) if first else -1
        at = found + len(first) if found >= 0 else at
        line = text.count("\n", 0, at) + 1
        cells.append(_cell(raw, source, line, path, problems))
    _check_ids(cells, path, problems)
    if not is_python(value["metadata"]):
        message = "This notebook is not in Python, and nothing else can be graded."
        problems.append(error(path, 1, "language", message, "Choose a Python kernel and save it."))
    return Notebook(tuple(cells))


def _flaw(value: Any) -> str:
    """By our own eyes: a validator by JSON schema takes 0.2 s to import and tells no more."""
    if not isinstance(value, dict) or value.get("nbformat") != 4:
        return "'nbformat' is not 4"
    if not isinstance(value.get("metadata"), dict) or not isinstance(value.get("cells"), list):
        return "'metadata' or 'cells' is missing"
    for number, cell in enumerate(value["cells"], start=1):
        if not isinstance(cell, dict) or cell.get("cell_type") not in {"code", "markdown", "raw"}:
            return f"cell {number} has no 'cell_type'"
        source = cell.get("source")
        if not isinstance(cell.get("metadata"), dict):
            return f"cell {number} has no 'metadata'"
        if not (
            isinstance(source, str) or (isinstance(source, list) and all(isinstance(s, str) for s in source))
        ):
            return f"cell {number} has no 'source'"
    return ""


def _cell(raw: dict[str, Any], source: str, line: int, path: str, problems: list[Problem]) -> Cell:
    marks, found = read_marks(raw["metadata"], raw["cell_type"])
    found += problems_in(source, marks.kind, raw["cell_type"])
    named = f"Cell {marks.grade_id}" if marks.grade_id else "A cell"
    problems += [error(path, line, "cell", f"{named}: {what}.") for what in found]
    role = _ROLES.get(marks.kind, "given")
    return Cell(raw["cell_type"], source, line, role, marks.grade_id, marks.points)


def _check_ids(cells: list[Cell], path: str, problems: list[Problem]) -> None:
    seen: set[str] = set()
    for cell in cells:
        if cell.grade_id and cell.grade_id in seen:
            message = f"There are two cells with the grade_id '{cell.grade_id}'."
            problems.append(error(path, cell.line, "duplicate-grade-id", message, "Give one another."))
        seen.add(cell.grade_id)
