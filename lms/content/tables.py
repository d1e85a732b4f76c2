"""Releases: immutable, content-addressed, in the database, so that any process on any host can serve any of them and a backup holds all."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, OnErasure, UtcDateTime, private


class Blob(Base):
    """Bytes under their SHA-256, in hex."""

    __tablename__ = "blob"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class Release(Base):
    """A whole tree as it was checked: `manifest` maps each path to its digest, `catalogue` is a Catalogue in JSON.
    `digest` is over the manifest and the renderer, so publishing the same twice is one release.
    """

    __tablename__ = "release"
    __table_args__ = (UniqueConstraint("digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(300))
    manifest: Mapped[dict[str, Any]] = mapped_column(JSON)
    catalogue: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Publication(Base):
    """A release going live. The newest row is what is live now; rolling back adds one for an older release."""

    __tablename__ = "publication"
    __table_args__ = private(
        "to answer who made a release live",
        retention="as long as the release",
        on_erasure=OnErasure.PSEUDONYMISE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(String(200), default="")


class Rendering(Base):
    """What the loader made of a text before, by a digest over the text, what it links to and the renderer. Derived: may be emptied."""

    __tablename__ = "rendering"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
