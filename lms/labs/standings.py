"""How persons stand in labs: their best mark in each, for learners' homes, courses, companies and certificates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.content.shelf import Shelf
from lms.labs.marks import Mark, Standing, mark
from lms.labs.tables import Grading, Review, Submission


@dataclass(frozen=True)
class LabResult:
    """The submission that counts for one person in one lab: the best passed one, else the newest. `release_id` is the one it was graded
    on; `at` is when the mark was final.
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
        select(Review.submission_id, func.max(Review.id).label("id"))
        .group_by(Review.submission_id)
        .subquery()
    )
    query = (
        select(
            Submission.id, Submission.person_id, Submission.lab_id, Submission.submitted_at, Grading.release_id, Grading.state,
            Grading.outcome, Grading.score, Grading.graded_at, Review.points, Review.reviewed_at,
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
    for row in session.execute(query):
        lab = shelf.edition(session, row.release_id).catalogue.lab_by_id[row.lab_id]
        found = LabResult(
            submission_id=row.id,
            lab_id=row.lab_id,
            release_id=row.release_id,
            mark=mark(lab, state=row.state, outcome=row.outcome, score=row.score, review=row.points),
            at=row.reviewed_at or row.graded_at or row.submitted_at,
        )
        key = (row.person_id, row.lab_id)
        if key not in results or _counts_over(found, results[key]):
            results[key] = found
    return results


def _counts_over(found: LabResult, known: LabResult) -> bool:
    if found.is_passed and known.is_passed:
        return found.mark.percent > known.mark.percent
    return found.is_passed or not known.is_passed
