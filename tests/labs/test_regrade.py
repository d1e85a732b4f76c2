"""Grades looked at again: on the same grounds or by the lab as it is taught now; what counts is decided, and nothing falls by accident."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lms.audit import AuditEvent
from lms.errors import Conflict, Invalid, NotFound
from lms.labs.appeal import changes_of, counted, get_regrade, latest_regrades, progress_of
from lms.labs.changes import digest
from lms.labs.marks import Standing
from lms.labs.queue import LEARNER_WAITS, claim
from lms.labs.regrade import apply, ask, close, graded_of_lab, graded_submission
from lms.labs.review import latest_review, to_look_at_again
from lms.labs.standings import results_of
from lms.labs.tables import Grading, Regrade, Submission
from tests.conftest import NOW, SAMPLE, ScriptedGrader
from tests.steps import at_once, grade_all, grading_of, hand_in, mark, publish_changed, viewer_of
from tests.web.conftest import counted as statements_of


@pytest.fixture
def graded(services, add_person, worker_with):
    """Hands in for as many people as there are scores, each graded with theirs; the submissions' ids."""

    def act(*scores, outcome="graded"):
        made = [hand_in(services, add_person(f"P{number}{score}")).id for number, score in enumerate(scores)]
        grade_all(worker_with(ScriptedGrader(*scores, outcome=outcome)))
        return made

    return act


@pytest.fixture
def asked(services):
    def act(lab_id="SL1", *, live=False, reason="A test was wrong.", by=None):
        with services.database.transaction() as session:
            chosen = graded_of_lab(session, lab_id)
            return ask(session, services.shelf, chosen, live=live, reason=reason, by=by, now=NOW)

    return act


@pytest.fixture
def applied(services):
    """Lets it count as it looks now, or as it was `seen`."""

    def act(regrade, *, may_lower, by=None, seen=None):
        seen = seen or as_shown(services, regrade)
        with services.database.transaction() as session:
            found = get_regrade(session, regrade.id)
            done = apply(
                session, services.shelf, found, seen=seen, may_lower=may_lower, by=by, now=datetime.now(UTC)
            )
            return dict(done)

    return act


def scores(services, ids):
    return [grading_of(services, each).score for each in ids]


def as_shown(services, regrade):
    with services.database.reading() as session:
        return digest(changes_of(session, services.shelf, regrade.id))


def verdicts(services, regrade):
    with services.database.reading() as session:
        return [each.verdict for each in changes_of(session, services.shelf, regrade.id)]


def test_nothing_counts_before_it_is_applied_and_then_what_rises(
    services, graded, asked, applied, worker_with
):
    ids = graded(2, 6, 4, 4)
    regrade = asked()
    with services.database.reading() as session:
        assert progress_of(session, regrade.id) == (0, 4)
    grade_all(worker_with(ScriptedGrader(5, 3, 4, 6)))
    assert scores(services, ids) == [2, 6, 4, 4]
    assert verdicts(services, regrade) == ["raised", "lowered", "same", "raised"]
    assert applied(regrade, may_lower=False) == {"raised": 2}
    assert scores(services, ids) == [5, 6, 4, 6]
    assert verdicts(services, regrade) == ["raised", "lowered", "same", "raised"]  # told as it was decided on


def test_grades_fall_only_when_somebody_says_so(services, graded, asked, applied, worker_with, add_person):
    sofia = add_person("Sofia", staff=True)
    ids = graded(2, 6)
    regrade = asked(by=sofia.id)
    grade_all(worker_with(ScriptedGrader(5, 3)))
    assert applied(regrade, may_lower=True, by=sofia.id) == {"raised": 1, "lowered": 1}
    assert scores(services, ids) == [5, 3]
    with services.database.reading() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "grade.changed")).all()
        told = [
            (each.actor_id, each.detail["before"], each.detail["after"], each.detail["reason"])
            for each in events
        ]
        decided = session.scalars(select(AuditEvent).where(AuditEvent.action == "regrade.applied")).one()
    assert told == [(sofia.id, 2, 5, "A test was wrong."), (sofia.id, 6, 3, "A test was wrong.")]
    assert decided.detail == {"may_lower": True, "applied": {"raised": 1, "lowered": 1}}


def test_every_grade_there_was_is_kept_with_why_it_came_about(services, graded, asked, applied, worker_with):
    (submission_id,) = graded(2)
    for score, reason in ((4, "First thought."), (6, "Second thought.")):
        regrade = asked(reason=reason)
        grade_all(worker_with(ScriptedGrader(score)))
        applied(regrade, may_lower=False)
    with services.database.reading() as session:
        told = [
            (grading.score, regrade and regrade.reason)
            for grading, regrade in counted(session, submission_id)
        ]
    assert told == [(6, "Second thought."), (4, "First thought."), (2, None)]
    with services.database.reading() as session, statements_of(services.database) as statements:
        counted(session, submission_id)
    assert statements
    assert not any("report" in each for each in statements)  # large, and shown of one only


