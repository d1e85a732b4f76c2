"""The learner's version of an author's notebook: without solutions, hidden tests, mark schemes and outputs. Pure, and the same bytes
for the same source.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from lms.content.dialect import SCHEMA
from lms.content.regions import marked_lines, replaced, without

from .notebook import Cell, Source, lines

CODE_PLACEHOLDER = "# YOUR CODE HERE\nraise NotImplementedError()"
TEXT_PLACEHOLDER = "YOUR ANSWER HERE"
# Shorter lines, and lines like these, stand in every notebook: finding one in a hand-out tells nothing.
_TELLING = 20
_TRIVIAL = re.compile(
    r"(import|from|def|class|with|for|while|try|except|else|elif|if __name__)\b|[#@)\]}]|return \w+$"
)


def handout(source: Source) -> dict[str, Any]:
    """A notebook in nbformat 4.5, without outputs. `notebook.dump` makes it bytes."""
    return {
        "cells": [cell_json(cell, visible(cell)) for cell in source.cells],
        "metadata": {
            key: source.metadata[key]
            for key in ("kernelspec", "language_info", "authors", "title")
            if key in source.metadata
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def visible(cell: Cell) -> str:
    """What a learner sees of a cell."""
    match cell.kind:
        case "solution" | "manual":
            return placeholder(cell)
        case "tests":
            return without(cell.source, "HIDDEN TESTS").rstrip("\n")
        case "task":
            return without(cell.source, "MARK SCHEME").rstrip("\n")
        case "text" | "given" | "added":
            return cell.source


def placeholder(cell: Cell) -> str:
    """An answer cell with each solution region replaced; without a region the whole cell is the solution, as in nbgrader."""
    stub = CODE_PLACEHOLDER if cell.type == "code" else TEXT_PLACEHOLDER
    shown = replaced(without(without(cell.source, "MARK SCHEME"), "HIDDEN TESTS"), stub)
    return stub if shown is None else shown.rstrip("\n")


def hidden_lines(cell: Cell) -> frozenset[int]:
    """Line numbers, from 1, that a learner never sees of a test cell; the markers are among them."""
    return marked_lines(cell.source, "HIDDEN TESTS")


def leaks(source: Source, learners: dict[str, Any]) -> list[str]:
    """Lines of a solution or a hidden test that a hand-out still shows, as sentences. Short lines and such as stand in any
    notebook do not count, nor does what the author shows on purpose in the very same cell.
    """
    shown: dict[str, int] = {}
    for number, cell in enumerate(learners["cells"], 1):
        for line in "".join(cell["source"]).split("\n"):
            shown.setdefault(line.strip(), number)
    found = []
    for cell in source.cells:
        seen = {line.strip() for line in visible(cell).splitlines()}
        what = "hidden tests" if cell.kind == "tests" else "solution"
        told = dict.fromkeys(line.strip() for line in cell.source.splitlines())
        found += [
            f"a line of the {what} of {cell.grade_id} stands in cell {shown[line]} of the hand-out: {line}"
            for line in told
            if line not in seen and line in shown and _tells(line)
        ]
    return found


def _tells(line: str) -> bool:
    return len(line.replace(" ", "")) >= _TELLING and not _TRIVIAL.match(line)


def cell_json(cell: Cell, text: str) -> dict[str, Any]:
    """A cell as nbformat 4.5 stores it, showing `text`. What is not the learner's to change is locked in Jupyter, for comfort only:
    grading believes none of it.
    """
    metadata: dict[str, Any] = {}
    if cell.grade_id:
        metadata["nbgrader"] = _marks(cell)
        metadata["deletable"] = False
        if not cell.is_answer:
            metadata["editable"] = False
    made: dict[str, Any] = {
        "cell_type": cell.type,
        "id": cell.id,
        "metadata": metadata,
        "source": lines(text),
    }
    if cell.type == "code":
        made |= {"execution_count": None, "outputs": []}
    elif shown := _shown(cell.attachments, text):
        made["attachments"] = shown
    return made


def _shown(attachments: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Only images that the text shows: one of a solution or a mark scheme is part of it."""
    return {
        name: image
        for name, image in attachments.items()
        if f"(attachment:{name})" in text or f"(attachment:{quote(name)})" in text
    }


def _marks(cell: Cell) -> dict[str, Any]:
    kind = cell.kind
    marks: dict[str, Any] = {
        "schema_version": SCHEMA,
        "grade_id": cell.grade_id,
        "cell_type": cell.type,
        "grade": kind in ("tests", "manual"),
        "solution": cell.is_answer,
        "locked": not cell.is_answer,
        "task": kind == "task",
    }
    if kind in ("tests", "manual", "task"):
        marks["points"] = cell.points
    return marks
