"""The queue: everybody's turn comes, once; who falls silent loses it; who comes late is not believed."""

from datetime import timedelta

import pytest

from lms.labs import queue
from lms.labs.queue import MOST_DELIVERIES, Claim
from lms.labs.report import Report
from lms.labs.submit import ahead_of, file_of
from lms.labs.tables import Submission
from tests.conftest import NOW
from tests.steps import at_once, hand_in

LEASE = timedelta(seconds=30)
LATER = NOW + timedelta(seconds=31)


@pytest.fixture
def queued(services, add_person):
    """Ids of submissions by as many people, in the order they came."""
    return lambda *names: [hand_in(services, add_person(name)).id for name in names]


@pytest.fixture
def claim(services):
    def act(worker="one", now=NOW):
        with services.database.transaction() as session:
            return queue.claim(session, worker, lease=LEASE, now=now)

    return act


@pytest.fixture
def free(services):
    def act(now=LATER):
        with services.database.transaction() as session:
            return queue.free_the_abandoned(session, now=now)

    return act


@pytest.fixture
def finish(services):
    def act(held, score=6.0, outcome="graded", executed=b"{}"):
        report = Report(score, 10, outcome, ())
        with services.database.transaction() as session:
            return queue.finish(session, held, report, {"score": score}, executed, now=NOW)

    return act


@pytest.fixture
def read(services):
    def act(submission_id):
        with services.database.reading() as session:
            return session.get_one(Submission, submission_id)

    return act


def test_who_came_first_is_served_first_unless_somebody_is_more_urgent(services, queued, claim):
    first, second, third = queued("Ada", "Bob", "Cem")
    with services.database.transaction() as session:
        session.get_one(Submission, third).priority = 1
    with services.database.reading() as session:
        assert [ahead_of(session, session.get_one(Submission, each)) for each in (third, first, second)] == [
            0, 1, 2,
        ]  # fmt: skip
    assert [claim().submission_id for _ in range(3)] == [third, first, second]
    assert claim() is None


def test_no_two_workers_ever_get_the_same(queued, claim):
    ids = queued("Ada", "Bob", "Cem", "Dea")
    held = at_once(8, lambda number: claim(f"worker {number}"))
    assert sorted(each.submission_id for each in held if each) == ids
    assert held.count(None) == 4


def test_who_falls_silent_loses_it_and_who_renews_keeps_it(services, queued, claim, free):
    queued("Ada", "Bob")
    silent, alive = claim("silent"), claim("alive")
    with services.database.transaction() as session:
        assert queue.renew(session, alive, lease=LEASE, now=NOW + timedelta(seconds=20))
    assert free(NOW + timedelta(seconds=29)) == 0
    assert free() == 1
    assert claim("next") == Claim(silent.submission_id, 2)
    with services.database.transaction() as session:
        assert not queue.renew(session, silent, lease=LEASE, now=LATER)
        assert queue.renew(session, alive, lease=LEASE, now=LATER)


def test_what_is_brought_late_is_thrown_away(services, queued, claim, free, finish, read):
    (submission_id,) = queued("Ada")
    late = claim("late")
    free()
    assert not finish(late, 1)  # nobody has it now
    current = claim("current")
    assert not finish(late, 1)  # somebody else has
    with services.database.transaction() as session:
        assert not queue.enter_phase(session, late, "run", now=NOW)
        assert queue.enter_phase(session, current, "run", now=NOW)
    assert finish(current, 6)
    assert not finish(current, 2)  # it was recorded before
    assert not finish(late, 1)
    graded = read(submission_id)
    assert (graded.state, graded.score, graded.report, graded.lease_until) == (
        "graded",
        6,
        {"score": 6},
        None,
    )
    assert [name for name, _ in graded.phases] == ["queued", "run"]
    with services.database.reading() as session:
        assert file_of(session, submission_id, "executed") == b"{}"


def test_what_costs_too_many_workers_is_set_aside_and_costs_no_attempt(queued, claim, free, read):
    (submission_id,) = queued("Ada")
    for number in range(MOST_DELIVERIES):
        assert read(submission_id).state == "queued"
        assert claim(f"victim {number}").delivery == number + 1
        assert free() == 1
    stuck = read(submission_id)
    assert (stuck.state, stuck.charged, stuck.outcome) == ("stuck", False, None)
    assert claim() is None


def test_a_worker_that_hung_before_a_retry_is_not_believed_after_it(
    services, queued, claim, free, finish, read
):
    (submission_id,) = queued("Ada")
    hung = [claim() for _ in range(MOST_DELIVERIES) if free() is not None]
    free()
    with services.database.transaction() as session:
        queue.retry(session.get_one(Submission, submission_id), now=NOW)
    assert read(submission_id).charged
    for _ in range(MOST_DELIVERIES):
        current = claim("anew")
        assert not any(finish(each, 1) for each in hung)
        free()
    assert current.submission_id == submission_id
    assert read(submission_id).state == "stuck"


def test_what_our_side_failed_to_grade_can_be_graded_again_whatever_it_left_behind(
    services, queued, claim, finish, read
):
    (submission_id,) = queued("Ada")
    assert finish(claim(), 0, outcome="failed", executed=b"half")
    assert not read(submission_id).charged
    with services.database.transaction() as session:
        queue.retry(session.get_one(Submission, submission_id), now=NOW)
    assert finish(claim(), 6, executed=b"whole")
    graded = read(submission_id)
    assert (graded.outcome, graded.score, graded.charged) == ("graded", 6, True)
    with services.database.reading() as session:
        assert file_of(session, submission_id, "executed") == b"whole"
