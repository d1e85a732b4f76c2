"""The queue: everybody's turn comes, once; who falls silent loses it; who comes late is not believed."""

from dataclasses import asdict
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from lms.errors import Conflict
from lms.labs import queue
from lms.labs.files import executed
from lms.labs.queue import MOST_DELIVERIES, Claim
from lms.labs.report import Report
from lms.labs.tables import Grading, Submission
from lms.labs.version import grader_version
from lms.labs.waits import ahead_of
from tests.conftest import NOW
from tests.steps import at_once, hand_in, notebook

LEASE = timedelta(seconds=30)
LATER = NOW + timedelta(seconds=31)


@pytest.fixture
def queued(services, add_person):
    """Ids of the gradings of what as many people handed in, in the order they came."""
    return lambda *names: [hand_in(services, add_person(name)).grading_id for name in names]


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
    def act(grading_id):
        with services.database.reading() as session:
            return session.get_one(Grading, grading_id)

    return act


@pytest.fixture
def submission_of(services):
    def act(grading):
        with services.database.reading() as session:
            return session.get_one(Submission, grading.submission_id)

    return act


@pytest.fixture
def again(services):
    """Staff have it graded again; the new grading's id."""

    def act(submission_id):
        with services.database.transaction() as session:
            submission = session.get_one(Submission, submission_id)
            return queue.grade_again(session, services.shelf, submission, now=NOW).id

    return act


def test_who_came_first_is_served_first_unless_somebody_is_more_urgent(services, queued, claim):
    first, second, third = queued("Ada", "Bob", "Cem")
    with services.database.transaction() as session:
        session.get_one(Grading, third).priority = 1
    with services.database.reading() as session:
        assert [ahead_of(session, session.get_one(Grading, each)) for each in (third, first, second)] == [
            0, 1, 2,
        ]  # fmt: skip
    assert [claim().grading_id for _ in range(3)] == [third, first, second]
    assert claim() is None


def test_no_two_workers_ever_get_the_same(queued, claim):
    ids = queued("Ada", "Bob", "Cem", "Dea")
    held = at_once(8, lambda number: claim(f"worker {number}"))
    assert sorted(each.grading_id for each in held if each) == ids
    assert held.count(None) == 4


def test_who_falls_silent_loses_it_and_who_renews_keeps_it(services, queued, claim, free):
    queued("Ada", "Bob")
    silent, alive = claim("silent"), claim("alive")
    with services.database.transaction() as session:
        assert queue.renew(session, alive, lease=LEASE, now=NOW + timedelta(seconds=20))
    assert free(NOW + timedelta(seconds=29)) == 0
    assert free() == 1
    assert claim("next") == Claim(silent.grading_id, 2)
    with services.database.transaction() as session:
        assert not queue.renew(session, silent, lease=LEASE, now=LATER)
        assert queue.renew(session, alive, lease=LEASE, now=LATER)


def test_something_is_due_while_one_is_queued_or_its_worker_is_silent(services, queued, claim, finish):
    def is_due(now=NOW):
        with services.database.reading() as session:
            return queue.is_anything_due(session, now=now)

    assert not is_due()
    queued("Ada")
    assert is_due()
    held = claim()
    assert not is_due()
    assert is_due(LATER)
    finish(held)
    assert not is_due(LATER)


def test_what_is_brought_late_is_thrown_away(services, queued, claim, free, finish, read):
    (grading_id,) = queued("Ada")
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
    graded = read(grading_id)
    assert (graded.state, graded.score, graded.report, graded.lease_until) == ("done", 6, {"score": 6}, None)
    assert [name for name, _ in graded.phases] == ["queued", "run"]
    with services.database.reading() as session:
        assert executed(session, grading_id) == b"{}"


def test_what_costs_too_many_workers_is_set_aside_and_costs_no_attempt(
    queued, claim, free, read, submission_of
):
    (grading_id,) = queued("Ada")
    for number in range(MOST_DELIVERIES):
        assert read(grading_id).state == "queued"
        assert claim(f"victim {number}").delivery == number + 1
        assert free() == 1
    stuck = read(grading_id)
    assert (stuck.state, stuck.outcome, stuck.counted_at) == ("stuck", None, None)
    assert not submission_of(stuck).charged
    assert claim() is None


def test_grading_again_is_a_grading_of_its_own_with_as_many_tries_on_the_same_grounds(
    queued, claim, free, finish, read, submission_of, again
):
    (grading_id,) = queued("Ada")
    hung = [claim() for _ in range(MOST_DELIVERIES) if free() is not None]
    free()
    stuck = read(grading_id)
    anew = read(again(stuck.submission_id))
    assert (anew.kind, anew.state, anew.delivery, read(grading_id).state) == ("again", "queued", 0, "stuck")
    for each in ("release_id", "lab_version", "seed", "sha256", "limits", "priority"):
        assert getattr(anew, each) == getattr(stuck, each)
    assert (submission_of(anew).grading_id, submission_of(anew).charged) == (anew.id, True)
    for _ in range(MOST_DELIVERIES):
        assert claim("anew").grading_id == anew.id
        assert not any(finish(each, 1) for each in hung)
        free()
    assert read(anew.id).state == "stuck"
    assert not submission_of(anew).charged


