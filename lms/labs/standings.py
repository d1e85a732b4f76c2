"""How persons stand in labs: their best mark in each, for learners' homes, courses, companies and certificates."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.content.shelf import Shelf
from lms.labs.marks import Mark, Standing, mark
from lms.labs.tables import Grading, Review, Submission


@dataclass(frozen=True)
class LabResult:
    """The submission that counts for one person in one lab: the best passed one, else the newest. `release_id` is the one it was graded
    on; `at` is when it was passed first, however often it was graded or marked since, and before it passed when the mark was final.
    """

    submission_id: int
    lab_id: str
    release_id: int
    mark: Mark
    at: datetime

    @property
    def is_passed(self) -> bool:
        return self.mark.standing is Standing.PASSED


def results_of(
    session: Session, shelf: Shelf, person_ids: Iterable[int], lab_ids: Iterable[str] | None = None
) -> dict[tuple[int, str], LabResult]:
    """The result that counts, by (person id, lab id), for those who handed something in."""
    newest_review = (
        select(Review.submission_id, func.max(Review.id).label("id"), func.min(Review.id).label("first"))
        .group_by(Review.submission_id)
        .subquery()
    )
    query = (
        select(
            Submission.id, Submission.person_id, Submission.lab_id, Submission.submitted_at, Grading.release_id, Grading.state,
            Grading.outcome, Grading.score, Grading.graded_at, Review.points, Review.reviewed_at,
            (Grading.kind == "regrade").label("regraded"),
            (newest_review.c.first != newest_review.c.id).label("marked_again"),
        )
        .join(Grading, Grading.id == Submission.grading_id)
        .outerjoin(newest_review, newest_review.c.submission_id == Submission.id)
        .outerjoin(Review, Review.id == newest_review.c.id)
        .where(Submission.person_id.in_(list(person_ids)))
        .order_by(Submission.id)
    )  # fmt: skip
    if lab_ids is not None:
        query = query.where(Submission.lab_id.in_(list(lab_ids)))
    results: dict[tuple[int, str], LabResult] = {}
    looked_at_again: set[int] = set()
    for row in session.execute(query):
        lab = shelf.edition(session, row.release_id).catalogue.lab_by_id[row.lab_id]
        found = LabResult(
            submission_id=row.id,
            lab_id=row.lab_id,
            release_id=row.release_id,
            mark=mark(lab, state=row.state, outcome=row.outcome, score=row.score, review=row.points),
            at=row.reviewed_at or row.graded_at or row.submitted_at,
        )
        if found.is_passed and (row.regraded or row.marked_again):
            looked_at_again.add(row.id)
        key = (row.person_id, row.lab_id)
        if key not in results or _counts_over(found, results[key]):
            results[key] = found
    again = {each.submission_id for each in results.values()} & looked_at_again
    first = _first_passed(session, shelf, again) if again else {}
    return {key: replace(each, at=first.get(each.submission_id, each.at)) for key, each in results.items()}


def _first_passed(session: Session, shelf: Shelf, submission_ids: set[int]) -> dict[int, datetime]:
    """When each was passed first, by what counted and was marked at the time. Work is as old as its first pass: looking at it again makes
    nothing fresh for a policy that asks for what is recent.
    """
    counted = session.execute(
        select(
            Grading.counted_at, Submission.id, Submission.lab_id, Grading.release_id, Grading.state, Grading.outcome, Grading.score
        )
        .join(Submission, Submission.id == Grading.submission_id)
        .where(Submission.id.in_(submission_ids), Grading.counted_at.is_not(None))
        .order_by(Grading.counted_at, Grading.id)
    ).all()  # fmt: skip
    marked = session.execute(
        select(Review.reviewed_at, Review.submission_id, Review.points)
        .where(Review.submission_id.in_(submission_ids))
        .order_by(Review.reviewed_at, Review.id)
    ).all()
    first: dict[int, datetime] = {}
    gradings, reviews = {}, {}
    for at, submission_id, grading, points in sorted(
        [(row.counted_at, row.id, row, None) for row in counted]
        + [(row.reviewed_at, row.submission_id, None, row.points) for row in marked],
        key=itemgetter(0),  # it keeps the order of equals: first what was graded, then what was marked
    ):
        if grading is None:
            reviews[submission_id] = points
        else:
            gradings[submission_id] = grading
        row = gradings.get(submission_id)
        if row is None or submission_id in first:
            continue
        lab = shelf.edition(session, row.release_id).catalogue.lab_by_id[row.lab_id]
        review = reviews.get(submission_id)
        then = mark(lab, state=row.state, outcome=row.outcome, score=row.score, review=review)
        if then.standing is Standing.PASSED:
            first[submission_id] = at
    return first


def _counts_over(found: LabResult, known: LabResult) -> bool:
    if found.is_passed and known.is_passed:
        return found.mark.percent > known.mark.percent
    return found.is_passed or not known.is_passed
