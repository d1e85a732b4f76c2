"""Who has shown what on a real machine: what certification may ask. It stands apart from points and passes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.labs.evidence.tables import EvidenceClaim, EvidenceDecision


@dataclass(frozen=True)
class Shown:
    """A claim that a mentor accepted. `cluster` may be "": not every record names it."""

    claim_id: int
    lab_id: str
    release_id: int
    cluster: str
    job: str
    mentor_id: int
    at: datetime


def shown_by(
    session: Session, person_ids: Iterable[int], lab_ids: Iterable[str] | None = None
) -> dict[tuple[int, str], Shown]:
    """What was accepted, by (person id, lab id); one query. A decision that was overturned since counts as it stands now."""
    newest = select(func.max(EvidenceDecision.id)).group_by(EvidenceDecision.claim_id)
    query = (
        select(EvidenceClaim, EvidenceDecision)
        .join(EvidenceDecision, EvidenceDecision.claim_id == EvidenceClaim.id)
        .where(
            EvidenceClaim.person_id.in_(list(person_ids)),
            EvidenceDecision.id.in_(newest),
            EvidenceDecision.accepted,
        )
        .order_by(EvidenceClaim.id)
    )
    if lab_ids is not None:
        query = query.where(EvidenceClaim.lab_id.in_(list(lab_ids)))
    return {
        (claim.person_id, claim.lab_id): Shown(
            claim_id=claim.id,
            lab_id=claim.lab_id,
            release_id=claim.release_id,
            cluster=claim.cluster,
            job=claim.job,
            mentor_id=decision.mentor_id,
            at=decision.decided_at,
        )
        for claim, decision in session.execute(query)
    }
