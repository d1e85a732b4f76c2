"""The bytes beside the rows: what was handed in, and what a grading brought forth."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.labs.tables import Grading, GradingFile, SubmissionFile

EXECUTED = "executed"


def submitted(session: Session, submission_id: int) -> bytes:
    """Exactly the bytes that were handed in."""
    return session.scalars(
        select(SubmissionFile.data).where(SubmissionFile.submission_id == submission_id)
    ).one()


def executed(session: Session, grading_id: int) -> bytes | None:
    """The notebook as it ran; None where nothing ran, or not yet."""
    return session.scalar(
        select(GradingFile.data).where(GradingFile.grading_id == grading_id, GradingFile.name == EXECUTED)
    )


def to_show(session: Session, grading: Grading) -> bytes:
    """The notebook for whoever looks at it: as it ran, else as it was handed in."""
    return executed(session, grading.id) or submitted(session, grading.submission_id)
