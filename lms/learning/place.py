"""A learner in a course: the course as it is for *them*, and how far they are."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from lms.content.model import Course, Lesson
from lms.content.shelf import NOTHING_PUBLISHED, Edition, Shelf, live_release_id
from lms.errors import NotFound
from lms.learning.progress import NOTHING, Record
from lms.learning.tables import Answer, Completion, Enrolment
from lms.words import gettext as _


@dataclass(frozen=True)
class Place:
    """`edition` is the release this learner reads; `newer` the live course when it differs in what counts, else None.
    `completed` are the ids of all lessons they completed, of whichever course.
    """

    course: Course
    edition: Edition
    enrolment: Enrolment | None
    newer: Course | None
    completed: frozenset[str] = frozenset()

    def lesson(self, lesson_id: str) -> Lesson:
        """Raises NotFound."""
        for lesson in self.course.lessons:
            if lesson.id == lesson_id:
                return lesson
        raise NotFound(_("This course has no such lesson."))


_ONE = select(live_release_id().label("release_id")).subquery()
_COMPLETED = select(func.aggregate_strings(Completion.lesson_id, " ")).where(
    Completion.person_id == bindparam("person_id")
)
_WHERE = select(_ONE.c.release_id, _COMPLETED.scalar_subquery(), Enrolment).outerjoin_from(
    _ONE,
    Enrolment,
    (Enrolment.person_id == bindparam("person_id")) & (Enrolment.course_id == bindparam("course_id")),
)
"""What is live, what a person completed (ids hold no blanks) and what they began: every page of the lesson player asks for all three."""


def place_in(session: Session, shelf: Shelf, person_id: int | None, course_id: str) -> Place:
    """The course as it is for this person: as it was when they began if it has changed in what counts, else as it is today.
    Raises NotFound when it is not taught and they never began it.
    """
    row = session.execute(_WHERE, {"person_id": person_id, "course_id": course_id}).one()
    release_id, completed, enrolment = row[0], frozenset((row[1] or "").split()), row[2]
    live = shelf.edition(session, release_id) if release_id is not None else NOTHING_PUBLISHED
    course = live.catalogue.course_by_id.get(course_id)
    if enrolment is not None and (course is None or course.version != enrolment.course_version):
        edition = shelf.edition(session, enrolment.release_id)
        return Place(edition.catalogue.course_by_id[course_id], edition, enrolment, course, completed)
    if course is None:
        raise NotFound(_("There is no such course."))
    return Place(course, live, enrolment, None, completed)


def record_of(session: Session, person_id: int) -> Record:
    """What one person did, in whichever course: a lesson may have moved to another since."""
    return records_of(session, [person_id]).get(person_id, NOTHING)


def records_of(session: Session, person_ids: Iterable[int]) -> dict[int, Record]:
    """The same for many at once, in two queries, by person."""
    people = list(person_ids)
    completed: dict[int, dict[str, datetime]] = defaultdict(dict)
    earned: dict[int, dict[tuple[str, str], tuple[int, datetime]]] = defaultdict(dict)
    done = select(Completion.person_id, Completion.lesson_id, Completion.completed_at).where(
        Completion.person_id.in_(people)
    )
    right = (
        select(Answer.person_id, Answer.lesson_id, Answer.question_id, Answer.points, Answer.answered_at)
        .where(Answer.person_id.in_(people), Answer.points > 0)
        .order_by(Answer.id)
    )
    for person, lesson, at in session.execute(done):
        completed[person][lesson] = at
    for person, lesson, question, points, at in session.execute(right):
        best = earned[person].get((lesson, question))
        if best is None or points > best[0]:
            earned[person][lesson, question] = (points, at)
    return {person: Record(completed[person], earned[person]) for person in completed.keys() | earned.keys()}
