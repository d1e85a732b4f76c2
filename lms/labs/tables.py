"""Labs begun, notebooks handed in, their gradings and reviews. The grading row is the truth of the queue: there is no other."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, OnErasure, UtcDateTime, private

GRADELESS = ("refused", "failed")
"""Outcomes that are no grade: the file could not be read, or our side failed. Neither costs an attempt."""


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
    """A notebook handed in: never changed afterwards, only graded. What it is worth stands in its grading.

    `grading_id` is the grading that counts: the newest that was tried because it was handed in, or the regrade that was applied since.
    It is only empty inside the transaction that hands it in. `charged` says whether it costs one of the lab's attempts: not when the
    fault was ours.
    """

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("work_id", "number"),
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
    grading_id: Mapped[int | None] = mapped_column(ForeignKey("grading.id", use_alter=True), index=True)


class SubmissionFile(Base):
    """The bytes that were handed in, apart from their row so that lists stay light."""

    __tablename__ = "submission_file"
    __table_args__ = (UniqueConstraint("submission_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    data: Mapped[bytes] = mapped_column(LargeBinary)


class Grading(Base):
    """One run of the grader over a submission: at first its place in the queue, then what was found. When it is done only `counted_at`
    may change.

    `kind` is `first` when it was handed in, `again` when our side had failed and staff asked, `regrade` when a grade was questioned.
    `state` goes queued -> running -> done, or back to queued when a worker fell silent, or to stuck after too many tries. What was still
    queued when its regrade was closed is dropped.
    `delivery` counts the times it was claimed and is the fencing token: only the worker that holds the current one may write. `spared` of
    them never began, and do not count as tries.
    `phases` is [[name, ISO time], …] for the page; `started_at` is when the current delivery was claimed, or
    began on a compute node: what comes before is waiting.

    What it rests on: the release and its lab (`lab_version`), the seed, the input (`sha256`), the limits and the `grader` (labs.version).
    A grading older than this table has limits of None, which means the lab's, and no grader.
    What it found: `outcome`, `score` and `report`, a labs.report.Report without the executed notebook. `proved` is the report's
    word on the rung on Slurm ("" where the lab has none), which is no part of the score. `counted_at` is when it began to be the
    submission's grade; None for a regrade that was never applied.
    """

    __tablename__ = "grading"
    __table_args__ = (
        Index("ix_grading_queue", "state", "priority", "id"),
        Index("ix_grading_graded_at", "graded_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    regrade_id: Mapped[int | None] = mapped_column(ForeignKey("regrade.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default="queued")
    priority: Mapped[int]
    delivery: Mapped[int] = mapped_column(default=0)
    spared: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    phases: Mapped[list[list[str]]] = mapped_column(JSON)
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))
    lab_version: Mapped[str] = mapped_column(String(64))
    seed: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    limits: Mapped[dict[str, int] | None] = mapped_column(JSON)
    grader: Mapped[str] = mapped_column(String(60), default="")

    outcome: Mapped[str | None] = mapped_column(String(10))
    score: Mapped[float | None]
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    proved: Mapped[str | None] = mapped_column(String(12))
    graded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    counted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @hybrid_property
    def is_grade(self) -> bool:
        """Whether something came of it that is worth points, be it none: what can be marked, questioned and compared."""
        return self.state == "done" and self.outcome not in GRADELESS

    @is_grade.inplace.expression
    @classmethod
    def _is_grade(cls) -> ColumnElement[bool]:
        return (cls.state == "done") & cls.outcome.not_in(GRADELESS)


class Regrade(Base):
    """Gradings that were asked for because grades were questioned. None of them counts until they are applied.

    `release_id` is the release that all are graded on; None means each on the one it was handed in for. `asked_by` and `closed_by` of None
    mean the terminal. `state` goes open -> applied or closed; `may_lower` is what was chosen when it was applied.
    """

    __tablename__ = "regrade"
    __table_args__ = private(
        "to answer who had grades looked at again, and why",
        retention="ten years",
        on_erasure=OnErasure.PSEUDONYMISE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lab_id: Mapped[str] = mapped_column(String(60))
    release_id: Mapped[int | None] = mapped_column(ForeignKey("release.id"))
    reason: Mapped[str] = mapped_column(String(1000))
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(10), default="open")
    may_lower: Mapped[bool | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class GradingFile(Base):
    """A file that a grading brought forth. `name` is `executed` for the notebook as it ran."""

    __tablename__ = "grading_file"
    __table_args__ = (UniqueConstraint("grading_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    grading_id: Mapped[int] = mapped_column(ForeignKey("grading.id"))
    name: Mapped[str] = mapped_column(String(200))
    data: Mapped[bytes] = mapped_column(LargeBinary)


class Review(Base):
    """What a mentor marked, append-only: the newest counts. `points` maps criterion ids to points; `grading_id` is the machine's word they
    stood beside.
    """

    __tablename__ = "review"
    __table_args__ = private(
        "to show a learner who judged their work, and how",
        retention="five years",
        on_erasure=OnErasure.PSEUDONYMISE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    grading_id: Mapped[int] = mapped_column(ForeignKey("grading.id"))
    mentor_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    points: Mapped[dict[str, int]] = mapped_column(JSON)
    comment: Mapped[str] = mapped_column(String(8000), default="")
    reviewed_at: Mapped[datetime] = mapped_column(UtcDateTime)
