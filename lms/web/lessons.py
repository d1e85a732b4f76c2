"""The lesson player: the text, its questions where the author put them, and the way on. Four queries for a page, pinned by a test."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from werkzeug.wrappers import Response

from lms.content.model import Lesson, Option, Question
from lms.content.quiz import Given, shown_order
from lms.errors import Invalid, NotFound
from lms.learning.enrol import enrol
from lms.learning.place import Place, place_in
from lms.learning.study import answer, complete, completed_in, latest_answers, reopen
from lms.learning.tables import Answer
from lms.web.request import is_htmx, now, reading, services, transaction, viewer
from lms.words import gettext as _
from lms.words import language

pages = Blueprint("lessons", __name__)


@dataclass(frozen=True)
class Seen:
    """What one learner may see of a question: nothing of the answer before they gave one. Read by the macro `question`."""

    options: tuple[Option, ...] = field(compare=False)
    given: str | tuple[str, ...] | None = None
    state: str = ""
    points: int = 0
    again: bool = True
    left: int | None = None
    error: str = ""


def seen(question: Question, last: Answer | None, *, error: str = "", typed: Given | None = None) -> Seen:
    """The newest attempt decides what is shown; a right answer closes the question."""
    options = question.options
    if question.kind == "order":
        options = shown_order(question, str(viewer().id))
    if last is None:
        return Seen(options, given=_hashable(typed), error=error)
    given = _hashable(last.given if typed is None else typed)
    if question.kind == "order" and isinstance(given, tuple):
        by_id = {option.id: option for option in question.options}
        options = tuple(by_id[each] for each in given if each in by_id)
    state = "right" if last.is_correct else "partly" if last.points else "wrong"
    return Seen(options, given, state, last.points, again=not last.is_correct, error=error)


def _hashable(given: Given | None) -> str | tuple[str, ...] | None:
    return tuple(given) if isinstance(given, list) else given


@dataclass(frozen=True)
class Drawing:
    """A question as one sort of reader sees it: everything its HTML depends on but the form token."""

    question: Question = field(
        compare=False
    )  # named by edition and action; hashing all its texts would cost more than it saves
    seen: Seen
    number: int
    edition: int
    action: str
    order: tuple[str, ...]
    language: str


_SLOT = "\0form token\0"


@lru_cache(maxsize=1024)
def _drawn(drawing: Drawing) -> str:
    """Most readers of a lesson have answered nothing yet and see the same: it is drawn once, with a mark where the token goes."""
    draw = current_app.jinja_env.get_template("_ui.html").module.question  # type: ignore[attr-defined]
    html = draw(drawing.question, drawing.action, drawing.seen, drawing.number, live=True)
    return str(html).replace(generate_csrf(), _SLOT)


def draw_question(place: Place, current: Lesson, question: Question, what: Seen) -> Markup:
    """The question with its form, live with htmx, for who asks now."""
    action = url_for(
        "lessons.reply", course_id=place.course.id, lesson_id=current.id, question_id=question.id
    )
    order = tuple(option.id for option in what.options) if question.kind == "order" else ()
    number = current.questions.index(question) + 1
    drawing = Drawing(question, what, number, place.edition.id, action, order, language())
    return Markup(_drawn(drawing).replace(_SLOT, generate_csrf()))  # noqa: S704 - drawn by our own template


@pages.get("/courses/<course_id>/<lesson_id>")
def lesson(course_id: str, lesson_id: str) -> str:
    session, shelf, me = reading(), services().shelf, viewer()
    place = place_in(session, shelf, me.id, course_id)
    current = place.lesson(lesson_id)
    latest = latest_answers(session, me.id, current.id) if current.questions else {}
    # The body was rendered when it was published; the questions in it are drawn for who reads.
    body = shelf.text(session, current.html)
    for question in current.questions:
        drawn = draw_question(place, current, question, seen(question, latest.get(question.id)))
        body = body.replace(f'<div data-question="{question.id}"></div>', drawn, 1)
    return render_template(
        "courses/lesson.html",
        place=place,
        course=place.course,
        lesson=current,
        body=Markup(body),  # noqa: S704 - sanitised when it was published
        done=completed_in(session, me.id, place.course),
        **_neighbours(place, current),
    )


@pages.post("/courses/<course_id>/<lesson_id>/complete")
def finish(course_id: str, lesson_id: str) -> Response:
    with transaction() as session:
        place, current = _open(session, course_id, lesson_id)
        if request.form.get("undo"):
            reopen(session, viewer().id, current)
        else:
            complete(session, viewer().id, place.course, current, place.edition.id, now=now())
    if request.form.get("undo"):
        return redirect(url_for("lessons.lesson", course_id=course_id, lesson_id=lesson_id))
    way = _neighbours(place, current)
    if current.labs:
        return redirect(url_for("labs.lab", lab_id=current.labs[0]))
    onward = way["next_lesson"]
    if onward is None:
        return redirect(url_for("courses.course", course_id=course_id))
    return redirect(url_for("lessons.lesson", course_id=course_id, lesson_id=onward.id))


@pages.post("/courses/<course_id>/<lesson_id>/questions/<question_id>")
def reply(course_id: str, lesson_id: str, question_id: str) -> str | tuple[str, int] | Response:
    error = ""
    with transaction() as session:
        place, current = _open(session, course_id, lesson_id)
        question = next((each for each in current.questions if each.id == question_id), None)
        if question is None:
            raise NotFound(_("This lesson has no such question."))
        given = _given(question)
        try:
            answer(session, viewer().id, place.course, current, question, given, place.edition.id, now=now())
        except Invalid as refusal:
            error = refusal.message
        if is_htmx() or error:
            last = latest_answers(session, viewer().id, current.id).get(question_id)
    if not is_htmx() and not error:
        return redirect(
            url_for("lessons.lesson", course_id=course_id, lesson_id=lesson_id) + f"#q-{question_id}"
        )
    page = render_template(
        "courses/question.html",
        place=place,
        course=place.course,
        lesson=current,
        question=question,
        number=current.questions.index(question) + 1,
        seen=seen(question, last, error=error, typed=given if error else None),
    )
    # htmx swaps only what came with a success; the refusal is in the part itself.
    return page if is_htmx() else (page, 422)


def _given(question: Question) -> Any:
    """The answer as the form sends it, in the shape `content.quiz` reads."""
    form = request.form
    match question.kind:
        case "multiple":
            return form.getlist("answer")
        case "order":
            ranks = {option.id: form.get(f"rank:{option.id}", "") for option in question.options}
            ordered = sorted(ranks, key=lambda each: _rank(ranks[each]))
            return ordered if len(set(ranks.values())) == len(ranks) else []
        case "single" | "number" | "text":
            return form.get("answer", "")


def _rank(typed: str) -> int:
    return int(typed) if typed.isdecimal() and len(typed) < 4 else 999


def _open(session: Any, course_id: str, lesson_id: str) -> tuple[Place, Lesson]:
    """The lesson to act in. Acting in a course begins it: nobody loses an answer for not having pressed a button first."""
    place = place_in(session, services().shelf, viewer().id, course_id)
    if place.enrolment is None:
        enrol(session, viewer().id, place.course, place.edition.id, now=now())
    return place, place.lesson(lesson_id)


def _neighbours(place: Place, current: Lesson) -> dict[str, Any]:
    lessons = place.course.lessons
    index = lessons.index(current)
    return {
        "number": index + 1,
        "previous_lesson": lessons[index - 1] if index else None,
        "next_lesson": lessons[index + 1] if index + 1 < len(lessons) else None,
        "labs": [place.edition.catalogue.lab_by_id[key] for key in current.labs],
    }
