"""What a learner has of a lab: a list of revisions, each the whole notebook, and the files that went with it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, OnErasure, UtcDateTime, private


class Revision(Base):
    """A notebook as it was at one moment. The one with `is_head` is what the learner sees; a work has at most one.

    `number` only grows within a work, and names exactly this content: it is the entity tag of the work. A young autosave makes room for
    the next (labs.work.thinning), under a new number; one with `is_marked`, which the learner said to keep, never does. `kind` says how it
    came about: saved; conflict, kept beside the head because somebody else had saved meanwhile; restored; started-over; uploaded; moved
    to a newer version of the lab. `data` is the notebook, compressed by zlib; `sha256` is of what was compressed. `files` is
    [{"name", "sha256", "size"}], their bytes are WorkFiles. `submission_id` is what it was handed in as.
    """

    __tablename__ = "revision"
    __table_args__ = (
        UniqueConstraint("work_id", "number"),
        Index(
            "uq_revision_head",
            "work_id",
            unique=True,
            sqlite_where=text("is_head"),
            postgresql_where=text("is_head"),
        ),
        private(
            "to give a learner back what they typed, and what it was before",
            retention="as the person",
            on_erasure=OnErasure.DELETE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    work_id: Mapped[int] = mapped_column(ForeignKey("lab_work.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    is_head: Mapped[bool]
    is_marked: Mapped[bool]
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    files: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"), index=True)


class WorkFile(Base):
    """A file that the learner's code wrote, once for all the revisions of a work that have it."""

    __tablename__ = "work_file"
    __table_args__ = (UniqueConstraint("work_id", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    work_id: Mapped[int] = mapped_column(ForeignKey("lab_work.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    data: Mapped[bytes] = mapped_column(LargeBinary)
