"""The queue as staff look at it: what waits, who holds what and since when, what got stuck, which graders were at work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from lms.labs.tables import Grading, Submission
from lms.labs.waits import RECENT
from lms.people.tables import Person

MOST_SHOWN = 50
UNFORTUNATE = (Grading.state == "stuck") | (Grading.outcome == "failed")


@dataclass(frozen=True)
class InQueue:
    """A grading, of whose notebook."""

    grading: Grading
    submission: Submission
    person: Person


@dataclass(frozen=True)
class Grader:
    """A worker that finished something lately: how many gradings, and when the last."""

    name: str
    count: int
    last: datetime


def counts(session: Session) -> dict[str, int]:
    """How many gradings wait and run."""
    in_work = select(Grading.state, func.count()).where(Grading.state.in_(("queued", "running")))
    return {"queued": 0, "running": 0} | dict(session.execute(in_work.group_by(Grading.state)).all())


def running(session: Session) -> list[InQueue]:
    """The longest running first."""
    return _listed(session, _rows().where(Grading.state == "running").order_by(Grading.started_at))


def waiting(session: Session) -> list[InQueue]:
    """The first MOST_SHOWN, in the order they are taken."""
    query = _rows().where(Grading.state == "queued").order_by(Grading.priority, Grading.id)
    return _listed(session, query.limit(MOST_SHOWN))


def broken(session: Session) -> list[InQueue]:
    """What learners got no grade for by our fault, the newest MOST_SHOWN first: stuck after too many tries, or failed."""
    query = _rows().where(Grading.id == Submission.grading_id, UNFORTUNATE).order_by(Grading.id.desc())
    return _listed(session, query.limit(MOST_SHOWN))


def count_broken(session: Session) -> int:
    """How many there are of them in all."""
    return session.scalar(select(func.count()).select_from(_broken().subquery())) or 0


def all_broken(session: Session) -> Sequence[Submission]:
    """All of them, who handed in first first."""
    return session.scalars(_broken().order_by(Submission.id)).all()


def graders(session: Session, *, now: datetime) -> list[Grader]:
    """Who finished something within RECENT, the latest first."""
    last = func.max(Grading.graded_at)
    rows = session.execute(
        select(Grading.worker, func.count(), last)
        .where(Grading.graded_at > now - RECENT, Grading.worker.is_not(None))
        .group_by(Grading.worker)
        .order_by(last.desc())
        .limit(MOST_SHOWN)
    )
    return [Grader(name, count, latest) for name, count, latest in rows if name and latest]


def _broken() -> Select[Submission]:
    return select(Submission).join(Grading, Grading.id == Submission.grading_id).where(UNFORTUNATE)


def _rows() -> Select[Grading, Submission, Person]:
    return (
        select(Grading, Submission, Person)
        .join(Submission, Submission.id == Grading.submission_id)
        .join(Person, Person.id == Submission.person_id)
    )


def _listed(session: Session, query: Select[Grading, Submission, Person]) -> list[InQueue]:
    return [InQueue(grading, submission, person) for grading, submission, person in session.execute(query)]
