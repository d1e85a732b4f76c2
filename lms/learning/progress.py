"""What completed lessons and answers come to. Pure: values in, values out.

A course's *study* is done when every lesson is completed and the questions answered right are worth at least the course's pass mark.
Labs are judged in their own room; `certification` puts both together.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from lms.content.model import Course, Lesson


@dataclass(frozen=True)
class Record:
    """What one person did in one course. `completed` maps lesson ids to when; `earned` maps (lesson id, question id) to the best
    points and when they were first reached.
    """

    completed: Mapping[str, datetime]
    earned: Mapping[tuple[str, str], tuple[int, datetime]]


NOTHING = Record({}, {})


@dataclass(frozen=True)
class OutcomeProgress:
    """How far one outcome of a course is: lessons that serve it, and how many of them are done."""

    id: str
    text: str
    done: int
    total: int


@dataclass(frozen=True)
class Progress:
    """`minutes_left` counts the lessons still to do. `studied_at` is when the last condition was met, or None."""

    lessons_done: int
    lessons_total: int
    points: int
    points_total: int
    points_needed: int
    minutes_left: int
    outcomes: tuple[OutcomeProgress, ...]
    next_lesson: Lesson | None
    studied_at: datetime | None


def progress(course: Course, record: Record) -> Progress:
    """How far `record` gets one in `course`. Lessons and questions the course no longer has count for nothing."""
    done = [lesson for lesson in course.lessons if lesson.id in record.completed]
    open_lessons = [lesson for lesson in course.lessons if lesson.id not in record.completed]
    questions = {
        (lesson.id, question.id): question.points
        for lesson in course.lessons
        for question in lesson.questions
    }
    # A question may give fewer points than it gave when it was answered.
    earned = [
        (min(record.earned[key][0], most), record.earned[key][1])
        for key, most in questions.items()
        if key in record.earned
    ]
    points = sum(got for got, _ in earned)
    total = sum(questions.values())
    needed = -(-total * course.pass_mark // 100)
    studied = not open_lessons and points >= needed
    moments = [record.completed[lesson.id] for lesson in done]
    if studied and needed:
        moments.append(_when_reached(needed, earned))
    return Progress(
        lessons_done=len(done),
        lessons_total=len(course.lessons),
        points=points,
        points_total=total,
        points_needed=needed,
        minutes_left=sum(lesson.minutes for lesson in open_lessons),
        outcomes=tuple(_outcome_progress(course, record)),
        next_lesson=open_lessons[0] if open_lessons else None,
        studied_at=max(moments) if studied and moments else None,
    )


def _outcome_progress(course: Course, record: Record) -> Iterable[OutcomeProgress]:
    for outcome in course.outcomes:
        lessons = [lesson for lesson in course.lessons if outcome.id in lesson.outcomes]
        done = sum(lesson.id in record.completed for lesson in lessons)
        yield OutcomeProgress(outcome.id, outcome.text, done, len(lessons))


def _when_reached(needed: int, earned: Iterable[tuple[int, datetime]]) -> datetime:
    """When the running total of points first came to `needed`."""
    total = 0
    for points, at in sorted(earned, key=lambda each: each[1]):
        total += points
        if total >= needed:
            return at
    raise ValueError("the points were said to be reached")
