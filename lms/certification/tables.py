"""Credentials issued: the exact bytes that were signed, never regenerated, and what became of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, OnErasure, UtcDateTime, private


class SigningKey(Base):
    """Every public key that ever signed. They stay published for ever, so that old credentials keep verifying. One that was retired
    signs nothing any more.
    """

    __tablename__ = "signing_key"

    kid: Mapped[str] = mapped_column(String(60), primary_key=True)
    jwk: Mapped[dict[str, Any]] = mapped_column(JSON)
    first_used_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Credential(Base):
    """One credential, for a person (a course or a track) or a company (a level).

    `slot` names what it is for, and is unique: issuing twice, even at once, is issuing once. It is emptied when the
    credential is revoked or superseded, which makes room for the next. `document` and `jwt` are what was signed: the same credential
    with an embedded proof, and as a JWT. Those issued before embedded proofs have the JWT alone, and no place in a status list.

    `status_purpose`, `status_list` and `status_index` are that place: random, so that a list tells nobody whom it is about.
    A credential whose holder was forgotten is nobody's any more.
    """

    __tablename__ = "credential"
    __table_args__ = (
        UniqueConstraint("slot"),
        UniqueConstraint("status_purpose", "status_list", "status_index"),
        CheckConstraint(
            "CASE WHEN holder_forgotten_at IS NULL THEN (person_id IS NULL) <> (organisation_id IS NULL) "
            "ELSE person_id IS NULL AND organisation_id IS NULL END",
            name="one_holder",
        ),
        private(
            "to prove what was certified, for as long as anybody may ask",
            retention="for ever",
            on_erasure=OnErasure.PSEUDONYMISE,
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    slot: Mapped[str | None] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(10))
    achievement_id: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(200))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    holder_forgotten_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(500), default="")
    kid: Mapped[str] = mapped_column(ForeignKey("signing_key.kid"))
    jwt: Mapped[str] = mapped_column(Text)
    proof_kid: Mapped[str | None] = mapped_column(ForeignKey("signing_key.kid"))
    document: Mapped[str | None] = mapped_column(Text)
    status_purpose: Mapped[str | None] = mapped_column(String(12))
    status_list: Mapped[int | None]
    status_index: Mapped[int | None]
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    suspension_reason: Mapped[str] = mapped_column(String(500), default="")
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revocation_reason: Mapped[str] = mapped_column(String(500), default="")
    superseded_by: Mapped[str | None] = mapped_column(ForeignKey("credential.id"))


class Endorsement(Base):
    """Somebody else's signed word for a company's credential: `signed` is theirs to the byte, a JWT where `is_token`."""

    __tablename__ = "endorsement"
    __table_args__ = (
        UniqueConstraint("credential_id", "sha256"),
        private(
            "to know who of the centre took an endorsement in",
            retention="as the credential",
            on_erasure=OnErasure.PSEUDONYMISE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    credential_id: Mapped[str] = mapped_column(ForeignKey("credential.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    signed: Mapped[str] = mapped_column(Text)
    is_token: Mapped[bool]
    issuer: Mapped[str] = mapped_column(String(300))
    issuer_name: Mapped[str] = mapped_column(String(200))
    comment: Mapped[str] = mapped_column(Text, default="")
    valid_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accepted_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    accepted_at: Mapped[datetime] = mapped_column(UtcDateTime)
