"""Persons are internal ids; how they sign in hangs on them as (issuer, subject) rows, a password being one. E-mail is an attribute."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.db import Base, OnErasure, UtcDateTime, private

LOCAL = "local"
"""The issuer of identities whose password we keep. Their subject is the e-mail in lower case at the time of registering."""


class Person(Base):
    """`session_version` is part of every session: raising it ends them all. `time_zone` of '' means the centre's."""

    __tablename__ = "person"
    __table_args__ = private(
        "to know whose progress, grades and certificates these are",
        retention="while the account is used, and two years",
        on_erasure=OnErasure.PSEUDONYMISE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(12), default="en")
    time_zone: Mapped[str] = mapped_column(String(60), default="")
    is_mentor: Mapped[bool] = mapped_column(default=False)
    is_staff: Mapped[bool] = mapped_column(default=False)
    session_version: Mapped[int] = mapped_column(default=1)
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Identity(Base):
    """One way to sign in. `secret` is an argon2 hash for the local issuer, else None."""

    __tablename__ = "identity"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        private(
            "to recognise a person who signs in",
            retention="as the person",
            on_erasure=OnErasure.DELETE,
            exported=False,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(254))
    secret: Mapped[str | None] = mapped_column(String(200))


class SignInFailure(Base):
    """A failed try, kept as long as it counts. `key` is the e-mail or the address it came from, hashed: it may name a stranger."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index("ix_sign_in_failure_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Organisation(Base):
    __tablename__ = "organisation"
    __table_args__ = (UniqueConstraint("slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(120))
    url: Mapped[str] = mapped_column(String(200), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Membership(Base):
    """Who works for whom. `left_at` of None means: now."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("person_id", "organisation_id"),
        private(
            "to count a person's evidence for their company",
            retention="as the person",
            on_erasure=OnErasure.DELETE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    is_lead: Mapped[bool] = mapped_column(default=False)
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    person: Mapped[Person] = relationship(lazy="raise")
    organisation: Mapped[Organisation] = relationship(lazy="raise")


class Invitation(Base):
    """A link by which one colleague joins. Only its hash is kept, so nobody who reads the database can use it."""

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        private(
            "to let a colleague join a company",
            retention="90 days after it ends",
            on_erasure=OnErasure.DELETE,
            exported=False,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(String(120), default="")
    as_lead: Mapped[bool] = mapped_column(default=False)
    invited_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    invited_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
