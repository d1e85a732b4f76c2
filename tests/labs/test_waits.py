"""How long one waits: guessed from what others took, in honest words, and nothing where nothing is known."""

from datetime import timedelta

import pytest

from lms.labs.tables import Grading
from lms.labs.waits import History, by_hour, expected, history, waits
from lms.web.filters import about
from tests.conftest import NOW, ScriptedGrader
from tests.steps import grade_all, hand_in


def after(**given):
    return NOW + timedelta(**given)


def test_a_wait_is_the_work_before_ones_own_shared_among_the_graders_and_ones_own():
    assert expected(History((2.0, 4.0), 1), 0) == 3
    assert expected(History((2.0, 4.0), 1), 4) == 15
    assert expected(History((2.0, 4.0), 2), 4) == 9
    assert expected(History((0.1,) * 49 + (60.0,), 1), 10) > 10  # the long ones are waited for as well


def test_without_a_history_nothing_is_promised():
    assert expected(History((), 0), 0) is None
    assert expected(History((), 0), 7) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "a few seconds"),
        (5, "about 5 seconds"),
        (16, "about 20 seconds"),
        (50, "about 50 seconds"),
        (51, "about 1 minute"),
        (100, "about 2 minutes"),
        (3001, "about 1 hour"),
        (9000, "about 3 hours"),
    ],
)
def test_a_guess_is_told_as_roughly_as_it_is_known(app, seconds, words):
    with app.test_request_context():
        assert about(seconds) == words


def test_hours_without_anything_are_there_too_and_what_is_older_is_not():
    first = NOW - timedelta(hours=2)
    rows = [
        (after(minutes=1), after(minutes=1, seconds=4)),
        (after(minutes=5), after(minutes=5, seconds=1)),
        (after(minutes=9), after(minutes=9, seconds=2)),
        (after(minutes=-61), after(minutes=-61, seconds=9)),
        (after(hours=-9), after(hours=-9, seconds=90)),
    ]
    told = [(each.began, each.count, each.half, each.longest) for each in by_hour(rows, first, 3)]
    assert told == [(first, 1, 9, 9), (after(hours=-1), 0, 0, 0), (NOW, 3, 2, 4)]


def test_history_is_what_was_graded_lately_and_by_how_many(services, add_person, worker_with):
    for number in range(4):
        hand_in(services, add_person(f"P{number}"))
        grade_all(worker_with(ScriptedGrader(6), name=f"grader {number % 2}"))
    with services.database.transaction() as session:
        for grading in session.query(Grading):
            days = 3 if grading.id == 1 else 0
            grading.started_at = after(days=-days)
            grading.graded_at = after(days=-days, seconds=grading.id)
        assert history(session, now=after(minutes=1)) == History((4, 3, 2), 2)
        assert history(session, now=after(days=2)) == History((), 0)


def test_learners_waits_leave_regrades_out(services, add_person, worker_with):
    for name in ("Ada", "Bob"):
        hand_in(services, add_person(name))
    grade_all(worker_with(ScriptedGrader(6)))
    with services.database.transaction() as session:
        first, second = session.query(Grading).order_by(Grading.id)
        first.started_at, first.graded_at = after(seconds=7), after(seconds=8)
        second.started_at, second.graded_at, second.kind = after(minutes=30), after(minutes=31), "regrade"
        (hour,) = waits(session, hours=1, now=after(minutes=40))
    assert (hour.began, hour.count, hour.longest) == (NOW, 1, 7)