def test_a_regrade_rests_on_what_the_grade_rested_on(services, graded, asked, worker_with):
    (submission_id,) = graded(2)
    first = grading_of(services, submission_id)
    publish_changed(services, {"labs/sl1-add/lab.yaml": ("pass_mark: 60", "pass_mark: 90")})
    regrade = asked()
    grade_all(worker_with(grader := ScriptedGrader(2)))
    with services.database.reading() as session:
        (change,) = changes_of(session, services.shelf, regrade.id)
    for each in ("release_id", "lab_version", "seed", "sha256", "limits"):
        assert getattr(change.after, each) == getattr(first, each)
    assert grader.jobs[0].lab.pass_mark == 60


def test_by_the_lab_as_it_is_taught_now_it_is_judged_by_that_in_every_way(
    services, graded, asked, applied, worker_with, add_person
):
    (submission_id,) = graded(2)
    newer = publish_changed(services, {"labs/sl1-add/lab.yaml": ("pass_mark: 60", "pass_mark: 90")})
    regrade = asked(live=True)
    assert regrade.release_id == newer
    grade_all(worker_with(grader := ScriptedGrader(5)))
    assert grader.jobs[0].lab.pass_mark == 90
    applied(regrade, may_lower=False)
    mark(services, add_person("Miriam", mentor=True), submission_id, 2)
    with services.database.reading() as session:
        submission = session.get_one(Submission, submission_id)
        (result,) = results_of(session, services.shelf, [submission.person_id]).values()
    assert (submission.release_id, result.release_id, result.mark.percent, result.is_passed) == (
        1,
        newer,
        70,
        False,
    )


def test_a_pass_mark_that_rose_lowers_who_passes_no_more_whatever_the_machine_gives(
    services, graded, asked, applied, worker_with, add_person
):
    mentor = add_person("Miriam", mentor=True)
    ids = graded(5, 2)
    for each in ids:
        mark(services, mentor, each, 2)
    publish_changed(services, {"labs/sl1-add/lab.yaml": ("pass_mark: 60", "pass_mark: 90")})
    regrade = asked(live=True)
    grade_all(worker_with(ScriptedGrader(6, 6)))
    assert verdicts(services, regrade) == ["lowered", "raised"]  # 7 of 10 passed; 8 of 10 pass no more
    with services.database.reading() as session:
        told = [
            (
                each.mark_before.percent,
                each.mark_before.standing,
                each.mark_after.percent,
                each.mark_after.standing,
            )
            for each in changes_of(session, services.shelf, regrade.id)
        ]
    assert told == [(70, Standing.PASSED, 80, Standing.FAILED), (40, Standing.FAILED, 80, Standing.FAILED)]
    assert applied(regrade, may_lower=False) == {"raised": 1}
    assert scores(services, ids) == [5, 6]


def test_learners_always_come_first(services, graded, asked, add_person):
    graded(2, 3)
    asked()
    late = hand_in(services, add_person("Late"))
    with services.database.transaction() as session:
        held = claim(session, "one", lease=timedelta(seconds=9), now=NOW)
        assert session.get_one(Grading, held.grading_id).submission_id == late.id
        assert session.get_one(Grading, held.grading_id).priority == LEARNER_WAITS


def test_a_regrade_that_our_side_fails_changes_nothing_and_costs_nobody_an_attempt(
    services, graded, asked, applied, worker_with
):
    (submission_id,) = graded(6)
    regrade = asked()
    grade_all(worker_with(ScriptedGrader(RuntimeError("no disk"))))
    assert verdicts(services, regrade) == ["unusable"]
    assert applied(regrade, may_lower=True) == {}
    assert scores(services, [submission_id]) == [6]
    with services.database.reading() as session:
        assert session.get_one(Submission, submission_id).charged


def test_what_is_not_graded_through_cannot_be_applied_and_what_is_closed_stays_closed(
    services, graded, asked, applied, worker_with
):
    ids = graded(2, 2)
    regrade, other = asked(), asked()
    with pytest.raises(Conflict, match="2 are still to be graded"):
        applied(regrade, may_lower=False)
    with services.database.transaction() as session:
        close(session, get_regrade(session, other.id), by=None, now=NOW)
    assert grade_all(worker_with(ScriptedGrader(6))) == 2  # nobody does what was dropped
    assert verdicts(services, other) == ["dropped"] * 2
    with pytest.raises(Conflict, match="closed"):
        applied(other, may_lower=True)
    applied(regrade, may_lower=False)
    assert scores(services, ids) == [6, 6]
    with pytest.raises(Conflict, match="closed"):
        applied(regrade, may_lower=True)


