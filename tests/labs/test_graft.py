"""A learner's answers are found in whatever came back, and nothing but the answers is taken."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.errors import Invalid
from lms.labs.graft import graft, is_empty, is_unchanged
from lms.labs.handout import handout
from lms.labs.notebook import dump, read_source, read_submission


def marked(grade_id, source, type_="code", **flags):
    marks = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": False,
        "solution": False,
        "locked": False,
        "task": False,
    }
    cell = {
        "cell_type": type_,
        "id": f"id-{grade_id}",
        "metadata": {"nbgrader": marks | flags},
        "source": source,
    }
    return cell | ({"outputs": [], "execution_count": None} if type_ == "code" else {})


def file(cells):
    return dump({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


REGION = "### BEGIN SOLUTION\n{}\n### END SOLUTION"
LAB = read_source(
    file(
        [
            marked("setup", "given = 1", locked=True),
            marked("mean", REGION.format("def mean(xs): return sum(xs) / len(xs)"), solution=True),
            marked("t-mean", "assert mean([1]) == 1", grade=True, locked=True, points=2),
            marked("why", "Because.", "markdown", grade=True, solution=True, points=1),
        ]
    )
)
HANDOUT = dump(handout(LAB))


def handed_in(mean="def mean(xs): return 1", why="It is so."):
    cells = json.loads(HANDOUT)["cells"]
    cells[1]["source"], cells[3]["source"] = mean, why
    return cells


def test_answers_are_taken_and_everything_else_is_ours():
    cells = handed_in()
    cells[0]["source"] = "given = 'mine'"
    cells[2]["source"] = "pass"
    cells[2]["metadata"]["nbgrader"]["points"] = 1000
    grafted = graft(LAB, file(cells))
    assert [grafted.text(cell) for cell in LAB.cells] == [
        "given = 1",
        "def mean(xs): return 1",
        "assert mean([1]) == 1",
        "It is so.",
    ]
    assert grafted.source.points == 3
    assert grafted.notes == ()


def test_a_missing_answer_counts_as_empty_and_is_told():
    grafted = graft(LAB, file(handed_in()[:1]))
    assert grafted.answers == {"mean": None, "why": None}
    assert "“mean” is missing" in grafted.notes[0]


def test_a_split_answer_is_read_as_one_and_an_exact_copy_once():
    first, mean, rest, why = handed_in("def mean(xs):\n    return 1")
    helper = mean | {"source": "def helper(): pass", "id": "new"}
    grafted = graft(LAB, file([first, helper, mean, rest, why]))
    assert grafted.answers["mean"] == "def helper(): pass\n\ndef mean(xs):\n    return 1"
    assert "2 cells" in grafted.notes[0]
    assert graft(LAB, file([first, mean, mean, rest, why])).answers["mean"] == mean["source"]


def test_a_placeholder_beside_an_answer_is_passed_over():
    cells = handed_in()
    untouched = json.loads(HANDOUT)["cells"][1]
    assert graft(LAB, file([untouched, *cells])).answers["mean"] == "def mean(xs): return 1"


def test_an_answer_whose_metadata_got_lost_is_found_by_its_cell_id():
    cells = handed_in()
    cells[1]["metadata"] = {}
    assert graft(LAB, file(cells)).answers["mean"] == "def mean(xs): return 1"


def test_a_retyped_answer_is_read_as_what_it_was():
    cells = handed_in()
    cells[1]["cell_type"] = "raw"
    grafted = graft(LAB, file(cells))
    assert grafted.answers["mean"] == "def mean(xs): return 1"
    assert "another kind of cell" in grafted.notes[0]


def test_cells_of_the_learners_own_are_not_run_and_that_is_told():
    own = {"cell_type": "code", "metadata": {}, "source": "import os", "outputs": [], "execution_count": None}
    grafted = graft(LAB, file([*handed_in(), own]))
    assert "was not run" in grafted.notes[0]


def test_what_is_no_notebook_is_refused():
    with pytest.raises(Invalid):
        graft(LAB, b"PK\x03\x04")


@st.composite
def edits(draw):
    """A hand-out after any number of deletions, copies, moves, retypings, lost metadata and lies about it."""
    cells = handed_in()
    for _ in range(draw(st.integers(0, 6))):
        if not cells:
            break
        at = draw(st.integers(0, len(cells) - 1))
        cell = json.loads(json.dumps(cells[at]))
        match draw(st.sampled_from(["delete", "copy", "move", "retype", "strip", "lie", "edit", "new"])):
            case "delete":
                del cells[at]
            case "copy":
                cells.insert(draw(st.integers(0, len(cells))), cell)
            case "move":
                cells.insert(draw(st.integers(0, len(cells) - 1)), cells.pop(at))
            case "retype":
                cells[at] = cell | {"cell_type": draw(st.sampled_from(["code", "markdown", "raw", "x", 3]))}
            case "strip":
                cells[at] = cell | {"metadata": draw(st.none() | st.just({}))}
            case "lie":
                keys = st.sampled_from(["grade_id", "points", "grade", "solution"])
                values = st.none() | st.booleans() | st.integers() | st.sampled_from(["mean", "t-mean"])
                lies = st.dictionaries(keys, values)
                cells[at] = cell | {"metadata": {"nbgrader": draw(lies)}}
            case "edit":
                cells[at] = cell | {
                    "source": draw(
                        st.text(max_size=20) | st.lists(st.text(max_size=5), max_size=3) | st.none()
                    )
                }
            case "new":
                cells.insert(at, {"cell_type": "code", "source": draw(st.text(max_size=9))})
    return cells


@given(edits())
def test_no_edit_breaks_grading_or_changes_what_is_ours(cells):
    grafted = graft(LAB, json.dumps({"cells": cells, "nbformat": 4}).encode())
    assert grafted.source is LAB
    assert set(grafted.answers) == {"mean", "why"}
    assert all(isinstance(grafted.text(cell), str) for cell in LAB.cells)
    assert grafted.text(LAB.cells[2]) == "assert mean([1]) == 1"


def test_an_unchanged_handout_is_known_as_one_whatever_editors_do_to_blanks():
    untouched = json.loads(HANDOUT)["cells"]
    untouched[1]["source"] = "".join(untouched[1]["source"]).replace("\n", "  \n") + "\n\n"
    assert is_unchanged(LAB, read_submission(file(untouched)), HANDOUT)
    assert is_unchanged(LAB, read_submission(file(untouched[:1])), HANDOUT)
    assert not is_unchanged(LAB, read_submission(file(handed_in(why="YOUR ANSWER HERE"))), HANDOUT)


def test_a_notebook_without_a_word_is_empty():
    assert is_empty(read_submission(file([])))
    assert is_empty(read_submission(file([{"cell_type": "code", "source": " \n"}])))
    assert not is_empty(read_submission(HANDOUT))
