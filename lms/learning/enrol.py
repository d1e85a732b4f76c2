"""Begin a course on the release it has today; move to a newer one when the learner says so."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms import audit
from lms.content.model import Course
from lms.learning.tables import Enrolment


def enrol(session: Session, person_id: int, course: Course, release_id: int, *, now: datetime) -> Enrolment:
    """The person's enrolment in `course`, made now unless they have one. Doing it twice, even at once, is doing it once."""
    found = find_enrolment(session, person_id, course.id)
    if found is not None:
        return found
    enrolment = Enrolment(
        person_id=person_id,
        course_id=course.id,
        release_id=release_id,
        course_version=course.version,
        enrolled_at=now,
    )
    try:
        with session.begin_nested():
            session.add(enrolment)
    except IntegrityError:
        raced = find_enrolment(session, person_id, course.id)
        assert raced is not None
        return raced
    audit.record(
        session,
        "course.begun",
        f"course:{course.id}",
        actor_id=person_id,
        now=now,
        detail={"release": release_id},
    )
    return enrolment


def adopt(session: Session, enrolment: Enrolment, course: Course, release_id: int, *, now: datetime) -> None:
    """Move to the live version. What was completed and answered stays; what is new is to do."""
    audit.record(
        session,
        "course.adopted",
        f"course:{course.id}",
        actor_id=enrolment.person_id,
        now=now,
        detail={"from": enrolment.release_id, "to": release_id},
    )
    enrolment.release_id, enrolment.course_version = release_id, course.version


def find_enrolment(session: Session, person_id: int, course_id: str) -> Enrolment | None:
    return session.scalar(
        select(Enrolment).where(Enrolment.person_id == person_id, Enrolment.course_id == course_id)
    )
