"""Where what happens is told, what was told, and who may ask."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, OnErasure, UtcDateTime, private


class Endpoint(Base):
    """An address that wants to be told. `events` are names of events.NAMES.

    The secret is kept as it is: a signature cannot be made with less. After a rotation both sign until `old_secret_until`.
    `disabled_because` is "paused" (by staff) or "gone" (the other side answered 410); what happens meanwhile waits.
    """

    __tablename__ = "webhook_endpoint"
    __table_args__ = private(
        "to know who of the centre had others told",
        retention="as long as the endpoint is kept",
        on_erasure=OnErasure.PSEUDONYMISE,
        exported=False,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(2000))
    description: Mapped[str] = mapped_column(String(200), default="")
    events: Mapped[list[str]] = mapped_column(JSON)
    secret: Mapped[str] = mapped_column(String(80))
    old_secret: Mapped[str | None] = mapped_column(String(80))
    old_secret_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disabled_because: Mapped[str] = mapped_column(String(10), default="")


class Delivery(Base):
    """One event for one endpoint. `body` is sent as it stands, in UTF-8, however often.

    `next_at` is when it is tried next, None when it is over: delivered, or given up. Who takes it moves `next_at` to the end of its lease
    and raises `attempts`, which only ever grows and so tells whether a result is still asked for. `tries_left` is what this round has left.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id"),
        Index("ix_webhook_delivery_next_at", "next_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhook_endpoint.id"))
    event_id: Mapped[str] = mapped_column(String(40))
    type: Mapped[str] = mapped_column(String(60))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    tries_left: Mapped[int]
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    status: Mapped[int | None]
    answer: Mapped[str] = mapped_column(String(500), default="")


class Read(Base):
    """How far a record of what happened was read: every row of `source` up to `upto` was told, to whoever wanted it."""

    __tablename__ = "webhook_read"

    source: Mapped[str] = mapped_column(String(20), primary_key=True)
    upto: Mapped[int]


class ApiToken(Base):
    """Lets another program ask. Only its hash is kept. `counted` is how often it asked since `counted_from`."""

    __tablename__ = "api_token"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        private(
            "to know who of the centre let another program ask",
            retention="as long as the token is kept",
            on_erasure=OnErasure.PSEUDONYMISE,
            exported=False,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    label: Mapped[str] = mapped_column(String(120))
    scope: Mapped[str] = mapped_column(String(40))
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    counted_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    counted: Mapped[int] = mapped_column(default=0)
