"""How companies were evaluated, where their levels stand, what changed, what they were warned of."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, OnErasure, UtcDateTime, private


class Evaluation(Base):
    """A company held against a policy on a day: kept when anything differs from the one before, and never changed.

    The policy is that of `release_id`, with its digest; `evidence` and `outcome` are readiness.plain's. The three give the same
    outcome again at any time.
    """

    __tablename__ = "evaluation"
    __table_args__ = private(
        "to answer why a company was ready, or was not, on a day",
        retention="ten years",
        on_erasure=OnErasure.PSEUDONYMISE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    evaluated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    day: Mapped[date] = mapped_column(Date)
    cause: Mapped[str] = mapped_column(String(30))
    caused_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))
    policy_version: Mapped[str] = mapped_column(String(400))
    policy_digest: Mapped[str] = mapped_column(String(64))
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON)
    outcome: Mapped[dict[str, Any]] = mapped_column(JSON)


class LevelStanding(Base):
    """Where a company stands with a level now: readiness.states.Stand as a row."""

    __tablename__ = "level_standing"
    __table_args__ = (
        UniqueConstraint("organisation_id", "level_id"),
        Index("ix_level_standing_waits_since", "waits_since"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    level_id: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(12))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    earned: Mapped[bool]
    lapses_on: Mapped[date | None] = mapped_column(Date)
    grace_until: Mapped[date | None] = mapped_column(Date)
    credential_id: Mapped[str | None] = mapped_column(ForeignKey("credential.id"))
    is_held: Mapped[bool] = mapped_column(default=False)
    waits_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    evaluation_id: Mapped[int] = mapped_column(ForeignKey("evaluation.id"))


class LevelChange(Base):
    """A level moved: by itself (`actor_id` is None), or because the centre decided."""

    __tablename__ = "level_change"
    __table_args__ = private(
        "to answer who granted or ended a company's readiness, and why",
        retention="ten years",
        on_erasure=OnErasure.PSEUDONYMISE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    level_id: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    before: Mapped[str] = mapped_column(String(12))
    after: Mapped[str] = mapped_column(String(12))
    cause: Mapped[str] = mapped_column(String(30))
    reason: Mapped[str] = mapped_column(String(500), default="")
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    evaluation_id: Mapped[int] = mapped_column(ForeignKey("evaluation.id"))


class LapseWarning(Base):
    """A company was told that a level lapses in so many `days` or less. Once for each day it may lapse on."""

    __tablename__ = "lapse_warning"
    __table_args__ = (UniqueConstraint("organisation_id", "level_id", "lapses_on", "days"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    level_id: Mapped[str] = mapped_column(String(60))
    lapses_on: Mapped[date] = mapped_column(Date)
    days: Mapped[int]
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Sweep(Base):
    """When all companies were looked at last. One row: who moves `at` on does the next sweep, and nobody else."""

    __tablename__ = "sweep"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
