"""A course: what it is for, what is in it, how far one is; begin it, move to its newer version, have it certified."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from lms.certification.evidence import Dossier, dossiers_of
from lms.certification.issue import issue_for_course, issue_for_track
from lms.certification.register import credentials_of
from lms.certification.standing import valid_among
from lms.errors import NotFound
from lms.learning.enrol import adopt, enrol
from lms.learning.place import place_in, record_of
from lms.learning.progress import NOTHING, progress
from lms.web.request import now, reading, services, transaction, viewer
from lms.words import gettext as _

pages = Blueprint("courses", __name__)


@pages.get("/courses/<course_id>")
def course(course_id: str) -> str:
    session, shelf, me = reading(), services().shelf, viewer()
    place = place_in(session, shelf, me.id or None, course_id)
    dossier = dossiers_of(session, shelf, [me.id])[me.id] if me.id else Dossier({}, {})
    mine = dossier.courses.get(course_id)
    held = valid_among(credentials_of(session, person_id=me.id), now()) if me.id else {}
    return render_template(
        "courses/course.html",
        place=place,
        course=place.course,
        done=place.completed if mine else frozenset(),
        progress=mine.progress if mine else progress(place.course, NOTHING),
        results=dossier.labs,
        passed=mine.passed if mine else None,
        certificate=held.get(("course", course_id)),
        prerequisites=[
            place.edition.catalogue.course_by_id[key]
            for key in place.course.prerequisites
            if key not in dossier.courses_passed and key in place.edition.catalogue.course_by_id
        ],
        introduction=shelf.text(session, place.course.html),
    )


@pages.post("/courses/<course_id>/enrol")
def begin(course_id: str) -> Response:
    with transaction() as session:
        place = place_in(session, services().shelf, viewer().id, course_id)
        enrol(session, viewer().id, place.course, place.edition.id, now=now())
        record = record_of(session, viewer().id)
    lesson = progress(place.course, record).next_lesson
    if lesson is None:
        return redirect(url_for("courses.course", course_id=course_id))
    return redirect(url_for("lessons.lesson", course_id=course_id, lesson_id=lesson.id))


@pages.post("/courses/<course_id>/adopt")
def move(course_id: str) -> Response:
    with transaction() as session:
        place = place_in(session, services().shelf, viewer().id, course_id)
        if place.newer is not None and place.enrolment is not None:
            adopt(session, place.enrolment, place.newer, services().shelf.live(session).id, now=now())
    flash(_("You are on the newest version now. What you had done stays done."), "success")
    return redirect(url_for("courses.course", course_id=course_id))


@pages.post("/courses/<course_id>/certificate")
def certify(course_id: str) -> Response:
    me, shelf = viewer(), services().shelf
    with transaction() as session:
        place = place_in(session, shelf, me.id, course_id)
        dossier = dossiers_of(session, shelf, [me.id])[me.id]
        credential = issue_for_course(session, shelf, services().press, me, place.course, dossier, now=now())
    return redirect(url_for("certificates.credential", credential_id=credential.id))


@pages.post("/tracks/<track_id>/certificate")
def certify_track(track_id: str) -> Response:
    me, shelf = viewer(), services().shelf
    with transaction() as session:
        track = shelf.live(session).catalogue.track_by_id.get(track_id)
        if track is None:
            raise NotFound(_("There is no such track."))
        dossier = dossiers_of(session, shelf, [me.id])[me.id]
        credential = issue_for_track(session, shelf, services().press, me, track, dossier, now=now())
    return redirect(url_for("certificates.credential", credential_id=credential.id))
