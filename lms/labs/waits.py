"""How long one waits for a grade."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.labs.tables import Grading


def ahead_of(session: Session, grading: Grading) -> int:
    """How many gradings are taken before this one."""
    sooner = (Grading.priority < grading.priority) | (
        (Grading.priority == grading.priority) & (Grading.id < grading.id)
    )
    query = select(func.count()).select_from(Grading).where(Grading.state == "queued", sooner)
    return session.scalar(query) or 0
