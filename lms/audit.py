"""The append-only record of who did what to what, written in the caller's transaction: the act and its record stand or fall together."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from lms.db import Base, OnErasure, UtcDateTime, private


class AuditEvent(Base):
    """`actor_id` is None for what the system did by itself. `subject` names a thing, such as `credential:4d0f…`."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_subject", "subject"),
        private(
            "to answer who changed a grade, a role or a credential",
            retention="ten years",
            on_erasure=OnErasure.PSEUDONYMISE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(120))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


def record(
    session: Session,
    action: str,
    subject: str,
    *,
    actor_id: int | None,
    now: datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    """Write one event. `action` is a past participle with its room's noun: `credential.revoked`."""
    session.add(AuditEvent(at=now, actor_id=actor_id, action=action, subject=subject, detail=detail or {}))
