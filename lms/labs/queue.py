"""The grading queue. The submission row is the truth; there is no broker beside it.

A worker *claims* the most urgent submission and holds it by a lease that it renews while it works. A worker that falls silent
loses it: `free_the_abandoned` puts it back, or sets it aside as stuck when it has cost too many workers: every MOST_DELIVERIES-th time.
`delivery` is the fencing token and only ever grows: a worker that wakes up late finds that its delivery is no longer the current one,
and what it brings is thrown away.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, Update, delete, select, update
from sqlalchemy.orm import Session

from lms.labs.report import Report
from lms.labs.tables import Submission, SubmissionFile

MOST_DELIVERIES = 4


@dataclass(frozen=True)
class Claim:
    """The right to grade one submission, as long as the lease holds and nobody else was given it since."""

    submission_id: int
    delivery: int


def claim(session: Session, worker: str, *, lease: timedelta, now: datetime) -> Claim | None:
    """Take the most urgent submission, or None when the queue is empty. Commit at once: others wait."""
    pick = (
        select(Submission.id)
        .where(Submission.state == "queued")
        .order_by(Submission.priority, Submission.id)
        .limit(1)
        .with_for_update(skip_locked=True)  # PostgreSQL; SQLite has one writer at a time and ignores it
    )
    row = session.execute(
        update(Submission)
        .where(Submission.id == pick.scalar_subquery(), Submission.state == "queued")
        .values(state="running", delivery=Submission.delivery + 1, worker=worker, lease_until=now + lease)
        .returning(Submission.id, Submission.delivery)
    ).one_or_none()
    return None if row is None else Claim(*row)


def renew(session: Session, held: Claim, *, lease: timedelta, now: datetime) -> bool:
    """Keep the claim. False when it was lost: stop working on it."""
    return _fenced(session, held, update(Submission).values(lease_until=now + lease))


def enter_phase(session: Session, held: Claim, phase: str, *, now: datetime) -> bool:
    """Tell the page what is being done. False when the claim was lost."""
    submission = session.get(Submission, held.submission_id, with_for_update=True)
    if submission is None or submission.state != "running" or submission.delivery != held.delivery:
        return False
    submission.phases = [*submission.phases, [phase, now.isoformat()]]
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
    charged = report.outcome not in ("refused", "failed")
    values = {
        "state": "graded",
        "lease_until": None,
        "outcome": report.outcome,
        "score": report.score,
        "report": written,
        "graded_at": now,
        "charged": charged,
    }
    if not _fenced(session, held, update(Submission).values(**values)):
        return False
    # It may have been run before: our side failed afterwards, and staff had it graded again.
    session.execute(
        delete(SubmissionFile).where(
            SubmissionFile.submission_id == held.submission_id, SubmissionFile.kind == "executed"
        )
    )
    if executed is not None:
        session.add(SubmissionFile(submission_id=held.submission_id, kind="executed", data=executed))
    return True


def free_the_abandoned(session: Session, *, now: datetime) -> int:
    """Put back what silent workers held; set aside what cost too many of them, without charging an attempt. How many were freed."""
    lapsed = (Submission.state == "running") & (Submission.lease_until < now)
    stuck = session.execute(
        update(Submission)
        .where(lapsed, Submission.delivery % MOST_DELIVERIES == 0)
        .values(state="stuck", lease_until=None, charged=False)
    )
    freed = session.execute(update(Submission).where(lapsed).values(state="queued", lease_until=None))
    return _count(stuck) + _count(freed)


def retry(submission: Submission, *, now: datetime) -> None:
    """Staff give a stuck submission, or one our side failed to grade, another chance: as many deliveries as the first time."""
    # Never back to 0: a worker that hung since the first time would hold a current token again.
    submission.delivery += -submission.delivery % MOST_DELIVERIES
    submission.state, submission.charged = "queued", True
    submission.outcome, submission.score, submission.report = None, None, None
    submission.phases = [["queued", now.isoformat()]]


def _fenced(session: Session, held: Claim, change: Update) -> bool:
    result = session.execute(
        change.where(
            Submission.id == held.submission_id,
            Submission.delivery == held.delivery,
            Submission.state == "running",
        )
    )
    return _count(result) == 1


def _count(result: object) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount
