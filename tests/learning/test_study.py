"""Completions and answers: kept once, kept all, or not kept."""

import pytest
from sqlalchemy import func, select

from lms.demo import right_answer
from lms.errors import Invalid
from lms.learning.enrol import enrol
from lms.learning.place import place_in, record_of, records_of
from lms.learning.progress import progress
from lms.learning.study import answer, complete, latest_answers, reopen
from lms.learning.tables import Answer, Completion
from tests.conftest import NOW, new_person
from tests.steps import at_once, study


def questions(course):
    return {question.id: (lesson, question) for lesson in course.lessons for question in lesson.questions}


def test_completing_a_lesson_many_times_at_once_is_completing_it_once(services, add_person, course):
    ada = add_person("Ada")

    def act(_number):
        with services.database.transaction() as session:
            complete(session, ada.id, course, course.lessons[0], 1, now=NOW)

    assert at_once(5, act) == [None] * 5
    with services.database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Completion)) == 1
        assert record_of(session, ada.id).completed == {"S01-1": NOW}
        reopen(session, ada.id, course.lessons[0])
        assert record_of(session, ada.id).completed == {}


def test_every_answer_is_kept_in_order_and_the_best_one_counts(services, add_person, course):
    ada, bob = add_person("Ada"), add_person("Bob")
    lesson, bill = questions(course)["bill"]
    with services.database.transaction() as session:
        for typed in ("5", "6", "7"):
            answer(session, ada.id, course, lesson, bill, typed, 1, now=NOW)
    with services.database.reading() as session:
        kept = session.scalars(select(Answer).where(Answer.person_id == ada.id).order_by(Answer.id))
        assert [(each.given, each.is_correct, each.release_id) for each in kept] == [
            ("5", False, 1), ("6", True, 1), ("7", False, 1),
        ]  # fmt: skip
        assert latest_answers(session, ada.id, lesson.id)["bill"].given == "7"
        assert record_of(session, ada.id).earned == {(lesson.id, "bill"): (bill.points, NOW)}
        assert latest_answers(session, bob.id, lesson.id) == {}
        assert record_of(session, bob.id).earned == {}


def test_what_is_no_answer_is_not_kept(site):
    ada = new_person(site, "Ada")
    with site.database.transaction() as session:
        course = site.shelf.live(session).catalogue.course_by_id["S01"]
        known = questions(course)
        nonsense = {"first": "no-such-option", "which": [], "bill": "six", "order": ["x"], "word": "  "}
        assert set(nonsense) == set(known)
        for name, given in nonsense.items():
            with pytest.raises(Invalid):
                answer(session, ada.id, course, *known[name], given, 1, now=NOW)
        assert session.scalar(select(func.count()).select_from(Answer)) == 0
        for lesson, question in known.values():
            assert answer(
                session, ada.id, course, lesson, question, right_answer(question), 1, now=NOW
            ).correct
        assert session.scalar(select(func.count()).select_from(Answer)) == len(known)


def test_studying_everything_is_being_through_and_nobody_elses(services, add_person, course):
    ada, bob = add_person("Ada"), add_person("Bob")
    study(services, ada)
    with services.database.reading() as session:
        assert progress(course, record_of(session, ada.id)).studied_at == NOW
        assert records_of(session, [ada.id, bob.id]).keys() == {ada.id}


def test_a_lesson_that_moves_to_another_course_takes_what_was_done_in_it_along(
    services, add_person, course, publish_with
):
    ada = add_person("Ada")
    study(services, ada)
    release = publish_with(
        {
            "courses/s01-first/course.md": ("id: S01\n", "id: S02\n"),
            "courses/tracks.yaml": ("[S01]", "[S02]"),
            "courses/readiness.yaml": ("[S01]", "[S02]"),
        }
    )
    with services.database.transaction() as session:
        moved = services.shelf.live(session).catalogue.course_by_id["S02"]
        enrol(session, ada.id, moved, release, now=NOW)
        complete(session, ada.id, moved, moved.lessons[0], release, now=NOW)
        assert place_in(session, services.shelf, ada.id, "S02").completed == {"S01-1", "S01-2"}
        told = progress(moved, record_of(session, ada.id))
        assert (told.lessons_done, told.points) == (2, told.points_total)
