"""Attestations. Only withdrawing changes one; the bytes of a document are kept under their digest."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, OnErasure, UtcDateTime, private


class AttestedDocument(Base):
    """Bytes under their SHA-256, in hex. `media` is what they were found to be: application/pdf or text/plain."""

    __tablename__ = "attested_document"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    media: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary)


class Attestation(Base):
    """Who vouches, as what (`authority`: lead, mentor or staff), that a company has a document or meets a fact (`kind`, an id of the
    policy). It holds on the days from `valid_from` to `valid_until`, for ever where that is None, until it is withdrawn.
    """

    __tablename__ = "attestation"
    __table_args__ = private(
        "to answer who vouched for a company, and on what",
        retention="ten years",
        on_erasure=OnErasure.PSEUDONYMISE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(60))
    note: Mapped[str] = mapped_column(String(2000), default="")
    document_sha256: Mapped[str | None] = mapped_column(ForeignKey("attested_document.sha256"))
    document_name: Mapped[str] = mapped_column(String(200), default="")
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    authority: Mapped[str] = mapped_column(String(10))
    attested_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    attested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawal_reason: Mapped[str] = mapped_column(String(500), default="")
