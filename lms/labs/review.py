"""What a person marks: the queue of what needs one, and the mark itself. Append-only: the newest review counts, a regrade touches none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from lms import audit
from lms.content.model import Lab
from lms.content.shelf import Shelf
from lms.errors import Conflict, Invalid, NotFound
from lms.labs.tables import Grading, Review, Submission
from lms.people.access import colleagues_of
from lms.people.tables import Person
from lms.people.viewer import Viewer
from lms.words import gettext as _


def access_submission(session: Session, viewer: Viewer, submission_id: int) -> Submission:
    """A submission, for who handed it in, for mentors who do not work for the same company, and for staff."""
    submission = session.get(Submission, submission_id)
    if submission is not None and (
        submission.person_id == viewer.id
        or viewer.is_staff
        or (viewer.is_mentor and submission.person_id not in colleagues_of(session, viewer.id))
    ):
        return submission
    raise NotFound(_("There is no such submission, or it is not yours to see."))


def latest_review(session: Session, submission_id: int) -> Review | None:
    return session.scalar(
        select(Review).where(Review.submission_id == submission_id).order_by(Review.id.desc()).limit(1)
    )


def reviews_of(session: Session, submission_ids: Iterable[int]) -> dict[int, Review]:
    """The newest review of each of these, in one query."""
    rows = session.scalars(
        select(Review).where(Review.submission_id.in_(list(submission_ids))).order_by(Review.id)
    )
    return {each.submission_id: each for each in rows}


@dataclass(frozen=True)
class ToMark:
    """Written work on a mentor's desk."""

    submission: Submission
    grading: Grading
    person: Person
    lab: Lab


def waiting_for_review(session: Session, shelf: Shelf, viewer: Viewer) -> list[ToMark]:
    """Graded submissions with a written part nobody has marked, oldest first, each with its lab as it was when it was handed in (it may be
    taught no more). Only each learner's newest of a lab counts, and none of the mentor's own colleagues'.
    """
    counts = Grading.id == Submission.grading_id
    editions = {
        (lab_id, release_id): shelf.edition(session, release_id).catalogue.lab_by_id[lab_id]
        for lab_id, release_id in session.execute(
            select(Submission.lab_id, Grading.release_id).join(Grading, counts).distinct()
        )
    }
    written = [key for key, lab in editions.items() if lab.manual_points]
    newest = (
        select(func.max(Submission.id))
        .join(Grading, counts)
        .where(Grading.is_grade)
        .group_by(Submission.person_id, Submission.lab_id)
    )
    rows = session.execute(
        select(Submission, Grading, Person)
        .join(Grading, counts)
        .join(Person, Person.id == Submission.person_id)
        .where(
            Submission.id.in_(newest),
            tuple_(Submission.lab_id, Grading.release_id).in_(written),
            ~select(Review.id).where(Review.submission_id == Submission.id).exists(),
        )
        .order_by(Submission.submitted_at, Submission.id)
    )
    not_theirs = {viewer.id, *colleagues_of(session, viewer.id)}
    return [
        ToMark(submission, grading, person, editions[submission.lab_id, grading.release_id])
        for submission, grading, person in rows
        if person.id not in not_theirs
    ]


def to_look_at_again(session: Session, shelf: Shelf, viewer: Viewer) -> list[ToMark]:
    """Marks that stand beside another grading than the one that counts: a regrade changed what the machine says. They count as they are
    until a mentor looks at them again. Where the lab, as it was graded now, asks for nothing written, there is nothing to look at.
    """
    newest = select(func.max(Review.id)).group_by(Review.submission_id)
    rows = session.execute(
        select(Submission, Grading, Person)
        .join(Grading, Grading.id == Submission.grading_id)
        .join(Person, Person.id == Submission.person_id)
        .join(Review, Review.submission_id == Submission.id)
        .where(Review.id.in_(newest), Review.grading_id != Submission.grading_id)
        .order_by(Submission.submitted_at, Submission.id)
    )
    not_theirs = {viewer.id, *colleagues_of(session, viewer.id)}
    found = [
        ToMark(
            submission,
            grading,
            person,
            shelf.edition(session, grading.release_id).catalogue.lab_by_id[submission.lab_id],
        )
        for submission, grading, person in rows
        if person.id not in not_theirs
    ]
    return [each for each in found if each.lab.rubric]


def review(
    session: Session,
    viewer: Viewer,
    submission: Submission,
    lab: Lab,
    points: Mapping[str, int | None],
    comment: str,
    *,
    seen: int,
    beside: int | None,
    now: datetime,
) -> Review:
    """Mark the written parts. `points` maps each criterion of the rubric to one of its levels' points; `seen` is the id of the review the
    mentor was looking at, 0 for none, and `beside` that of the grading. Raises NotFound for one's own work and a colleague's, Invalid for a
    criterion without a mark, Conflict when another mentor or a regrade was faster, or there is nothing to mark.
    """
    not_theirs = {viewer.id, *colleagues_of(session, viewer.id)}
    if submission.person_id in not_theirs or not viewer.is_mentor:
        raise NotFound(_("There is no such submission, or it is not yours to mark."))
    # Two mentors at once: the row is locked, and the second finds a review it has not seen.
    session.refresh(submission, with_for_update=True)
    grading = session.get_one(Grading, submission.grading_id)
    if not (grading.is_grade and lab.rubric):
        raise Conflict(_("There is nothing to mark here: it is not graded, or the lab has no written part."))
    newest = latest_review(session, submission.id)
    if (newest.id if newest else 0) != seen:
        raise Conflict(
            _(
                "Somebody marked this while you were reading. Look at their review, then mark again if you disagree."
            )
        )
    if grading.id != beside:
        raise Conflict(
            _("This was graded anew while you were reading. Look at what the machine says now, then mark it.")
        )
    fields = {
        criterion.id: _("Choose a level for “%(title)s”.", title=criterion.title)
        for criterion in lab.rubric
        if points.get(criterion.id) not in {level.points for level in criterion.levels}
    }
    if fields:
        raise Invalid(_("Every criterion needs a mark."), fields)
    marked = Review(
        submission_id=submission.id,
        grading_id=grading.id,
        mentor_id=viewer.id,
        points={criterion.id: points[criterion.id] for criterion in lab.rubric},
        comment=comment.strip()[:8000],
        reviewed_at=now,
    )
    session.add(marked)
    session.flush()
    detail = {"points": marked.points, "review": marked.id}
    audit.record(
        session,
        "submission.reviewed",
        f"submission:{submission.id}",
        actor_id=viewer.id,
        now=now,
        detail=detail,
    )
    return marked
