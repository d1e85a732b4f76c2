"""The right of one task on the cluster to fetch one grading and bring its result."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, UtcDateTime


class Ticket(Base):
    """One delivery of a grading to the cluster: task `number` of the array `batch`. Only the hash of its token is kept.

    It is live until `ended_at`: a result was taken, Slurm or the node gave up (`trouble` says why, in their words), or the grading was
    given to somebody else. `started_at` is the first sign of life, `task` and `node` where that was: "1234_7", "n2". `unfit` when the node
    said that it can grade nothing.
    """

    __tablename__ = "ticket"
    __table_args__ = (UniqueConstraint("batch", "number"), Index("ix_ticket_ended_at", "ended_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    grading_id: Mapped[int] = mapped_column(ForeignKey("grading.id"), index=True)
    delivery: Mapped[int]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    batch: Mapped[str] = mapped_column(String(16))
    number: Mapped[int]
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    task: Mapped[str] = mapped_column(String(40), default="")
    node: Mapped[str] = mapped_column(String(80), default="")
    unfit: Mapped[bool] = mapped_column(default=False)
    trouble: Mapped[str] = mapped_column(String(500), default="")
