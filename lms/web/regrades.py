"""Grades looked at again, for staff: ask for it, see how far it is and what would change, let it count or not."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.errors import Conflict, Invalid, NotFound
from lms.labs.appeal import changes_of, get_regrade, latest_regrades, progress_of
from lms.labs.changes import digest, tally
from lms.labs.regrade import apply, ask, close, graded_of_lab, graded_submission
from lms.people.access import require_staff
from lms.people.tables import Person
from lms.web.refusals import status_of
from lms.web.request import is_htmx, now, reading, services, transaction, viewer
from lms.words import gettext as _
from lms.words import ngettext

pages = Blueprint("regrades", __name__, url_prefix="/staff/regrades")

MOST_LISTED = 50
MOST_SHOWN = 200


@pages.before_request
def staff_only() -> None:
    require_staff(viewer())


@pages.get("")
def regrades() -> str:
    return _list({}, request.args.get("what", ""))


@pages.post("")
def begin() -> tuple[str, int] | Response:
    what = request.form.get("what", "").strip()
    try:
        with transaction() as session:
            chosen = (
                [graded_submission(session, int(what))] if _is_number(what) else graded_of_lab(session, what)
            )
            asked = ask(
                session,
                services().shelf,
                chosen,
                live=request.form.get("basis") == "live",
                reason=request.form.get("reason", ""),
                by=viewer().id,
                now=now(),
            )
    except Invalid as refusal:
        return _list(refusal.fields, what), 422
    except (Conflict, NotFound) as refusal:
        return _list({"what": refusal.message}, what), status_of(refusal)
    return redirect(url_for("regrades.regrade", regrade_id=asked.id))


@pages.get("/<int:regrade_id>")
def regrade(regrade_id: int) -> str | Response:
    session = reading()
    found = get_regrade(session, regrade_id)
    done, total = progress_of(session, regrade_id)
    if is_htmx():
        if done == total:
            return Response(headers={"HX-Refresh": "true"})
        return render_template("staff/_regrading.html", regrade=found, done=done, total=total)
    ready = done == total or found.state != "open"
    changes = changes_of(session, services().shelf, regrade_id) if ready else []
    shown = [each for each in changes if each.verdict != "same"][:MOST_SHOWN]
    return render_template(
        "staff/regrade.html",
        regrade=found,
        asked_by=session.get(Person, found.asked_by) if found.asked_by else None,
        closed_by=session.get(Person, found.closed_by) if found.closed_by else None,
        done=done,
        total=total,
        ready=ready,
        tally=tally(changes),
        rows=shown,
        seen=digest(changes),
    )


@pages.post("/<int:regrade_id>/apply")
def let_count(regrade_id: int) -> Response:
    which = request.form.get("which")
    if which not in ("raised", "all"):
        flash(_("Choose first which of the new grades shall count. Nothing was changed."), "error")
        return redirect(url_for("regrades.regrade", regrade_id=regrade_id))
    with transaction() as session:
        applied = apply(
            session,
            services().shelf,
            get_regrade(session, regrade_id),
            seen=request.form.get("seen", ""),
            may_lower=which == "all",
            by=viewer().id,
            now=now(),
        )
    flash(
        ngettext("%(num)s grade was replaced.", "%(num)s grades were replaced.", applied.total()), "success"
    )
    return redirect(url_for("regrades.regrade", regrade_id=regrade_id))


@pages.post("/<int:regrade_id>/close")
def let_be(regrade_id: int) -> Response:
    with transaction() as session:
        close(session, get_regrade(session, regrade_id), by=viewer().id, now=now())
    flash(_("Closed. Every grade is as it was."), "success")
    return redirect(url_for("regrades.regrade", regrade_id=regrade_id))


def _list(errors: dict[str, str], what: str) -> str:
    session = reading()
    labs = services().shelf.live(session).catalogue.labs
    return render_template(
        "staff/regrades.html",
        regrades=latest_regrades(session, MOST_LISTED),
        labs=labs,
        what=what,
        errors=errors,
        form=request.form,
    )


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) < 10
