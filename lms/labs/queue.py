"""The grading queue. The grading row is the truth; there is no broker beside it.

A worker *claims* the most urgent grading and holds it by a lease that it renews while it works. A worker that falls silent
loses it: `free_the_abandoned` puts it back, or sets it aside as stuck when it has cost MOST_DELIVERIES workers.
`delivery` is the fencing token and only ever grows: a worker that wakes up late finds that its delivery is no longer the current one,
and what it brings is thrown away.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, CursorResult, Update, exists, false, select, update
from sqlalchemy.orm import Session

from lms.content.model import Lab
from lms.content.shelf import Shelf
from lms.errors import Conflict
from lms.labs.files import EXECUTED
from lms.labs.report import Report
from lms.labs.tables import GRADELESS, Grading, GradingFile, LabWork, Submission
from lms.labs.version import grader_version
from lms.words import gettext as _

MOST_DELIVERIES = 4
LEARNER_WAITS = 5
NOBODY_WAITS = 9
"""Priorities. Lower is sooner; who came first is served first among equals."""


@dataclass(frozen=True)
class Claim:
    """The right to do one grading, as long as the lease holds and nobody else was given it since."""

    grading_id: int
    delivery: int


def enqueue(
    session: Session,
    submission: Submission,
    lab: Lab,
    release_id: int,
    *,
    kind: str,
    seed: int,
    priority: int,
    regrade_id: int | None = None,
    now: datetime,
) -> Grading:
    """Put a grading of `submission` by `lab`, as it is in that release, into the queue."""
    grading = Grading(
        submission_id=submission.id,
        regrade_id=regrade_id,
        kind=kind,
        priority=priority,
        phases=[["queued", now.isoformat()]],
        queued_at=now,
        release_id=release_id,
        lab_version=lab.version,
        seed=seed,
        sha256=submission.sha256,
        limits=msgspec.to_builtins(lab.limits),
    )
    session.add(grading)
    session.flush()
    return grading


def grade_again(session: Session, shelf: Shelf, submission: Submission, *, now: datetime) -> Grading:
    """Staff give a submission that got stuck, or that our side failed to grade, another chance: as many deliveries as the first time.

    What it rests on stays the same. It costs an attempt unless the learner handed in once more since. Raises Conflict when it was graded,
    or is in the queue.
    """
    # As in `submit`: nobody hands in meanwhile.
    session.execute(select(LabWork.id).where(LabWork.id == submission.work_id).with_for_update())
    session.refresh(submission, with_for_update=True)
    last = session.get_one(Grading, submission.grading_id)
    if last.state != "stuck" and last.outcome != "failed":
        raise Conflict(
            _(
                "This submission has a grade, or is about to get one. Whoever doubts a grade asks for a regrade."
            )
        )
    lab = shelf.edition(session, last.release_id).catalogue.lab_by_id[submission.lab_id]
    grading = enqueue(
        session,
        submission,
        lab,
        last.release_id,
        kind="again",
        seed=last.seed,
        priority=LEARNER_WAITS,
        now=now,
    )
    submission.grading_id = grading.id
    # Who handed in once more meanwhile did so on the attempt that this one gave back: both would be one more than there are.
    submission.charged = not session.scalar(
        select(
            exists().where(Submission.work_id == submission.work_id, Submission.number > submission.number)
        )
    )
    return grading


def is_anything_due(session: Session, *, now: datetime) -> bool:
    """Whether there is something to claim, or to take back from a silent worker. Only reads: an idle worker asks many times a minute."""
    due = Grading.state.in_(("queued", "running")) & ((Grading.state == "queued") | _lapsed(now))
    return bool(session.scalar(select(exists().where(due))))


def claim(session: Session, worker: str, *, lease: timedelta, now: datetime) -> Claim | None:
    """Take the most urgent grading, or None when the queue is empty. Commit at once: others wait."""
    pick = (
        select(Grading.id)
        .where(Grading.state == "queued")
        .order_by(Grading.priority, Grading.id)
        .limit(1)
        .with_for_update(skip_locked=True)  # PostgreSQL; SQLite has one writer at a time and ignores it
    )
    row = session.execute(
        update(Grading)
        .where(Grading.id == pick.scalar_subquery(), Grading.state == "queued")
        .values(
            state="running",
            delivery=Grading.delivery + 1,
            worker=worker,
            lease_until=now + lease,
            started_at=now,
        )
        .returning(Grading.id, Grading.delivery)
    ).one_or_none()
    return None if row is None else Claim(*row)


def renew(session: Session, held: Claim, *, lease: timedelta, now: datetime) -> bool:
    """Keep the claim. False when it was lost: stop working on it."""
    return _fenced(session, held, update(Grading).values(lease_until=now + lease))


def enter_phase(session: Session, held: Claim, phase: str, *, now: datetime) -> bool:
    """Tell the page what is being done. False when the claim was lost."""
    grading = session.get(Grading, held.grading_id, with_for_update=True)
    if grading is None or grading.state != "running" or grading.delivery != held.delivery:
        return False
    grading.phases = [*grading.phases, [phase, now.isoformat()]]
    return True


def finish(
    session: Session,
    held: Claim,
    report: Report,
    written: dict[str, Any],
    executed: bytes | None,
    *,
    now: datetime,
) -> bool:
    """Record the report, once. `written` is the report as JSON. False when the claim was lost: nothing was written."""
    values = {
        "state": "done",
        "lease_until": None,
        "grader": grader_version(),
        "outcome": report.outcome,
        "score": report.score,
        "report": written,
        "proved": report.proved,
        "graded_at": now,
    }
    if not _fenced(session, held, update(Grading).values(**values)):
        return False
    if executed is not None:
        session.add(GradingFile(grading_id=held.grading_id, name=EXECUTED, data=executed))
    counts = session.execute(
        update(Submission)
        .where(Submission.grading_id == held.grading_id)
        .values(charged=false() if report.outcome in GRADELESS else Submission.charged)
    )
    if _count(counts):
        session.execute(update(Grading).where(Grading.id == held.grading_id).values(counted_at=now))
    return True


def put_back(session: Session, held: Claim, *, spared: bool, now: datetime) -> bool:
    """Give the claim up: back into the queue, or aside when it has cost too many. A delivery that is `spared` does not count among them:
    it never began, and that was nothing the grading did. False when the claim was lost already.
    """
    lapses = {"lease_until": now - timedelta(seconds=1), "spared": Grading.spared + int(spared)}
    if not _fenced(session, held, update(Grading).values(**lapses)):
        return False
    free_the_abandoned(session, now=now)
    return True


def free_the_abandoned(session: Session, *, now: datetime) -> int:
    """Put back what silent workers held; set aside what cost too many of them, without charging an attempt. How many were freed."""
    lapsed = _lapsed(now)
    stuck = session.scalars(
        update(Grading)
        .where(lapsed, Grading.delivery - Grading.spared >= MOST_DELIVERIES)
        .values(state="stuck", lease_until=None)
        .returning(Grading.id)
    ).all()
    if stuck:
        session.execute(update(Submission).where(Submission.grading_id.in_(stuck)).values(charged=False))
    freed = session.execute(update(Grading).where(lapsed).values(state="queued", lease_until=None))
    return len(stuck) + _count(freed)


def _lapsed(now: datetime) -> ColumnElement[bool]:
    return (Grading.state == "running") & (Grading.lease_until < now)


def _fenced(session: Session, held: Claim, change: Update) -> bool:
    result = session.execute(
        change.where(
            Grading.id == held.grading_id, Grading.delivery == held.delivery, Grading.state == "running"
        )
    )
    return _count(result) == 1


def _count(result: object) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount
