"""Grade anew what was graded, look at what would change, and only then let it count. Nothing is lowered unless somebody says so."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms import audit
from lms.content.shelf import Shelf
from lms.errors import Conflict, Invalid, NotFound
from lms.labs.appeal import changes_of
from lms.labs.changes import Verdict, digest, is_applied
from lms.labs.queue import NOBODY_WAITS, enqueue
from lms.labs.tables import Grading, Regrade, Submission
from lms.words import gettext as _
from lms.words import ngettext


def graded_of_lab(session: Session, lab_id: str) -> list[Submission]:
    """Every submission of a lab that has a grade. What got stuck or failed is graded again, not regraded."""
    graded = (
        select(Submission)
        .join(Grading, Grading.id == Submission.grading_id)
        .where(Submission.lab_id == lab_id, Grading.is_grade)
        .order_by(Submission.id)
    )
    return list(session.scalars(graded))


def graded_submission(session: Session, submission_id: int) -> Submission:
    """Raises NotFound, and Conflict when it has no grade."""
    submission = session.get(Submission, submission_id)
    if submission is None:
        raise NotFound(_("There is no submission %(number)s.", number=submission_id))
    grading = session.get_one(Grading, submission.grading_id)
    if not grading.is_grade:
        raise Conflict(
            _("Submission %(number)s has no grade yet that could be questioned.", number=submission_id)
        )
    return submission


def ask(
    session: Session,
    shelf: Shelf,
    submissions: Sequence[Submission],
    *,
    live: bool,
    reason: str,
    by: int | None,
    now: datetime,
) -> Regrade:
    """Queue a grading of each of `submissions`, all of one lab, behind everything that learners wait for. With `live` by the lab as it is
    taught now, else by the release each was handed in for; seeds stay as they were.

    Raises Invalid without a reason, and with `live` for a lab that is taught no more; Conflict when there is nothing to grade.
    """
    reason = reason.strip()
    if not reason:
        raise Invalid(
            _("Say why: learners whose grade changes read it."),
            {"reason": _("Say why: learners whose grade changes read it.")},
        )
    if not submissions:
        raise Conflict(_("Nobody has a grade in this lab: there is nothing to grade anew."))
    lab_id = submissions[0].lab_id
    edition = shelf.live(session) if live else None
    if edition is not None and lab_id not in edition.catalogue.lab_by_id:
        raise Invalid(
            _("%(lab)s is taught no more.", lab=lab_id),
            {"basis": _("This lab is taught no more: grade by the versions that were handed in for.")},
        )
    regrade = Regrade(
        lab_id=lab_id,
        release_id=edition.id if edition else None,
        reason=reason[:1000],
        asked_by=by,
        asked_at=now,
    )
    session.add(regrade)
    session.flush()
    seeds = dict(
        session.execute(
            select(Submission.id, Grading.seed)
            .join(Grading, Grading.id == Submission.grading_id)
            .where(Submission.id.in_([each.id for each in submissions]))
        ).all()
    )
    for submission in submissions:
        release = edition or shelf.edition(session, submission.release_id)
        enqueue(
            session,
            submission,
            release.catalogue.lab_by_id[lab_id],
            release.id,
            kind="regrade",
            seed=seeds[submission.id],
            priority=NOBODY_WAITS,
            regrade_id=regrade.id,
            now=now,
        )
    detail = {
        "lab": lab_id,
        "submissions": len(submissions),
        "release": regrade.release_id,
        "reason": regrade.reason,
    }
    audit.record(session, "regrade.asked", f"regrade:{regrade.id}", actor_id=by, now=now, detail=detail)
    return regrade


def apply(
    session: Session,
    shelf: Shelf,
    regrade: Regrade,
    *,
    seen: str,
    may_lower: bool,
    by: int | None,
    now: datetime,
) -> Counter[Verdict]:
    """Let the new gradings count: those that raise a grade, and with `may_lower` those that lower or shift one. Marks by mentors stay as
    they are. What came of each. `seen` is the labs.changes.digest of what was shown to whoever decides: of two regrades of one lab the
    second must not lower what nobody was shown. Raises Conflict when that changed, when it is closed already, or not graded through.
    """
    _lock(session, regrade)
    session.execute(
        select(Submission.id)
        .join(Grading, Grading.submission_id == Submission.id)
        .where(Grading.regrade_id == regrade.id)
        .order_by(Submission.id)
        .with_for_update(of=Submission)
    )
    changes = changes_of(session, shelf, regrade.id)
    pending = sum(each.verdict == "pending" for each in changes)
    if pending:
        raise Conflict(
            ngettext(
                "One is still to be graded: wait for it, then apply.",
                "%(num)s are still to be graded: wait for them, then apply.",
                pending,
            )
        )
    if digest(changes) != seen:
        raise Conflict(
            _(
                "Grades or marks of these notebooks changed while you were reading. Look at what would change now, then decide."
            )
        )
    applied: Counter[Verdict] = Counter()
    for each in changes:
        verdict = each.verdict
        if not is_applied(verdict, may_lower=may_lower):
            continue
        each.submission.grading_id, each.after.counted_at = each.after.id, now
        applied[verdict] += 1
        audit.record(
            session,
            "grade.changed",
            f"submission:{each.submission.id}",
            actor_id=by,
            now=now,
            detail={
                "regrade": regrade.id,
                "from": each.before.id,
                "to": each.after.id,
                "before": each.before.score,
                "after": each.after.score,
                "reason": regrade.reason,
            },
        )
    _end(session, regrade, "applied", by=by, now=now)
    regrade.may_lower = may_lower
    audit.record(
        session,
        "regrade.applied",
        f"regrade:{regrade.id}",
        actor_id=by,
        now=now,
        detail={"may_lower": may_lower, "applied": dict(applied)},
    )
    return applied


def close(session: Session, regrade: Regrade, *, by: int | None, now: datetime) -> None:
    """End it without letting anything count. What was not graded yet is dropped. Raises Conflict when it is closed already."""
    _lock(session, regrade)
    session.execute(
        update(Grading)
        .where(Grading.regrade_id == regrade.id, Grading.state == "queued")
        .values(state="dropped")
    )
    _end(session, regrade, "closed", by=by, now=now)
    audit.record(session, "regrade.closed", f"regrade:{regrade.id}", actor_id=by, now=now)


def _lock(session: Session, regrade: Regrade) -> None:
    session.refresh(regrade, with_for_update=True)
    if regrade.state != "open":
        raise Conflict(_("This regrade is closed: ask for a new one."))


def _end(session: Session, regrade: Regrade, state: str, *, by: int | None, now: datetime) -> None:
    regrade.state, regrade.closed_by, regrade.closed_at = state, by, now
    session.flush()
