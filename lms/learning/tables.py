"""What a person did in a course. Every row says on which release, because a course is not the same for ever."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, OnErasure, UtcDateTime, private


class Enrolment(Base):
    """A person in a course. `course_version` is what the course was when they began, or when they last moved to a newer one:
    as long as the live course has the same, they read the live text; otherwise they keep `release_id` until they choose to move.
    """

    __tablename__ = "enrolment"
    __table_args__ = (
        UniqueConstraint("person_id", "course_id"),
        private("to keep a learner's place", retention="as the person", on_erasure=OnErasure.DELETE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[str] = mapped_column(String(60), index=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))
    course_version: Mapped[str] = mapped_column(String(64))
    enrolled_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Completion(Base):
    """A lesson somebody said they are through with."""

    __tablename__ = "completion"
    __table_args__ = (
        UniqueConstraint("person_id", "lesson_id"),
        private(
            "to show progress and prove a course was taken",
            retention="as the person",
            on_erasure=OnErasure.PSEUDONYMISE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[str] = mapped_column(String(60))
    lesson_id: Mapped[str] = mapped_column(String(60))
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))
    completed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Answer(Base):
    """One attempt at a question; all are kept. `given` is what was typed or chosen, in the shape `content.quiz` reads."""

    __tablename__ = "answer"
    __table_args__ = (
        Index("ix_answer_person_lesson", "person_id", "lesson_id"),
        private(
            "to give feedback and count what was learnt",
            retention="as the person",
            on_erasure=OnErasure.PSEUDONYMISE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[str] = mapped_column(String(60))
    lesson_id: Mapped[str] = mapped_column(String(60))
    question_id: Mapped[str] = mapped_column(String(60))
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))
    given: Mapped[Any] = mapped_column(JSON)
    is_correct: Mapped[bool]
    points: Mapped[int]
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)
