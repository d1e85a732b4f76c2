"""A learner's answers taken along into a newer version of a lab. Pure."""

from typing import Any

from lms.labs.graft import graft
from lms.labs.handout import cell_json, visible
from lms.labs.notebook import Cell, Source, read_submission
from lms.labs.placing import plain


def carried(newer: Source, work: bytes, *, handout: bytes) -> dict[str, Any]:
    """The hand-out of `newer` with the answers, and the cells of the learner's own, that `work` has. `handout` is what they began with: an
    answer that still is what stood there gets what the newer version begins with. What found no place stays behind, in the history.
    Raises Invalid when `work` is no notebook.
    """
    grafted, untouched = graft(newer, work), graft(newer, handout).answers

    def text(cell: Cell) -> str:
        answer = grafted.answers[cell.grade_id] if cell.is_answer else None
        if answer is None or plain(answer) == plain(untouched[cell.grade_id] or ""):
            return visible(cell)
        return answer

    # What the older version said between its answers is nobody's own cell.
    shown = {plain(cell.source) for cell in read_submission(handout).cells}
    cells = [
        cell_json(cell, text(cell))
        for cell in grafted.source.cells
        if cell.kind != "added" or plain(cell.source) not in shown
    ]
    return {
        "cells": cells,
        "metadata": {
            key: newer.metadata[key] for key in ("kernelspec", "language_info") if key in newer.metadata
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
