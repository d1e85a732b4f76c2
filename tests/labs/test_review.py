"""What a person marks: by the rubric's levels, never one's own or a colleague's work, and nothing over another's head."""

import pytest
from sqlalchemy import func, select

from lms.errors import Conflict, Invalid, NotFound
from lms.labs.regrade import ask
from lms.labs.review import access_submission, latest_review, review, reviews_of, waiting_for_review
from lms.labs.tables import Grading, Review, Submission
from tests.conftest import NOW, ScriptedGrader
from tests.steps import (
    at_once,
    company,
    grade_all,
    grading_of,
    hand_in,
    mark,
    notebook,
    publish_changed,
    viewer_of,
)


@pytest.fixture
def mentor(add_person):
    return add_person("Miriam", mentor=True)


@pytest.fixture
def graded(services, worker_with):
    """Hands a notebook in for somebody and has it graded; its id."""

    def act(person, answer="return a + b", outcome="graded"):
        submission = hand_in(services, person, notebook(answer))
        grade_all(worker_with(ScriptedGrader(6, outcome=outcome)))
        return submission.id

    return act


def waiting(services, person):
    with services.database.reading() as session:
        found = waiting_for_review(session, services.shelf, viewer_of(services, person))
        return [(each.submission.id, each.person.name) for each in found]


def test_a_mark_is_one_of_the_rubrics_levels_for_each_criterion(services, add_person, mentor, graded):
    submission_id = graded(add_person("Ada"))
    for wrong in (None, 1, 5, -2):
        with pytest.raises(Invalid) as refusal:
            mark(services, mentor, submission_id, wrong)
        assert set(refusal.value.fields) == {"why"}
    made = mark(services, mentor, submission_id, 2, comment="  Say more.  ")
    assert (made.points, made.comment, made.mentor_id) == ({"why": 2}, "Say more.", mentor.id)


def test_what_no_rubric_asks_for_is_not_kept(services, add_person, mentor, graded):
    submission_id = graded(add_person("Ada"))
    with services.database.transaction() as session:
        submission = session.get_one(Submission, submission_id)
        lab = services.shelf.live(session).catalogue.lab_by_id["SL1"]
        made = review(
            session,
            viewer_of(services, mentor),
            submission,
            lab,
            {"why": 4, "bribe": 100},
            "x" * 9000,
            seen=0,
            beside=submission.grading_id,
            now=NOW,
        )
        assert made.points == {"why": 4}
        assert len(made.comment) == 8000


def test_the_second_of_two_mentors_is_told_and_may_then_disagree(services, add_person, mentor, graded):
    submission_id, other = graded(add_person("Ada")), add_person("Mateo", mentor=True)
    first = mark(services, mentor, submission_id, 4)
    with pytest.raises(Conflict, match="while you were reading"):
        mark(services, other, submission_id, 0)
    second = mark(services, other, submission_id, 0, seen=first.id)
    with services.database.reading() as session:
        assert latest_review(session, submission_id).id == second.id
        assert reviews_of(session, [submission_id, 999])[submission_id].id == second.id
        assert session.scalar(select(func.count()).select_from(Review)) == 2


def test_nobody_marks_beside_a_grading_they_have_not_seen(services, add_person, mentor, graded):
    """A regrade that was applied since may judge by another rubric."""
    submission_id = graded(add_person("Ada"))
    shown = grading_of(services, submission_id).id
    with services.database.transaction() as session:
        asked = ask(
            session,
            services.shelf,
            [session.get_one(Submission, submission_id)],
            live=False,
            reason="Why.",
            by=None,
            now=NOW,
        )
        grading = session.scalars(select(Grading).where(Grading.regrade_id == asked.id)).one()
        grading.state, grading.outcome, grading.score = "done", "graded", 5
        session.get_one(Submission, submission_id).grading_id = grading.id
    with pytest.raises(Conflict, match="graded anew while you were reading"):
        mark(services, mentor, submission_id, beside=shown)
    assert mark(services, mentor, submission_id).grading_id != shown


