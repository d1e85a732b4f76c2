"""Labs begun, notebooks handed in, grades and reviews. The submission row is the truth of the grading queue: there is no other."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, OnErasure, UtcDateTime, private


class LabWork(Base):
    """A person in a lab. They keep the release they began on (`lab_version` says what the lab was) until they move to a newer one."""

    __tablename__ = "lab_work"
    __table_args__ = (
        UniqueConstraint("person_id", "lab_id"),
        private(
            "to keep a learner's place in a lab", retention="as the person", on_erasure=OnErasure.PSEUDONYMISE
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    lab_id: Mapped[str] = mapped_column(String(60), index=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))
    lab_version: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Submission(Base):
    """A notebook handed in: never changed afterwards, only graded.

    `state` goes queued -> running -> graded, or back to queued when a worker fell silent, or to stuck after too many tries.
    `delivery` counts the times it was claimed and is the fencing token: only the worker that holds the current one may write.
    `phases` is [[name, ISO time], …] for the page. `report` is a labs.report.Report without the executed notebook.
    `charged` says whether it costs one of the lab's attempts: not when the fault was ours.
    """

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("work_id", "number"),
        Index("ix_submission_queue", "state", "priority", "id"),
        private(
            "to grade a lab and to settle disputes about it",
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
    filename: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    charged: Mapped[bool] = mapped_column(default=True)

    state: Mapped[str] = mapped_column(String(10), default="queued")
    priority: Mapped[int] = mapped_column(default=5)
    delivery: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    phases: Mapped[list[list[str]]] = mapped_column(JSON, default=list)

    outcome: Mapped[str | None] = mapped_column(String(10))
    score: Mapped[float | None]
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    graded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SubmissionFile(Base):
    """The bytes of a submission, apart from its row so that lists stay light. `kind` is `submitted` or `executed`."""

    __tablename__ = "submission_file"
    __table_args__ = (UniqueConstraint("submission_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    kind: Mapped[str] = mapped_column(String(10))
    data: Mapped[bytes] = mapped_column(LargeBinary)


class Review(Base):
    """What a mentor marked, append-only: the newest counts. `points` maps criterion ids to points."""

    __tablename__ = "review"
    __table_args__ = private(
        "to show a learner who judged their work, and how",
        retention="five years",
        on_erasure=OnErasure.PSEUDONYMISE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    mentor_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    points: Mapped[dict[str, int]] = mapped_column(JSON)
    comment: Mapped[str] = mapped_column(String(8000), default="")
    reviewed_at: Mapped[datetime] = mapped_column(UtcDateTime)
