"""Which work was proved on Slurm, and whether it can be at present. Asked of the gradings: pages and graders may be on different hosts."""

from collections.abc import Iterable

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from .slurm.present import missing
from .tables import Grading, Submission


def is_proved(session: Session, work_id: int) -> bool:
    """Whether one of the notebooks handed in for this work was proved, by the grading that counts for it."""
    counted = select(Grading.id).join(Submission, Submission.grading_id == Grading.id)
    return bool(
        session.scalar(select(exists(counted.where(Submission.work_id == work_id, Grading.proved == "yes"))))
    )


def proved_labs(session: Session, person_ids: Iterable[int]) -> set[tuple[int, str]]:
    """The labs that these persons proved, as (person id, lab id), by the gradings that count."""
    query = (
        select(Submission.person_id, Submission.lab_id)
        .join(Grading, Submission.grading_id == Grading.id)
        .where(Submission.person_id.in_(list(person_ids)), Grading.proved == "yes")
    )
    return {(row.person_id, row.lab_id) for row in session.execute(query)}


def has_slurm(session: Session) -> bool:
    """Whether there was a Slurm when a lab with this rung was last graded; before the first, whether there is one on this host."""
    last = session.scalar(
        select(Grading.proved)
        .where(Grading.proved.in_(("yes", "no", "unavailable")))
        .order_by(Grading.id.desc())
        .limit(1)
    )
    return not missing() if last is None else last != "unavailable"