def test_of_several_mentors_at_once_one_marks(services, add_person, mentor, graded):
    submission_id = graded(add_person("Ada"))
    mentors = [mentor, *(add_person(name, mentor=True) for name in ("Mateo", "Mina"))]
    results = at_once(3, lambda number: mark(services, mentors[number], submission_id, 2))
    assert sum(isinstance(each, Review) for each in results) == 1
    assert sum(isinstance(each, Conflict) for each in results) == 2


def test_nobody_marks_their_own_work_or_a_colleagues_whatever_else_they_are(
    services, add_person, mentor, graded
):
    ada, partial = add_person("Ada"), add_person("Marta", mentor=True, staff=True)
    company(services, "Nordlys", members=[ada, partial])
    own, theirs = graded(partial), graded(ada)
    assert waiting(services, mentor) == [(own, "Marta"), (theirs, "Ada")]
    assert waiting(services, partial) == []
    for submission_id in (own, theirs):
        with pytest.raises(NotFound):
            mark(services, partial, submission_id)
        assert mark(services, mentor, submission_id)


def test_only_mentors_mark(services, add_person, mentor, graded):
    submission_id = graded(add_person("Ada"))
    with pytest.raises(NotFound):
        mark(services, add_person("Sofia", staff=True), submission_id)
    assert mark(services, mentor, submission_id)


def test_there_is_nothing_to_mark_before_it_is_graded(services, add_person, mentor, graded, worker_with):
    submission = hand_in(services, add_person("Ada"))
    refused = [submission.id]
    with pytest.raises(Conflict, match="nothing to mark"):
        mark(services, mentor, submission.id)
    grade_all(worker_with(ScriptedGrader(6)))
    refused = [graded(add_person("Bob"), outcome="refused"), graded(add_person("Cem"), outcome="failed")]
    for submission_id in refused:
        with pytest.raises(Conflict, match="nothing to mark"):
            mark(services, mentor, submission_id)
    assert mark(services, mentor, submission.id)


def test_a_mark_remembers_what_the_machine_had_said_beside_it(services, add_person, mentor, graded):
    submission_id = graded(add_person("Ada"))
    assert mark(services, mentor, submission_id).grading_id == grading_of(services, submission_id).id


def test_only_each_learners_newest_waits_for_a_mark(services, add_person, mentor, graded):
    ada, bob = add_person("Ada"), add_person("Bob")
    graded(ada)
    (bobs, newer) = (graded(bob), graded(ada, "return 1"))
    assert waiting(services, mentor) == [(bobs, "Bob"), (newer, "Ada")]
    mark(services, mentor, newer)
    assert waiting(services, mentor) == [(bobs, "Bob")]
    graded(bob, "return 2", outcome="failed")
    assert waiting(services, mentor) == [(bobs, "Bob")]


def test_a_submission_opens_to_its_learner_mentors_and_staff_and_is_the_same_404_to_others(
    services, add_person, mentor, graded
):
    ada, colleague, stranger = add_person("Ada"), add_person("Marta", mentor=True), add_person("Eve")
    company(services, "Nordlys", leads=[colleague], members=[ada])
    submission_id = graded(ada)
    with services.database.reading() as session:
        for person in (ada, mentor, add_person("Sofia", staff=True)):
            assert access_submission(session, viewer_of(services, person), submission_id).id == submission_id
        with pytest.raises(NotFound) as missing:
            access_submission(session, viewer_of(services, mentor), submission_id + 1000)
        for person in (stranger, colleague):
            with pytest.raises(NotFound) as closed:
                access_submission(session, viewer_of(services, person), submission_id)
            assert closed.value.message == missing.value.message


def test_written_work_for_a_lab_that_is_taught_no_more_still_reaches_a_mentor(
    services, add_person, mentor, graded
):
    submission_id = graded(add_person("Ada"))
    publish_changed(
        services,
        {
            "courses/s01-first/02-counting.md": ("labs: [SL1]\n", ""),
            "courses/readiness.yaml": ("        labs: [SL1]\n", ""),
            "labs/sl1-add/lab.yaml": ("id: SL1", "id: SL2"),
        },
    )
    with services.database.reading() as session:
        assert "SL1" not in services.shelf.live(session).catalogue.lab_by_id
    assert waiting(services, mentor) == [(submission_id, "Ada")]
