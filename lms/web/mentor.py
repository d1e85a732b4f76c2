"""The desk of those who mark: what needs a person, the notebook beside its rubric, the mark."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.errors import Invalid
from lms.labs.evidence.judge import waiting_for_judgement
from lms.labs.files import to_show
from lms.labs.review import access_submission, review, to_look_at_again, waiting_for_review
from lms.people.access import require_mentor
from lms.people.tables import Person
from lms.web.notebooks import cells_of
from lms.web.request import now, reading, services, transaction, viewer
from lms.web.submissions import result_of
from lms.words import gettext as _

pages = Blueprint("mentor", __name__)


@pages.get("/mentor")
def queue() -> str:
    require_mentor(viewer())
    waiting = waiting_for_review(reading(), services().shelf, viewer())
    wanted = request.args.get("lab", "")
    shown = [each for each in waiting if wanted in ("", each.lab.id)]
    labs = {each.lab.id: each.lab.title for each in waiting}
    return render_template(
        "mentor/queue.html",
        waiting=shown,
        again=to_look_at_again(reading(), services().shelf, viewer()),
        claims=waiting_for_judgement(reading(), viewer()),
        labs=labs,
        wanted=wanted,
        total=len(waiting),
    )


@pages.get("/mentor/submissions/<int:submission_id>")
def desk(submission_id: int) -> str:
    return _page(submission_id, {})


@pages.post("/mentor/submissions/<int:submission_id>")
def decide(submission_id: int) -> tuple[str, int] | Response:
    require_mentor(viewer())
    form = request.form
    try:
        with transaction() as session:
            submission = access_submission(session, viewer(), submission_id)
            lab = result_of(session, submission).lab
            points = {each.id: _points(form.get(f"points:{each.id}")) for each in lab.rubric}
            review(
                session,
                viewer(),
                submission,
                lab,
                points,
                form.get("comment", ""),
                seen=_points(form.get("seen")) or 0,
                beside=_points(form.get("beside")),
                now=now(),
            )
    except Invalid as refusal:
        return _page(submission_id, refusal.fields), 422
    flash(_("Your mark is with the learner."), "success")
    return redirect(url_for("mentor.queue"))


def _page(submission_id: int, errors: dict[str, str]) -> str:
    require_mentor(viewer())
    session = reading()
    found = result_of(session, access_submission(session, viewer(), submission_id))
    return render_template(
        "mentor/desk.html",
        result=found,
        learner=session.get_one(Person, found.submission.person_id),
        cells=cells_of(to_show(session, found.grading)),
        errors=errors,
        form=request.form,
        may_mark=found.submission.person_id != viewer().id
        and found.mark.standing.is_final
        and bool(found.lab.rubric),
    )


def _points(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() and len(text) < 10 else None
