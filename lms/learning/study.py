"""Complete a lesson, answer a question."""

from datetime import datetime

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.orm import Session

from lms.content.model import Course, Lesson, Question
from lms.content.quiz import Given, Verdict, judge
from lms.db import insert_once
from lms.learning.tables import Answer, Completion


def complete(
    session: Session, person_id: int, course: Course, lesson: Lesson, release_id: int, *, now: datetime
) -> None:
    """Mark a lesson as done. Doing it twice, even at once, is doing it once."""
    insert_once(
        session,
        Completion,
        person_id=person_id,
        course_id=course.id,
        lesson_id=lesson.id,
        release_id=release_id,
        completed_at=now,
    )


def reopen(session: Session, person_id: int, lesson: Lesson) -> None:
    """Take a completion back."""
    session.execute(
        delete(Completion).where(Completion.person_id == person_id, Completion.lesson_id == lesson.id)
    )


def answer(
    session: Session,
    person_id: int,
    course: Course,
    lesson: Lesson,
    question: Question,
    given: Given,
    release_id: int,
    *,
    now: datetime,
) -> Verdict:
    """Judge one attempt and keep it. Raises Invalid when nothing was answered, which is not kept."""
    verdict = judge(question, given)
    session.add(
        Answer(
            person_id=person_id,
            course_id=course.id,
            lesson_id=lesson.id,
            question_id=question.id,
            release_id=release_id,
            given=given,
            is_correct=verdict.correct,
            points=verdict.points,
            answered_at=now,
        )
    )
    session.flush()
    return verdict


_MINE = (Answer.person_id == bindparam("person_id")) & (Answer.lesson_id == bindparam("lesson_id"))
_NEWEST = select(func.max(Answer.id)).where(_MINE).group_by(Answer.question_id)
_LATEST = select(Answer).where(Answer.id.in_(_NEWEST))


def latest_answers(session: Session, person_id: int, lesson_id: str) -> dict[str, Answer]:
    """A person's newest attempt at each question of a lesson, by question."""
    rows = session.scalars(_LATEST, {"person_id": person_id, "lesson_id": lesson_id})
    return {row.question_id: row for row in rows}
