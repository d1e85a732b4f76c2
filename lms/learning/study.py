"""Complete a lesson, answer a question."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.content.model import Course, Lesson, Question
from lms.content.quiz import Given, Verdict, judge
from lms.learning.tables import Answer, Completion


def complete(
    session: Session, person_id: int, course: Course, lesson: Lesson, release_id: int, *, now: datetime
) -> None:
    """Mark a lesson as done. Doing it twice, even at once, is doing it once."""
    completion = Completion(
        person_id=person_id, course_id=course.id, lesson_id=lesson.id, release_id=release_id, completed_at=now
    )
    try:
        with session.begin_nested():
            session.add(completion)
    except IntegrityError:
        return


def reopen(session: Session, person_id: int, lesson: Lesson) -> None:
    """Take a completion back."""
    session.execute(
        delete(Completion).where(Completion.person_id == person_id, Completion.lesson_id == lesson.id)
    )


def completed_in(session: Session, person_id: int, course: Course) -> set[str]:
    """Ids of the lessons of a course that a person completed, even while they belonged to another."""
    lessons = [lesson.id for lesson in course.lessons]
    return set(
        session.scalars(
            select(Completion.lesson_id).where(
                Completion.person_id == person_id, Completion.lesson_id.in_(lessons)
            )
        )
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


def answers_in(session: Session, person_id: int, lesson_id: str) -> dict[str, Sequence[Answer]]:
    """A person's attempts in a lesson, by question, in the order they were made."""
    rows = session.scalars(
        select(Answer).where(Answer.person_id == person_id, Answer.lesson_id == lesson_id).order_by(Answer.id)
    )
    attempts: dict[str, list[Answer]] = {}
    for row in rows:
        attempts.setdefault(row.question_id, []).append(row)
    return dict(attempts)
