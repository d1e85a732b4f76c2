"""What a regrade would change, grade by grade and test by test."""

import pytest

from lms.labs.changes import CellChange, Change, is_applied, tally
from lms.labs.marks import Mark, Standing
from lms.labs.tables import Grading


def grading(points, *, state="done", outcome="graded", max_points=10):
    cells = [{"grade_id": name, "points": worth} for name, worth in points.items()]
    score = sum(worth or 0 for worth in points.values())
    return Grading(
        state=state, outcome=outcome, score=score, report={"cells": cells, "max_score": max_points}
    )


def change(before, after, *, review=0, passing=0.6, standings=()):
    """With `review` points of a mentor beside the machine's, in a lab that wants `passing` of its points, or with standings as given."""

    def marked(grading, standing):
        points, most = (grading.score or 0) + review, grading.report["max_score"]
        is_passed = points / most >= passing
        found = standing or (Standing.PASSED if is_passed else Standing.FAILED)
        return Mark(found, points, most, int(points * 100 / most))

    stand = standings or (None, None)
    marks = marked(before, stand[0]), marked(after, stand[1])
    return Change(None, before, after, *marks, is_marked=bool(review))


BEFORE = grading({"a": 2, "b": 4})


@pytest.mark.parametrize(
    ("after", "verdict"),
    [
        (grading({"a": 2, "b": 4}), "same"),
        (grading({"a": 3, "b": 4}), "raised"),
        (grading({"a": 2, "b": 3.5}), "lowered"),
        (grading({"a": 3, "b": 3}), "differs"),
        (grading({"a": 2, "b": 4}, outcome="timeout"), "differs"),
        (grading({"a": 2, "b": 4}, state="queued"), "pending"),
        (grading({}, state="running"), "pending"),
        (grading({}, state="stuck"), "unusable"),
        (grading({}, state="dropped"), "dropped"),
        (grading({"a": 2, "b": 4}, outcome="failed"), "unusable"),
        (grading({}, outcome="refused"), "unusable"),
    ],
)
def test_every_change_has_a_name(after, verdict):
    assert change(BEFORE, after).verdict == verdict


def test_a_lab_that_became_worth_more_raises_nobody_by_that_alone():
    assert change(BEFORE, grading({"a": 4, "b": 8}, max_points=20)).tests
    assert change(BEFORE, grading({"a": 4, "b": 8}, max_points=20)).verdict == "differs"
    assert change(BEFORE, grading({"a": 4, "b": 4}, max_points=20)).verdict == "lowered"


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (Standing.PASSED, Standing.FAILED, "lowered"),  # the pass mark is another
        (Standing.PASSED, Standing.REVIEW, "lowered"),  # the rubric asks for more than was marked
        (Standing.REVIEW, Standing.FAILED, "lowered"),
        (Standing.FAILED, Standing.PASSED, "raised"),
        (Standing.PASSED, Standing.PASSED, "same"),
    ],
)
def test_as_many_points_that_pass_no_more_are_a_lower_grade(before, after, verdict):
    assert change(BEFORE, BEFORE, standings=(before, after)).verdict == verdict


def test_more_points_of_the_machines_that_pass_no_more_are_a_lower_grade_too():
    higher = grading({"a": 3, "b": 4})
    assert change(BEFORE, higher, standings=(Standing.PASSED, Standing.FAILED)).verdict == "lowered"
    assert change(BEFORE, higher, standings=(Standing.PASSED, Standing.PASSED)).verdict == "raised"


def test_a_mentors_points_are_shares_of_what_the_lab_is_worth_too():
    worth_more = grading({"a": 5, "b": 10}, max_points=20)  # of the machine's own points a larger share
    assert change(BEFORE, worth_more).verdict == "raised"
    assert change(BEFORE, worth_more, review=4).verdict == "lowered"


def test_sums_that_only_differ_as_floats_do_are_the_same():
    thirds = grading({"a": 0.1, "b": 0.2}), grading({"a": 0.1, "b": 0.2})
    thirds[1].score = 0.3
    assert thirds[0].score != thirds[1].score
    assert change(*thirds).verdict == "same"


def test_tests_that_came_went_or_changed_are_told_one_by_one():
    told = change(grading({"a": 2, "b": 4, "why": None}), grading({"b": 1, "c": 3, "why": None})).tests
    assert told == [CellChange("a", 2, None), CellChange("b", 4, 1), CellChange("c", None, 3)]


def test_without_the_word_that_grades_may_fall_only_what_rises_is_replaced():
    verdicts = ("pending", "unusable", "dropped", "raised", "lowered", "differs", "same")
    assert [each for each in verdicts if is_applied(each, may_lower=False)] == ["raised"]
    assert [each for each in verdicts if is_applied(each, may_lower=True)] == ["raised", "lowered", "differs"]
    assert tally([change(BEFORE, BEFORE)] * 2)["same"] == 2
