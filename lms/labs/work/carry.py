"""A learner's answers taken along into a newer version of a lab. Pure."""

from typing import Any

from lms.labs.graft import graft
from lms.labs.handout import cell_json, visible
from lms.labs.notebook import Source


def carried(newer: Source, work: bytes) -> dict[str, Any]:
    """The hand-out of `newer` with the answers, and the cells of the learner's own, that `work` has. What found no place stays behind,
    in the history. Raises Invalid when `work` is no notebook.
    """
    grafted = graft(newer, work)
    cells = []
    for cell in grafted.source.cells:
        answer = grafted.answers.get(cell.grade_id) if cell.is_answer else None
        text = answer if answer is not None else cell.source if cell.kind == "added" else visible(cell)
        cells.append(cell_json(cell, text))
    return {
        "cells": cells,
        "metadata": {
            key: newer.metadata[key] for key in ("kernelspec", "language_info") if key in newer.metadata
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
