"""The submission that counts: the best passed one, else the newest; on which release, and since when."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from lms.labs.appeal import changes_of, get_regrade
from lms.labs.changes import digest
from lms.labs.marks import Standing
from lms.labs.regrade import apply, ask, graded_of_lab
from lms.labs.standings import results_of
from lms.labs.tables import Grading, Review
from tests.conftest import NOW, ScriptedGrader
from tests.steps import grade_all, hand_in, mark, notebook, publish_changed

LONG_AGO = NOW - timedelta(days=3 * 365)


@pytest.fixture
def result(services):
    def act(*people):
        with services.database.reading() as session:
            return results_of(session, services.shelf, [person.id for person in people])

    return act


def test_the_best_passed_submission_counts_and_before_one_passes_the_newest(
    services, add_person, worker_with, result
):
    ada, mentor = add_person("Ada"), add_person("Miriam", mentor=True)
    assert result(ada) == {}
    key = (ada.id, "SL1")
    told = []
    for score, points in ((0, 2), (6, 2), (6, 0)):
        submission = hand_in(services, ada, notebook(f"return {len(told)}"))
        grade_all(worker_with(ScriptedGrader(score)))
        mark(services, mentor, submission.id, points)
        told.append((result(ada)[key].submission_id, result(ada)[key].mark.percent))
    first = told[0][0]
    assert told == [(first, 20), (first + 1, 80), (first + 1, 80)]
    assert result(ada)[key].is_passed


def test_a_pass_is_as_old_as_its_mark(services, add_person, worker_with, result):
    ada, mentor = add_person("Ada"), add_person("Miriam", mentor=True)
    submission = hand_in(services, ada)
    assert result(ada)[ada.id, "SL1"].at == NOW
    grade_all(worker_with(ScriptedGrader(6)))
    assert result(ada)[ada.id, "SL1"].mark.standing is Standing.REVIEW
    mark(services, mentor, submission.id, 4, now=NOW + timedelta(days=3))
    passed = result(ada)[ada.id, "SL1"]
    assert (passed.is_passed, passed.at) == (True, NOW + timedelta(days=3))


def test_old_work_stays_old_when_it_is_graded_or_marked_again(services, add_person, worker_with, result):
    """A policy asks for evidence that is recent, and credentials print the day."""
    ada, bob, mentor = add_person("Ada"), add_person("Bob"), add_person("Miriam", mentor=True)
    key, reviews = (ada.id, "SL1"), {}
    for person, score in ((ada, 4), (bob, 1)):
        submission = hand_in(services, person)
        grade_all(worker_with(ScriptedGrader(score)))
        reviews[person.id] = mark(services, mentor, submission.id, 4, now=NOW)
    with services.database.transaction() as session:  # all of it three years ago
        session.execute(update(Grading).values(graded_at=LONG_AGO, counted_at=LONG_AGO))
        session.execute(update(Review).values(reviewed_at=LONG_AGO))
    assert (result(ada)[key].is_passed, result(ada)[key].at) == (True, LONG_AGO)
    assert not result(bob)[bob.id, "SL1"].is_passed
    with services.database.transaction() as session:
        chosen = graded_of_lab(session, "SL1")
        asked = ask(session, services.shelf, chosen, live=False, reason="Why.", by=None, now=NOW)
    grade_all(worker_with(ScriptedGrader(5)))
    with services.database.transaction() as session:
        regrade = get_regrade(session, asked.id)
        seen = digest(changes_of(session, services.shelf, regrade.id))
        apply(session, services.shelf, regrade, seen=seen, may_lower=False, by=None, now=NOW)
    both = result(ada, bob)
    assert [each.mark.percent for each in both.values()] == [90, 90]
    assert both[key].at == LONG_AGO
    assert both[bob.id, "SL1"].at == NOW  # it passed for the first time now
    for person in (ada, bob):
        submission_id = both[person.id, "SL1"].submission_id
        mark(services, mentor, submission_id, 2, seen=reviews[person.id].id, now=NOW + timedelta(days=3))
    both = result(ada, bob)
    assert [each.mark.percent for each in both.values()] == [70, 70]
    assert (both[key].at, both[bob.id, "SL1"].at) == (LONG_AGO, NOW)


def test_each_result_is_judged_by_the_release_it_was_made_on(services, add_person, worker_with, result):
    ada, bob, mentor = add_person("Ada"), add_person("Bob"), add_person("Miriam", mentor=True)
    early = hand_in(services, ada)
    release = publish_changed(services, {"labs/sl1-add/lab.yaml": ("pass_mark: 60", "pass_mark: 90")})
    late = hand_in(services, bob)
    grade_all(worker_with(ScriptedGrader(6)))
    for submission in (early, late):
        mark(services, mentor, submission.id, 2)
    both = result(ada, bob)
    assert {key[0]: (each.is_passed, each.release_id) for key, each in both.items()} == {
        ada.id: (True, 1),
        bob.id: (False, release),
    }
