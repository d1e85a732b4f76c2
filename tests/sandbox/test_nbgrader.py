"""What is written for nbgrader grades here unchanged, except where nbgrader gives points that it should not.

`tests/nbgrader/marks.json` holds the marks that nbgrader gave when `tests/nbgrader/mark.py` asked it; here we grade the same notebooks.
"""

import json

import pytest

from lms.labs.exercise import Exercise
from lms.labs.grade import grade
from lms.labs.notebook import read_source
from lms.labs.source import find_lab
from tests.nbgrader.assignments import ASSIGNMENTS
from tests.nbgrader.mark import MARKS
from tests.sandbox.conftest import QUICK, answer, check, notebook

pytestmark = [pytest.mark.sandbox, pytest.mark.usefixtures("sandbox")]

RECORDED = json.loads(MARKS.read_text())["marks"]
# (submission, cell) of "forged": what nbgrader gives points for, and we do not. An answer that says it equals everything, asserts taken
# out of the tests, tests made to do nothing; and a number below nothing as the points, which nbgrader takes for all of them.
FORGED = {
    ("an object that equals everything", "values"),
    ("asserts stripped", "values"),
    ("cells made to do nothing", "values"),
    *((name, "below") for name, marks in RECORDED["forged"].items() if marks["below"]),
}


@pytest.mark.parametrize("assignment", ASSIGNMENTS, ids=lambda assignment: assignment.name)
def test_every_cell_is_marked_as_nbgrader_marks_it(assignment, tmp_path):
    path = tmp_path / "lab.ipynb"
    path.write_bytes(assignment.source())
    lab = find_lab(str(path))
    assert lab.warnings == ()
    ours, theirs = {}, {}
    for name, handed_in in assignment.submissions():
        report = grade(lab.exercise, handed_in)
        recorded = RECORDED[assignment.name][name]
        for cell in report.cells:
            key = (name, cell.grade_id)
            ours[key] = cell.points
            theirs[key] = 0 if assignment.name == "forged" and key in FORGED else recorded[cell.grade_id]
    assert ours == theirs


def test_nbgrader_gave_points_for_forgeries():
    """Or the exceptions above would hide something."""
    assert all(RECORDED["forged"][name][cell] > 0 for name, cell in FORGED)
    assert len(FORGED) == 8


def test_a_test_that_puts_a_value_of_its_own_under_a_name_of_theirs_hands_them_nothing(exam):
    """Of what a test assigns only a thing of theirs goes back to where it came from; nbgrader runs both in one namespace."""
    spy = "primes = 1\ndef mean(xs): return globals()['primes']"
    stored = check("primes = 47\nassert mean([1]) == primes", "value")
    kept = check(
        "kept = mean\ndel mean\ntry:\n    mean\nexcept NameError:\n    mean = kept\nassert mean([]) == 1",
        "back",
    )
    report = exam.grade(spy, tests=(stored, kept))
    assert [cell.points for cell in report.cells] == [0, 1]


def test_names_are_seen_as_they_were_when_the_turn_of_a_test_came(exam):
    cells = [
        answer("mean = 1", "first"),
        check("assert mean == 1", "q1"),
        answer("mean = 2", "second"),
        check("assert mean == 2", "q2"),
    ]
    source = notebook(*cells)
    report = grade(Exercise(read_source(source), exam.names, limits=QUICK), source)
    assert [cell.points for cell in report.cells] == [1, 1]


def test_after_a_test_nothing_of_theirs_is_asked_for_its_text(exam):
    """A message may show an object of theirs, whose text would be taken when the test's time is over."""
    slow = "class Slow:\n    def __repr__(self):\n        while True: pass\ndef mean(xs): return Slow()\ndef primes(n): return n"
    shown = check("raise ValueError(mean([1]), 'was wrong')", "shown")
    after = check("assert primes(3) == 3", "after")
    report = exam.grade(slow, tests=(shown, after))
    assert report.outcome == "graded"
    assert [cell.points for cell in report.cells] == [0, 1]
    assert "<learner's Slow>" in report.cells[0].message
