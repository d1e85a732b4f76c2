"""A learner's answers are found in whatever came back, and nothing but what is theirs is taken."""

import json
import time

import pytest

from lms.errors import Invalid
from lms.labs.graft import graft, is_empty, is_unchanged
from lms.labs.handout import handout
from lms.labs.notebook import dump, read_source, read_submission
from tests.labs.editors import EDITORS


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


def plain(source, type_="code", **more):
    return {"cell_type": type_, "metadata": {}, "source": source} | more


def file(cells):
    return dump({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


REGION = "### BEGIN SOLUTION\n{}\n### END SOLUTION"
LAB = read_source(
    file(
        [
            marked("setup", "given = 1", locked=True),
            plain("try_it = 2", id="free"),
            marked(
                "mean",
                "def mean(xs):\n    ### BEGIN SOLUTION\n    return 2\n    ### END SOLUTION",
                solution=True,
            ),
            marked("t-mean", "assert mean([1]) == 1", grade=True, locked=True, points=2),
            marked(
                "top",
                "def top(xs):\n    ### BEGIN SOLUTION\n    return max(xs)\n    ### END SOLUTION",
                solution=True,
            ),
            marked("t-top", "assert top([1]) == 1", grade=True, locked=True, points=2),
            marked("why", "Because.", "markdown", grade=True, solution=True, points=1),
        ]
    )
)
HANDOUT = dump(handout(LAB))
MEAN, TOP, WHY = "def mean(xs):\n    return 1", "def top(xs):\n    return xs[0]", "It is so."


def handed_in(mean=MEAN, top=TOP, why=WHY):
    """The cells of a hand-out with answers in it: setup, free, mean, t-mean, top, t-top, why."""
    cells = json.loads(HANDOUT)["cells"]
    for number, text in ((2, mean), (4, top), (6, why)):
        cells[number]["source"] = text.splitlines(keepends=True)
    return cells


def texts(grafted):
    return [grafted.text(cell) for cell in grafted.source.cells]


OURS = texts(graft(LAB, file(handed_in())))


def test_answers_are_taken_and_everything_else_is_ours():
    cells = handed_in()
    cells[0]["source"] = "given = 'mine'"
    cells[3]["source"] = "pass"
    cells[3]["metadata"]["nbgrader"]["points"] = 1000
    grafted = graft(LAB, file(cells))
    assert texts(grafted) == [
        "given = 1",
        "try_it = 2",
        MEAN,
        "assert mean([1]) == 1",
        TOP,
        "assert top([1]) == 1",
        WHY,
    ]
    assert grafted.source is LAB
    assert "not yours to change (“setup”, “t-mean”)" in grafted.notes[0]
    assert graft(LAB, file(handed_in())).notes == ()


@pytest.mark.parametrize("editor", EDITORS, ids=lambda editor: editor.__name__)
def test_answers_are_found_whichever_program_saved_them(editor):
    notebook = json.loads(HANDOUT) | {"cells": handed_in()}
    grafted = graft(LAB, editor(notebook))
    assert grafted.answers == {"mean": MEAN, "top": TOP, "why": WHY}
    assert [grafted.text(cell) for cell in grafted.source.cells if cell.kind != "added"] == OURS
    assert [note for note in grafted.notes if "had lost its marks" not in note] == []


@pytest.mark.parametrize("editor", EDITORS, ids=lambda editor: editor.__name__)
def test_a_handout_that_was_only_saved_is_known_as_unchanged(editor):
    assert is_unchanged(LAB, read_submission(editor(json.loads(HANDOUT))), HANDOUT)


def test_a_missing_answer_counts_as_empty_and_is_told():
    grafted = graft(LAB, file(handed_in()[:1]))
    assert grafted.answers == {"mean": None, "top": None, "why": None}
    assert [name in note for name, note in zip(("mean", "top", "why"), grafted.notes, strict=True)] == [
        True
    ] * 3
    assert "is missing" in grafted.notes[0]


def test_a_split_answer_is_read_as_one_and_an_exact_copy_once():
    first, free, mean, *rest = handed_in()
    helper = mean | {"source": "def helper(): pass", "id": "new"}
    grafted = graft(LAB, file([first, free, helper, mean, *rest]))
    assert grafted.answers["mean"] == f"def helper(): pass\n\n{MEAN}"
    assert "2 cells" in grafted.notes[0]
    assert graft(LAB, file([first, free, mean, mean, *rest])).answers["mean"] == MEAN


def test_the_half_that_lost_its_marks_runs_right_after_the_other():
    """As VS Code splits: the new cell has neither id nor metadata."""
    cells = handed_in(mean="def helper():\n    return 1")
    cells.insert(3, plain(MEAN))
    assert texts(graft(LAB, file(cells)))[2:4] == ["def helper():\n    return 1", MEAN]


def test_a_placeholder_beside_an_answer_is_passed_over():
    untouched = json.loads(HANDOUT)["cells"][2]
    assert graft(LAB, file([untouched, *handed_in()])).answers["mean"] == MEAN


def test_an_answer_whose_metadata_got_lost_is_found_by_its_cell_id():
    cells = handed_in()
    cells[2]["metadata"] = {}
    assert graft(LAB, file(cells)).answers["mean"] == MEAN


def test_an_answer_that_lost_everything_is_found_by_its_first_line_or_its_place():
    cells = handed_in()
    cells[2], cells[6] = plain(MEAN), plain(WHY, "markdown")
    moved = [cells[0], *cells[3:6], cells[2], cells[6]]
    for came in (cells, moved):
        grafted = graft(LAB, file(came))
        assert grafted.answers == {"mean": MEAN, "top": TOP, "why": WHY}
        assert sum("had lost its marks" in note for note in grafted.notes) == 2


def test_a_retyped_answer_is_read_as_what_it_was():
    cells = handed_in()
    cells[2]["cell_type"] = "raw"
    grafted = graft(LAB, file(cells))
    assert grafted.answers["mean"] == MEAN
    assert "another kind of cell" in grafted.notes[0]


@pytest.mark.parametrize("kept", [2, 4], ids=["the first one's marks kept", "the second one's"])
def test_two_answers_merged_into_one_cell_are_taken_apart(kept):
    cells = handed_in()
    cells[kept]["source"] = f"{MEAN}\n\n{TOP}"
    del cells[6 - kept]
    grafted = graft(LAB, file(cells))
    assert {name: (text or "").strip() for name, text in grafted.answers.items()} == {
        "mean": MEAN,
        "top": TOP,
        "why": WHY,
    }
    assert "stood in one cell" in grafted.notes[0]


def test_an_answer_merged_with_a_cell_of_ours_is_taken_and_ours_runs_in_its_own_place():
    """Whichever of the two kept its marks."""
    mine, ours = handed_in(), handed_in()
    mine[2]["source"] = f"{MEAN}\n\nassert mean([1]) == 1"
    ours[3]["source"] = f"{MEAN}\n\nassert mean([1]) == 1"
    del mine[3], ours[2]
    for cells in (mine, ours):
        grafted = graft(LAB, file(cells))
        assert texts(grafted) == OURS
        assert "merged with a cell that is not yours" in grafted.notes[0]


def test_cells_of_the_learners_own_run_where_they_stood():
    cells = handed_in()
    cells.insert(2, plain("import statistics"))
    cells.append(plain("A thought.", "markdown"))
    grafted = graft(LAB, file(cells))
    assert texts(grafted) == [*OURS[:2], "import statistics", *OURS[2:], "A thought."]
    assert [cell.runs for cell in grafted.source.cells if cell.kind == "added"] == [True, False]
    assert "A code cell that you added ran where it stands" in grafted.notes[0]
    assert grafted.source.points == LAB.points


def test_what_was_the_learners_to_change_is_kept_beside_ours():
    cells = handed_in()
    cells[1]["source"] = "try_it = 3"
    assert texts(graft(LAB, file(cells)))[:3] == ["given = 1", "try_it = 2", "try_it = 3"]


def test_a_locked_cell_of_another_lab_does_not_run():
    cells = [*handed_in(), marked("stranger", "assert mean is None", grade=True, locked=True, points=1)]
    grafted = graft(LAB, file(cells))
    assert texts(grafted) == OURS
    assert "another version" in grafted.notes[0]


def test_a_copy_of_ours_runs_once():
    cells = [*handed_in(), plain("given = 1"), plain("assert mean([1]) == 1")]
    assert texts(graft(LAB, file(cells))) == OURS


def test_the_authors_own_notebook_is_graded_like_a_learners():
    hidden = "assert 1\n### BEGIN HIDDEN TESTS\nassert 2\n### END HIDDEN TESTS"
    data = file([marked("q", "x = 1", solution=True), marked("t", hidden, grade=True, locked=True, points=1)])
    assert texts(graft(read_source(data), data)) == ["x = 1", hidden]


@pytest.mark.parametrize(
    "cells",
    [
        [plain("given = 1\n" * 300 + "y")] * 1900,
        [marked("mean", "def top(xs):\n" * 500_000, solution=True)],
        [plain("given = 1")] * 2000,
    ],
    ids=["many cells", "a huge answer", "many copies"],
)
def test_a_notebook_made_to_be_hard_is_read_in_a_moment(cells):
    """It is read while somebody waits for a page."""
    data = file(cells)
    started = time.process_time()
    graft(LAB, data)
    assert time.process_time() - started < 5  # half a second on an idle machine


def test_what_is_no_notebook_is_refused():
    with pytest.raises(Invalid):
        graft(LAB, b"PK\x03\x04")


def test_an_unchanged_handout_is_known_as_one_whatever_editors_do_to_blanks():
    untouched = json.loads(HANDOUT)["cells"]
    untouched[2]["source"] = "".join(untouched[2]["source"]).replace("\n", "  \n") + "\n\n"
    assert is_unchanged(LAB, read_submission(file(untouched)), HANDOUT)
    assert is_unchanged(LAB, read_submission(file(untouched[:1])), HANDOUT)
    assert not is_unchanged(LAB, read_submission(file(handed_in())), HANDOUT)


def test_a_task_is_answered_by_cells_of_the_learners_own():
    lab = read_source(file([marked("do", "Do it.", "markdown", task=True, locked=True, points=3)]))
    given = dump(handout(lab))
    answered = file([*json.loads(given)["cells"], plain("Done: 42.", "markdown")])
    assert is_unchanged(lab, read_submission(given), given)
    assert not is_unchanged(lab, read_submission(answered), given)
    assert texts(graft(lab, answered)) == ["Do it.", "Done: 42."]


def test_a_notebook_without_a_word_is_empty():
    assert is_empty(read_submission(file([])))
    assert is_empty(read_submission(file([{"cell_type": "code", "source": " \n"}])))
    assert not is_empty(read_submission(HANDOUT))
