"""Welcome, home, the catalogue, and the files of the interface and of courses."""

import mimetypes
from collections.abc import Iterator
from pathlib import PurePosixPath

from flask import Blueprint, Response, redirect, render_template, request, send_from_directory, url_for
from flask_login import current_user
from sqlalchemy import select, union
from werkzeug.wrappers import Response as BaseResponse

from lms.certification.evidence import Dossier, dossiers_of
from lms.certification.passing import track_passed
from lms.certification.register import credentials_of
from lms.certification.standing import valid_among
from lms.content.model import Course
from lms.content.shelf import Edition
from lms.errors import NotFound
from lms.labs.review import waiting_for_review
from lms.labs.tables import LabWork
from lms.learning.tables import Enrolment
from lms.web import filters
from lms.web.compression import compressed
from lms.web.request import now, reading, services, viewer
from lms.words import gettext as _

pages = Blueprint("front", __name__)

YEAR = 365 * 24 * 3600


@pages.get("/")
def welcome() -> str | BaseResponse:
    if current_user.is_authenticated:
        return redirect(url_for("front.home"))
    catalogue = services().shelf.live(reading()).catalogue
    return render_template("front/welcome.html", catalogue=catalogue)


@pages.get("/home")
def home() -> str:
    """What to do next, and what waits for whom."""
    session, shelf, me = reading(), services().shelf, viewer()
    live = shelf.live(session)
    dossier = dossiers_of(session, shelf, [me.id])[me.id]
    to_mark = len(waiting_for_review(session, shelf, me)) if me.is_mentor else 0
    return render_template(
        "front/home.html",
        dossier=dossier,
        catalogue=live.catalogue,
        steps=next_steps(dossier),
        credentials=credentials_of(session, person_id=me.id),
        to_mark=to_mark,
    )


def next_steps(dossier: Dossier) -> list[tuple[str, str, str]]:
    """(what, why, where) of what this learner should do next: one step for each course that is not passed."""
    steps = []
    for standing in dossier.courses.values():
        course = standing.course
        open_labs = [lab for lab in course.labs if lab not in dossier.labs or not dossier.labs[lab].is_passed]
        lesson = standing.progress.next_lesson
        if standing.passed is not None:
            continue
        if lesson is not None:
            number, total = course.lessons.index(lesson) + 1, len(course.lessons)
            why = _(
                "%(course)s, lesson %(number)s of %(total)s", course=course.title, number=number, total=total
            )
            steps.append(
                (lesson.title, why, url_for("lessons.lesson", course_id=course.id, lesson_id=lesson.id))
            )
        elif open_labs:
            why = _("%(course)s: every lesson is done, a lab is left", course=course.title)
            steps.append((_("Lab %(id)s", id=open_labs[0]), why, url_for("labs.lab", lab_id=open_labs[0])))
        else:
            why = _("%(course)s: some questions are still to be answered right", course=course.title)
            steps.append((_("Look at the questions"), why, url_for("courses.course", course_id=course.id)))
    return steps


@pages.get("/courses")
def catalogue() -> str:
    session, shelf, me = reading(), services().shelf, viewer()
    live = shelf.live(session)
    dossier = dossiers_of(session, shelf, [me.id])[me.id] if me.id else Dossier({}, {})
    wanted = request.args.get("q", "").strip()
    held = valid_among(credentials_of(session, person_id=me.id), now()) if me.id else {}
    found = [course for course in live.catalogue.courses if _matches(course, wanted)]
    return render_template(
        "front/catalogue.html",
        catalogue=live.catalogue,
        found={course.id for course in found},
        wanted=wanted,
        dossier=dossier,
        passed={track.id for track in live.catalogue.tracks if track_passed(track, dossier.courses_passed)},
        certified={key: each for (kind, key), each in held.items() if kind == "track"},
    )


def _matches(course: Course, wanted: str) -> bool:
    text = " ".join((course.id, course.title, course.summary, *course.skills)).casefold()
    return all(word in text for word in wanted.casefold().split())


@pages.get("/accessibility")
def accessibility() -> str:
    return render_template("front/accessibility.html")


@pages.get("/static/<version>/<path:path>")
def static(version: str, path: str) -> Response:  # noqa: ARG001 - the version is there for caches
    response = compressed(filters.STATIC, path) or send_from_directory(filters.STATIC, path)
    response.headers["Vary"] = "Accept-Encoding"
    # A stylesheet names its fonts relative to itself, so they come with its version: those may be kept for a day, exact ones for ever.
    exact = (filters.STATIC / path).is_file() and filters.asset(path) == request.path
    response.headers["Cache-Control"] = (
        f"public, max-age={YEAR}, immutable" if exact else "public, max-age=86400"
    )
    # The frame that Python runs in is of no origin, and takes its script from here; so does a worker of its page, which is isolated.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    return response


@pages.get("/assets/<name>")
def asset(name: str) -> Response:
    """An image or another file of a course, by digest: it never changes."""
    digest, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix
    if len(digest) != 64:
        raise NotFound(_("There is no such file."))
    # Blobs hold the sources of labs and lessons too, answers and all: only what a page of some course points at is served.
    if not any(digest in edition.catalogue.assets.values() for edition in _read_by_viewer()):
        raise NotFound(_("There is no such file."))
    kind = mimetypes.types_map.get(suffix.lower(), "application/octet-stream")
    response = Response(services().shelf.blob(reading(), digest), mimetype=kind)
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    # An SVG opened by itself is a page: it may style itself, and nothing else.
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


def _read_by_viewer() -> Iterator[Edition]:
    """The live release, then those this person began something on."""
    session, shelf, me = reading(), services().shelf, viewer()
    yield shelf.live(session)
    if me.id:
        begun = union(
            select(Enrolment.release_id).where(Enrolment.person_id == me.id),
            select(LabWork.release_id).where(LabWork.person_id == me.id),
        )
        yield from (shelf.edition(session, release_id) for release_id in session.scalars(begun).all())
