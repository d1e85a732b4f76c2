"""What a graded submission comes to, as a table. Pure."""

import pytest

from lms.content.model import Criterion, Lab, Level, Limits
from lms.labs.marks import Standing, mark, marked_of

RUBRIC = (Criterion("why", "why", "Why?", 4, (Level(0, "no"), Level(4, "yes"))),)


def lab(points=10, auto=6, pass_mark=60):
    return Lab(
        id="L", title="L", summary="", minutes=1, skills=(), points=points, auto_points=auto, pass_mark=pass_mark, attempts=None,
        limits=Limits(), names=(), modules=(), files=(), rubric=RUBRIC if points > auto else (), path="", html="", notebook="",
        handout="", version="",
    )  # fmt: skip


AUTO, MIXED = lab(auto=10), lab()


@pytest.mark.parametrize(
    ("of", "state", "outcome", "score", "review", "standing"),
    [
        (MIXED, "queued", None, None, None, Standing.QUEUED),
        (MIXED, "running", None, None, None, Standing.RUNNING),
        (MIXED, "stuck", None, None, None, Standing.STUCK),
        (MIXED, "graded", "failed", 0, None, Standing.STUCK),
        (MIXED, "graded", "refused", 0, None, Standing.REFUSED),
        (MIXED, "graded", "graded", 6, None, Standing.REVIEW),
        (MIXED, "graded", "timeout", 0, None, Standing.REVIEW),
        (MIXED, "graded", "graded", 6, {"why": 0}, Standing.PASSED),
        (MIXED, "graded", "graded", 2, {"why": 4}, Standing.PASSED),
        (MIXED, "graded", "graded", 1, {"why": 4}, Standing.FAILED),
        (AUTO, "graded", "graded", 6, None, Standing.PASSED),
        (AUTO, "graded", "graded", 5.9, None, Standing.FAILED),
        (AUTO, "graded", "memory", 6, None, Standing.PASSED),
        (AUTO, "graded", "crashed", 0, None, Standing.FAILED),
        (MIXED, "queued", None, None, {"why": 4}, Standing.QUEUED),
    ],
)
def test_where_a_submission_stands(of, state, outcome, score, review, standing):
    assert mark(of, state=state, outcome=outcome, score=score, review=review).standing is standing


@pytest.mark.parametrize(
    ("score", "review", "points", "percent"),
    [(None, None, 0, 0), (2.5, None, 2.5, 25), (2.5, {"why": 4}, 6.5, 65), (6, {"why": 4}, 10, 100)],
)
def test_the_machines_points_and_the_mentors_are_added(score, review, points, percent):
    made = mark(MIXED, state="graded", outcome="graded", score=score, review=review)
    assert (made.points, made.max_points, made.percent) == (points, 10, percent)


def test_a_mark_for_another_rubric_counts_as_far_as_this_lab_asks_for_it():
    """A regrade may judge by a newer lab, whose rubric is another."""
    graded = {"state": "done", "outcome": "graded", "score": 2}
    for review, points in (({"why": 9}, 6), ({"why": 3, "gone": 5}, 5)):
        made = mark(MIXED, **graded, review=review)
        assert (made.points, made.standing.is_final) == (points, True)
        assert made.standing in (Standing.PASSED, Standing.FAILED)
    unmarked = mark(MIXED, **graded, review={"gone": 5})
    assert (unmarked.points, unmarked.standing) == (2, Standing.REVIEW)
    assert marked_of(MIXED, {"why": 9, "gone": 5}) == {"why": 4}
    assert marked_of(AUTO, {"why": 4}) == {}


def test_almost_never_looks_like_a_pass():
    almost = mark(lab(auto=10, pass_mark=70), state="graded", outcome="graded", score=6.99, review=None)
    assert (almost.percent, almost.standing) == (69, Standing.FAILED)


def test_a_score_in_fractions_that_reaches_the_mark_passes():
    thirds = mark(
        lab(points=3, auto=3, pass_mark=70), state="graded", outcome="graded", score=2.1, review=None
    )
    assert thirds.standing is Standing.PASSED


def test_a_page_asks_again_only_while_a_machine_works():
    assert {each for each in Standing if not each.is_final} == {Standing.QUEUED, Standing.RUNNING}