def test_of_two_regrades_of_one_lab_the_second_lowers_nothing_that_nobody_was_shown(
    services, graded, asked, applied, worker_with, add_person
):
    (submission_id,) = graded(2)
    first, second, third = asked(), asked(), asked()
    grade_all(worker_with(ScriptedGrader(6, 4, 6)))
    shown = as_shown(services, second)
    assert verdicts(services, second) == ["raised"]
    applied(first, may_lower=False)
    assert verdicts(services, second) == ["lowered"]  # from the 6 that count by now
    with pytest.raises(Conflict, match="changed while you were reading"):
        applied(second, may_lower=True, seen=shown)
    assert scores(services, [submission_id]) == [6]
    shown = as_shown(services, third)
    mark(services, add_person("Miriam", mentor=True), submission_id, 2)
    assert applied(third, may_lower=True, seen=shown) == {}  # a mark that changes no verdict is no obstacle
    assert applied(second, may_lower=True) == {"lowered": 1}
    assert scores(services, [submission_id]) == [4]


def test_of_two_who_decide_at_once_one_decides(services, graded, asked, applied, worker_with):
    graded(2, 6)
    regrade = asked()
    grade_all(worker_with(ScriptedGrader(5, 3)))
    results = at_once(4, lambda number: applied(regrade, may_lower=number % 2 == 0))
    assert sum(isinstance(each, Conflict) for each in results) == 3


def test_a_mentors_mark_stays_and_mentors_are_shown_that_it_stands_beside_another_grade(
    services, graded, asked, applied, worker_with, add_person
):
    mentor = add_person("Miriam", mentor=True)
    changed, unchanged = graded(2, 6)
    reviews = [mark(services, mentor, each, 2) for each in (changed, unchanged)]
    regrade = asked()
    grade_all(worker_with(ScriptedGrader(5, 6)))
    applied(regrade, may_lower=False)

    def shown():
        with services.database.reading() as session:
            found = to_look_at_again(session, services.shelf, viewer_of(services, mentor))
            return [(each.submission.id, each.grading.score) for each in found]

    assert shown() == [(changed, 5)]
    with services.database.reading() as session:
        assert [latest_review(session, each).id for each in (changed, unchanged)] == [
            each.id for each in reviews
        ]
    mark(services, mentor, changed, 4, seen=reviews[0].id)
    assert shown() == []


def test_what_asks_for_nothing_written_any_more_is_no_mentors_to_look_at_again(
    services, graded, asked, applied, worker_with, add_person
):
    mentor = add_person("Miriam", mentor=True)
    (submission_id,) = graded(2)
    mark(services, mentor, submission_id, 2)
    settings = (SAMPLE / "labs/sl1-add/lab.yaml").read_text()
    before, after = settings.partition("rubric:")[0], settings.partition("evidence:")[2]
    notebook = json.loads((SAMPLE / "labs/sl1-add/lab.ipynb").read_bytes())
    notebook["cells"] = [
        each for each in notebook["cells"] if each["metadata"].get("nbgrader", {}).get("grade_id") != "why"
    ]
    publish_changed(
        services,
        {
            "labs/sl1-add/lab.yaml": (
                before.replace("points: 10", "points: 6") + "evidence:" + after
            ).encode(),
            "labs/sl1-add/lab.ipynb": json.dumps(notebook).encode(),
        },
    )
    regrade = asked(live=True)
    grade_all(worker_with(ScriptedGrader(6)))
    applied(regrade, may_lower=False)
    assert scores(services, [submission_id]) == [6]
    with services.database.reading() as session:
        assert to_look_at_again(session, services.shelf, viewer_of(services, mentor)) == []
        (change,) = changes_of(session, services.shelf, regrade.id)
    assert (change.mark_after.points, change.mark_after.max_points) == (
        6,
        6,
    )  # and what was marked counts no more


def test_only_what_has_a_grade_can_be_questioned(services, graded, add_person, worker_with, asked):
    with pytest.raises(Conflict, match="Nobody has a grade"):
        asked()
    (submission_id,) = graded(6)
    failed = hand_in(services, add_person("Ada")).id
    grade_all(worker_with(ScriptedGrader(RuntimeError("no disk"))))
    queued = hand_in(services, add_person("Bob")).id
    with services.database.reading() as session:
        assert graded_submission(session, submission_id).id == submission_id
        assert [each.id for each in graded_of_lab(session, "SL1")] == [submission_id]
        for each in (failed, queued):
            with pytest.raises(Conflict, match="no grade yet"):
                graded_submission(session, each)
        with pytest.raises(NotFound):
            graded_submission(session, 999)


def test_a_regrade_needs_a_reason_and_a_lab_that_is_taught(services, graded, asked):
    graded(6)
    with pytest.raises(Invalid) as refusal:
        asked(reason="  ")
    assert set(refusal.value.fields) == {"reason"}
    publish_changed(
        services,
        {
            "courses/s01-first/02-counting.md": ("labs: [SL1]\n", ""),
            "courses/readiness.yaml": ("        labs: [SL1]\n", ""),
            "labs/sl1-add/lab.yaml": ("id: SL1", "id: SL2"),
        },
    )
    with pytest.raises(Invalid, match="taught no more"):
        asked(live=True)
    assert asked().release_id is None
    with services.database.reading() as session:
        assert [(each.lab_id, who, count) for each, who, count in latest_regrades(session, 9)] == [
            ("SL1", None, 1)
        ]
        assert session.scalar(select(Regrade.reason)) == "A test was wrong."