def test_what_our_side_failed_to_grade_can_be_graded_again_and_both_are_kept(
    services, queued, claim, finish, read, submission_of, again
):
    (grading_id,) = queued("Ada")
    assert finish(claim(), 0, outcome="failed", executed=b"half")
    failed = read(grading_id)
    assert not submission_of(failed).charged
    anew = again(failed.submission_id)
    assert finish(claim(), 6, executed=b"whole")
    graded = read(anew)
    assert (graded.outcome, graded.score, submission_of(graded).charged) == ("graded", 6, True)
    assert (read(grading_id).outcome, read(grading_id).counted_at) == ("failed", NOW)
    with services.database.reading() as session:
        assert (executed(session, grading_id), executed(session, anew)) == (b"half", b"whole")


def test_what_is_graded_again_costs_no_attempt_beside_the_one_that_was_handed_in_since(
    services, claim, finish, read, submission_of, again, add_person
):
    """The lab has three attempts: the one that our side failed was given back, and used."""
    ada = add_person("Ada")
    ids = []
    for answer, outcome in (("1", "failed"), ("2", "graded"), ("3", "graded"), ("4", "graded")):
        ids.append(hand_in(services, ada, notebook(answer)).grading_id)
        finish(claim(), outcome=outcome)
    anew = again(read(ids[0]).submission_id)
    assert not submission_of(read(anew)).charged
    assert finish(claim(), 6)
    assert (read(anew).score, submission_of(read(anew)).charged) == (6, False)
    assert [submission_of(read(each)).charged for each in ids] == [False, True, True, True]
    with pytest.raises(Conflict, match="attempts of this lab are used"):
        hand_in(services, ada, notebook("5"))


def test_what_is_a_grade_is_one_rule_in_python_and_in_the_database(services, queued):
    ids = queued("Ada", "Bob", "Cem", "Dea", "Eve")
    with services.database.transaction() as session:
        gradings = [session.get_one(Grading, each) for each in ids]
        states = [
            ("done", "graded"),
            ("done", "timeout"),
            ("done", "refused"),
            ("done", "failed"),
            ("stuck", None),
        ]
        for grading, (state, outcome) in zip(gradings, states, strict=True):
            grading.state, grading.outcome = state, outcome
        session.flush()
        assert [each.is_grade for each in gradings] == [True, True, False, False, False]
        assert (
            session.scalars(select(Grading.id).where(Grading.is_grade).order_by(Grading.id)).all() == ids[:2]
        )


def test_what_has_a_grade_or_waits_for_one_is_not_graded_again(queued, claim, finish, read, again):
    (grading_id,) = queued("Ada")
    submission_id = read(grading_id).submission_id
    with pytest.raises(Conflict, match="asks for a regrade"):
        again(submission_id)
    held = claim()
    with pytest.raises(Conflict, match="asks for a regrade"):
        again(submission_id)
    finish(held)
    with pytest.raises(Conflict, match="asks for a regrade"):
        again(submission_id)


def test_a_grading_says_what_it_rests_on(services, edition, queued, claim, finish, read, submission_of):
    lab = edition.catalogue.lab_by_id["SL1"]
    (grading_id,) = queued("Ada")
    finish(claim())
    graded = read(grading_id)
    submission = submission_of(graded)
    assert (graded.release_id, graded.lab_version, graded.sha256) == (1, lab.version, submission.sha256)
    assert graded.limits == asdict(lab.limits)
    assert graded.seed == services.seed_of(submission.person_id, "SL1")
    assert graded.grader == grader_version()
    assert (graded.queued_at, graded.started_at, graded.graded_at, graded.counted_at) == (NOW,) * 4


def test_the_next_grading_is_found_in_the_index_however_many_were_done(site):
    """On SQLite, which tells its plan whatever the table holds."""
    with site.database.reading() as session:
        for query in (
            "SELECT id FROM grading WHERE state = 'queued' ORDER BY priority, id LIMIT 1",
            "SELECT id FROM grading WHERE state = 'running' AND lease_until < '2026-11-23'",
            "SELECT 1 FROM grading WHERE state IN ('queued', 'running') AND (state = 'queued' OR lease_until < '2026-11-23')",
            "SELECT count(*) FROM grading WHERE state = 'queued' AND (priority < 5 OR priority = 5 AND id < 9)",
        ):
            plan = " ".join(row.detail for row in session.execute(text(f"EXPLAIN QUERY PLAN {query}")))
            assert "ix_grading_queue (state=?" in plan
            assert "TEMP B-TREE" not in plan
