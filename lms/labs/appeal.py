"""Grades that were questioned, as one looks at them: how far a regrade is, what it would change, and which gradings ever counted."""

from collections.abc import Sequence

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session, aliased, defer

from lms.content.shelf import Shelf
from lms.errors import NotFound
from lms.labs.changes import Change
from lms.labs.marks import Mark, mark
from lms.labs.review import reviews_of
from lms.labs.tables import Grading, Regrade, Submission
from lms.people.tables import Person
from lms.words import gettext as _


def get_regrade(session: Session, regrade_id: int) -> Regrade:
    """Raises NotFound."""
    regrade = session.get(Regrade, regrade_id)
    if regrade is None:
        raise NotFound(_("There is no regrade %(number)s.", number=regrade_id))
    return regrade


def latest_regrades(session: Session, most: int) -> Sequence[tuple[Regrade, Person | None, int]]:
    """Each with who asked for it and of how many notebooks, newest first."""
    size = select(func.count()).where(Grading.regrade_id == Regrade.id).scalar_subquery()
    rows = session.execute(
        select(Regrade, Person, size)
        .outerjoin(Person, Person.id == Regrade.asked_by)
        .order_by(Regrade.id.desc())
        .limit(most)
    )
    return [(regrade, person, count or 0) for regrade, person, count in rows]


def progress_of(session: Session, regrade_id: int) -> tuple[int, int]:
    """How many of its gradings are through, of how many."""
    rows = session.execute(
        select(Grading.state, func.count()).where(Grading.regrade_id == regrade_id).group_by(Grading.state)
    ).all()
    total = sum(count for _state, count in rows)
    return total - sum(count for state, count in rows if state in ("queued", "running")), total


def changes_of(session: Session, shelf: Shelf, regrade_id: int) -> list[Change]:
    """What each of its gradings would change; where it was applied, what it changed."""
    after, before = aliased(Grading), aliased(Grading)
    rows = session.execute(
        select(Submission, before, after)
        .join(after, after.submission_id == Submission.id)
        .join(before, before.id == func.coalesce(_replaced_by(after), Submission.grading_id))
        .where(after.regrade_id == regrade_id)
        .order_by(Submission.id)
    ).all()
    reviews = reviews_of(session, [submission.id for submission, _old, _new in rows])

    def marked(submission: Submission, grading: Grading) -> Mark:
        lab = shelf.edition(session, grading.release_id).catalogue.lab_by_id[submission.lab_id]
        review = reviews.get(submission.id)
        return mark(
            lab,
            state=grading.state,
            outcome=grading.outcome,
            score=grading.score,
            review=review.points if review else None,
        )

    return [
        Change(
            submission,
            before=old,
            after=new,
            mark_before=marked(submission, old),
            mark_after=marked(submission, new),
            is_marked=submission.id in reviews,
        )
        for submission, old, new in rows
    ]


def counted(session: Session, submission_id: int) -> list[tuple[Grading, Regrade | None]]:
    """Every grading that ever was the submission's grade, newest first, with the regrade it came from. Their reports are only read when
    somebody asks for one: what was found cell by cell is shown of the one that counts.
    """
    rows = session.execute(
        select(Grading, Regrade)
        .options(defer(Grading.report))
        .outerjoin(Regrade, Regrade.id == Grading.regrade_id)
        .where(Grading.submission_id == submission_id, Grading.counted_at.is_not(None))
        .order_by(Grading.counted_at.desc(), Grading.id.desc())
    )
    return [(grading, regrade) for grading, regrade in rows]


def _replaced_by(after: type[Grading]) -> ScalarSelect[int]:
    """The id of the grading that counted until `after` did. NULL when `after` never did."""
    earlier = aliased(Grading)
    return (
        select(earlier.id)
        .where(earlier.submission_id == after.submission_id, earlier.counted_at < after.counted_at)
        .order_by(earlier.counted_at.desc())
        .limit(1)
        .correlate(after)
        .scalar_subquery()
    )
