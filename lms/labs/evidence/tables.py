"""Claims that a job ran on a real machine, the files they consist of, and what mentors decided. Nothing here is ever changed."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, OnErasure, UtcDateTime, private


class EvidenceClaim(Base):
    """What a learner handed in as evidence, for one lab. A later one of the same work replaces it, and both are kept.

    `cluster` ("" where no record names it) and `job` are what was read from the files: only to find the same job elsewhere.
    """

    __tablename__ = "evidence_claim"
    __table_args__ = (
        UniqueConstraint("work_id", "number"),
        private(
            "to let a mentor judge what was shown on a real machine, and to settle disputes about it",
            retention="five years",
            on_erasure=OnErasure.PSEUDONYMISE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    work_id: Mapped[int] = mapped_column(ForeignKey("lab_work.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    lab_id: Mapped[str] = mapped_column(String(60), index=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))
    number: Mapped[int]
    cluster: Mapped[str] = mapped_column(String(60), default="")
    job: Mapped[str] = mapped_column(String(40), index=True)
    handed_in_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EvidencePiece(Base):
    """One file of a claim, as it came. `kind` is script, log or record: what it was read as."""

    __tablename__ = "evidence_piece"
    __table_args__ = (UniqueConstraint("claim_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("evidence_claim.id"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary)


class EvidenceDecision(Base):
    """A mentor's word on a claim, append-only: the newest counts. `verdicts` are the checks' as they stood then, by name."""

    __tablename__ = "evidence_decision"
    __table_args__ = private(
        "to show a learner who judged their evidence, and how",
        retention="five years",
        on_erasure=OnErasure.PSEUDONYMISE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("evidence_claim.id"), index=True)
    mentor_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    accepted: Mapped[bool]
    comment: Mapped[str] = mapped_column(String(8000), default="")
    verdicts: Mapped[dict[str, str]] = mapped_column(JSON)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
