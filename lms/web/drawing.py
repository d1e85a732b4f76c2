"""A lesson as one sort of reader sees it, drawn once for all of them.

What a reader sees of a lesson depends on its release, on which lessons of the course they have done, and on their newest answers; most
have given none yet. Their own name stands only in the frame around it, and their form token goes into a slot.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from flask import render_template
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from lms.content.model import Lesson, Option, Question
from lms.content.quiz import Given, shown_order
from lms.learning.place import Place
from lms.learning.tables import Answer
from lms.words import language

REMEMBERED = 100
_SLOT = "\0form token\0"


@dataclass(frozen=True)
class Seen:
    """What one learner may see of a question: nothing of the answer before they gave one. Read by the macro `question`."""

    options: tuple[Option, ...] = field(compare=False)  # follows from the question and `given`
    given: str | tuple[str, ...] | None = None
    state: str = ""
    points: int = 0
    again: bool = True
    left: int | None = None
    error: str = ""


def seen(question: Question, last: Answer | None, *, error: str = "", typed: Given | None = None) -> Seen:
    """The newest attempt decides what is shown; a right answer closes the question."""
    options = shown_order(question, question.id) if question.kind == "order" else question.options
    if last is None:
        return Seen(options, given=_hashable(typed), error=error)
    given = _hashable(last.given if typed is None else typed)
    if question.kind == "order" and isinstance(given, tuple):
        by_id = {option.id: option for option in question.options}
        options = tuple(by_id[each] for each in given if each in by_id)
    state = "right" if last.is_correct else "partly" if last.points else "wrong"
    return Seen(options, given, state, last.points, again=not last.is_correct, error=error)


def draw_lesson(place: Place, lesson: Lesson, text: str, latest: Mapping[str, Answer]) -> Markup:
    """The inside of a lesson's page. `text` is its body as rendered when it was published, `latest` the newest answers by question id."""
    views = tuple(seen(question, latest.get(question.id)) for question in lesson.questions)
    done = place.completed.intersection(each.id for each in place.course.lessons)
    drawing = _Drawing(place.edition.id, lesson.id, done, views, language(), place, lesson, text)
    return Markup(_drawn(drawing).replace(_SLOT, generate_csrf()))  # noqa: S704 - drawn by our own template


def neighbours(place: Place, lesson: Lesson) -> dict[str, Any]:
    """What stands around a lesson in its course."""
    lessons = place.course.lessons
    index = lessons.index(lesson)
    return {
        "number": index + 1,
        "previous_lesson": lessons[index - 1] if index else None,
        "next_lesson": lessons[index + 1] if index + 1 < len(lessons) else None,
        "labs": [place.edition.catalogue.lab_by_id[key] for key in lesson.labs],
    }


@dataclass(frozen=True)
class _Drawing:
    """Everything the HTML depends on but the token. What follows from the first fields is not compared."""

    edition: int
    lesson_id: str
    done: frozenset[str]
    views: tuple[Seen, ...]
    language: str
    place: Place = field(compare=False)
    lesson: Lesson = field(compare=False)
    text: str = field(compare=False)


@lru_cache(maxsize=REMEMBERED)
def _drawn(drawing: _Drawing) -> str:
    place, lesson = drawing.place, drawing.lesson
    html = render_template(
        "courses/_player.html",
        place=place,
        course=place.course,
        lesson=lesson,
        done=drawing.done,
        questions=list(zip(lesson.questions, drawing.views, strict=True)),
        body=Markup(drawing.text),  # noqa: S704 - sanitised when it was published
        **neighbours(place, lesson),
    )
    return html.replace(generate_csrf(), _SLOT)


def _hashable(given: Given | None) -> str | tuple[str, ...] | None:
    return tuple(given) if isinstance(given, list) else given
