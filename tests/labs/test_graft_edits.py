"""Whatever a learner's editor does to a notebook, grading goes on: ours runs as it was handed out, and theirs is found, or told about."""

import json
import uuid

from hypothesis import given, settings
from hypothesis import strategies as st

from lms.labs.graft import graft
from lms.labs.handout import handout
from lms.labs.notebook import dump, read_source
from tests.labs.test_graft import file, marked, plain

LAB = read_source(
    file(
        [
            plain("# The lab", "markdown", id="title"),
            marked("setup", "runs = ['setup']\nruns.append('done')", locked=True),
            marked(
                "mean",
                "def mean(xs):\n    ### BEGIN SOLUTION\n    return 2\n    ### END SOLUTION",
                solution=True,
            ),
            marked(
                "t-mean", "assert mean([1]) == 1\nassert mean([2]) == 2", grade=True, locked=True, points=2
            ),
            plain("## Part two", "markdown", id="two"),
            marked("free", "z = 1", solution=True),
            marked("t-free", "assert z\nassert z > 0", grade=True, locked=True, points=2),
            marked("why", "Because.", "markdown", grade=True, solution=True, points=1),
            marked("code-why", "x = 1", grade=True, solution=True, points=1),
        ]
    )
)
ANSWERS = {
    "mean": "def mean(xs):\n    ours = 'mean'\n    return ours",
    "free": "z = 'free'\nzz = z",
    "why": "Why *this*.\n\nAnd why that.",
    "code-why": "x = 'code-why'\ny = x",
}
LOCKED = {cell.grade_id: cell.source for cell in LAB.cells if cell.kind in ("given", "tests")}


def answered():
    cells = json.loads(dump(handout(LAB)))["cells"]
    for cell in cells:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["source"] = ANSWERS.get(grade_id, "".join(cell["source"]))
    return cells


EDITS = {}


def edit(function):
    """One thing that an editor does to the cell at a position, in place."""
    EDITS[function.__name__] = function
    return function


@edit
def delete(draw, cells, at):
    del cells[at]


@edit
def copy(draw, cells, at):
    cells.insert(draw(st.integers(0, len(cells))), cells[at] | {"id": new_id()})


@edit
def move(draw, cells, at):
    cells.insert(draw(st.integers(0, len(cells) - 1)), cells.pop(at))


@edit
def split(draw, cells, at):
    """JupyterLab leaves the marks on both halves, VS Code on the first."""
    cell, where = cells[at], draw(st.integers(0, len(cells[at]["source"])))
    first, second = cell["source"][:where].strip("\n"), cell["source"][where:].strip("\n")
    bare = {"metadata": {}} if draw(st.booleans()) else {}
    cells[at : at + 1] = [cell | {"source": first}, cell | {"source": second, "id": new_id()} | bare]


@edit
def merge(draw, cells, at):
    if at + 1 < len(cells):
        upper, lower = cells[at], cells.pop(at + 1)
        text = f"{upper['source']}\n\n{lower['source']}"
        cells[at] = (upper if draw(st.booleans()) else lower) | {"source": text, "id": new_id()}


@edit
def retype(draw, cells, at):
    cells[at] = cells[at] | {"cell_type": draw(st.sampled_from(["code", "markdown", "raw"]))}


@edit
def strip(draw, cells, at):
    cells[at] = cells[at] | {"metadata": draw(st.none() | st.just({}))}


@edit
def renew(draw, cells, at):
    cells[at] = cells[at] | {"id": new_id()}


@edit
def write(draw, cells, at):
    cells[at] = cells[at] | {"source": draw(st.text(max_size=30))}


@edit
def add(draw, cells, at):
    cells.insert(at, plain(draw(st.text(max_size=20)), draw(st.sampled_from(["code", "markdown"]))))


@st.composite
def edited(draw):
    """The cells of an answered notebook after up to eight edits."""
    cells = answered()
    for _ in range(draw(st.integers(0, 8))):
        if cells:
            EDITS[draw(st.sampled_from(sorted(EDITS)))](draw, cells, draw(st.integers(0, len(cells) - 1)))
    return cells


def new_id():
    return uuid.uuid4().hex[:8]


def grafted_from(cells):
    return graft(LAB, json.dumps({"cells": cells, "nbformat": 4}).encode())


@settings(max_examples=100, deadline=None)
@given(edited())
def test_ours_stays_in_order_and_runs_once_as_it_was_handed_out(cells):
    grafted = grafted_from(cells)
    assert [cell for cell in grafted.source.cells if cell.kind != "added"] == list(LAB.cells)
    assert set(grafted.answers) == set(ANSWERS)
    assert len({cell.id for cell in grafted.source.cells}) == len(grafted.source.cells)
    runs = [grafted.text(cell) for cell in grafted.source.cells if cell.runs]
    assert all(isinstance(text, str) for text in runs)
    assert sum(LOCKED["setup"] in text for text in runs) == 1
    assert not any(LOCKED[test] in text for text in runs for test in ("t-mean", "t-free"))


@settings(max_examples=100, deadline=None)
@given(edited())
def test_an_answer_that_kept_a_name_and_was_not_taken_apart_is_found(cells):
    grafted = grafted_from(cells)
    for cell in cells:
        for grade_id, text in ANSWERS.items():
            named = (cell["metadata"] or {}).get("nbgrader", {}).get("grade_id") == grade_id
            if named and cell["source"] == text:
                assert text in (grafted.answers[grade_id] or ""), (grade_id, cells)


@settings(max_examples=100, deadline=None)
@given(edited())
def test_nothing_a_learner_wrote_is_lost_without_a_word(cells):
    """Each line of theirs stands in what was graded, or a note says that something was not taken."""
    grafted = grafted_from(cells)
    kept = "\n".join(grafted.text(cell) for cell in grafted.source.cells)
    ours = "\n".join("".join(cell["source"]) for cell in json.loads(dump(handout(LAB)))["cells"])
    for cell in cells:
        for line in cell["source"].replace("\r", "\n").split("\n"):
            wanted = line.strip().encode("utf-8", "replace").decode()
            assert wanted in kept or wanted in ours or grafted.notes, (wanted, cells)


@settings(max_examples=50, deadline=None)
@given(edited())
def test_the_same_file_is_read_the_same_way_every_time(cells):
    assert grafted_from(cells) == grafted_from(cells)
