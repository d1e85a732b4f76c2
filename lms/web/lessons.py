"""The lesson player: the text, its questions where the author put them, and the way on. Four queries for a page, pinned by a test."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.content.model import Lesson, Question
from lms.errors import Invalid, NotFound
from lms.learning.enrol import enrol
from lms.learning.place import Place, place_in
from lms.learning.study import answer, complete, latest_answers, reopen
from lms.web.drawing import draw_lesson, neighbours, seen
from lms.web.request import is_htmx, now, reading, services, transaction, viewer
from lms.words import gettext as _

pages = Blueprint("lessons", __name__)


@pages.get("/courses/<course_id>/<lesson_id>")
def lesson(course_id: str, lesson_id: str) -> str:
    session, shelf, me = reading(), services().shelf, viewer()
    place = place_in(session, shelf, me.id, course_id)
    current = place.lesson(lesson_id)
    drawn = draw_lesson(
        place,
        current,
        shelf.text(session, current.html),
        latest_answers(session, me.id, current.id) if current.questions else {},
    )
    return render_template("courses/lesson.html", lesson=current, drawn=drawn)


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
    way = neighbours(place, current)
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
        "courses/question.html" if is_htmx() else "courses/question_page.html",
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
