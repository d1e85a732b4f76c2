"""The grading queue, for staff: what waits, who holds what and since when, how long learners waited, and what has to be done again."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from lms.errors import NotFound
from lms.labs import watch
from lms.labs.engines import tickets
from lms.labs.queue import grade_again
from lms.labs.tables import Submission
from lms.labs.waits import waits
from lms.people.access import require_staff
from lms.web.request import is_htmx, now, reading, services, transaction, viewer
from lms.web.submissions import phase_words
from lms.words import gettext as _
from lms.words import ngettext

pages = Blueprint("queue", __name__, url_prefix="/staff/queue")

HOURS = 12


@pages.before_request
def staff_only() -> None:
    require_staff(viewer())


@pages.get("")
def queue() -> str:
    session = reading()
    counts, running, waiting = watch.counts(session), watch.running(session), watch.waiting(session)
    if is_htmx():
        return render_template(
            "staff/_in_work.html", counts=counts, running=running, waiting=waiting, phase_words=phase_words
        )
    return render_template(
        "staff/queue.html",
        counts=counts,
        running=running,
        waiting=waiting,
        phase_words=phase_words,
        broken=watch.broken(session),
        broken_count=watch.count_broken(session),
        graders=watch.graders(session, now=now()),
        waits=waits(session, hours=HOURS, now=now()),
        troubles=tickets.troubles(session, now=now()),
        avoided=tickets.unfit_nodes(session, now=now()),
    )


@pages.post("/<int:submission_id>/again")
def again(submission_id: int) -> Response:
    with transaction() as session:
        submission = session.get(Submission, submission_id)
        if submission is None:
            raise NotFound(_("There is no such submission."))
        grade_again(session, services().shelf, submission, now=now())
    flash(_("It is in the queue again."), "success")
    return redirect(url_for("submissions.submission", submission_id=submission_id))


@pages.post("/again")
def all_again() -> Response:
    """Everything that is broken, also what the page has no room for, after what broke it was mended."""
    with transaction() as session:
        found = watch.all_broken(session)
        for each in found:
            grade_again(session, services().shelf, each, now=now())
    flash(
        ngettext(
            "%(num)s notebook is in the queue again.", "%(num)s notebooks are in the queue again.", len(found)
        ),
        "success",
    )
    return redirect(url_for("queue.queue"))
