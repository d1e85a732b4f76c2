"""Errors become pages: what was wrong, and what to do next."""

import logging

from flask import Flask, render_template, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, RequestEntityTooLarge

from lms.errors import Conflict, Forbidden, Invalid, NotFound, SlipwayError, Unavailable
from lms.web.request import services, wants_json
from lms.words import gettext as _

log = logging.getLogger(__name__)


class OtherPerson(Conflict):
    """Somebody else is signed in than when the page was opened."""


KINDS: dict[type[SlipwayError], str] = {
    OtherPerson: "other-person",
    NotFound: "not-found",
    Forbidden: "forbidden",
    Invalid: "invalid",
    Conflict: "refused",
    Unavailable: "unavailable",
}
"""What a script may tell refusals apart by, besides the status."""

STATUS: dict[type[SlipwayError], int] = {
    NotFound: 404,
    Forbidden: 403,
    Invalid: 422,
    Conflict: 409,
    Unavailable: 503,
}


def install(app: Flask) -> None:
    app.register_error_handler(SlipwayError, refused)
    app.register_error_handler(CSRFError, stale)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(Exception, broken)


def status_of(error: SlipwayError) -> int:
    return next(status for kind, status in STATUS.items() if isinstance(error, kind))


Refusal = tuple[str, int] | tuple[dict[str, object], int]


def refused(error: SlipwayError) -> Refusal:
    status = status_of(error)
    if wants_json():
        kind = next(kind for each, kind in KINDS.items() if isinstance(error, each))
        return problem(status, error.message, kind), status
    return page(status, error.message), status


def stale(_error: CSRFError) -> Refusal:
    # The token is looked at before anybody asks who it is: a session that ended has none either.
    if wants_json() and not current_user.is_authenticated:
        return signed_out()
    if wants_json():
        return problem(400, _("The page's token is no longer good."), "stale-token"), 400
    text = _(
        "This page was open for so long that its form is no longer good. Go back, reload it, and send it again."
    )
    return page(400, text), 400


def signed_out() -> tuple[dict[str, object], int]:
    """For a script: it cannot be sent to the sign-in page."""
    return problem(401, _("You are signed out. Sign in again in another tab."), "signed-out"), 401


def problem(status: int, message: str, kind: str) -> dict[str, object]:
    """A refusal as a script reads it."""
    return {"error": {"status": status, "message": message, "kind": kind}}


def http(error: HTTPException) -> Refusal | HTTPException:
    """What Flask itself refuses: an unknown address, a wrong method, a body that is too large."""
    status = error.code or 500
    if status < 400:
        return error
    if wants_json():
        too_large = _(
            "What was sent is too large. Choose “Clear all outputs”, or delete files that your code wrote."
        )
        message = too_large if isinstance(error, RequestEntityTooLarge) else error.description or ""
        return problem(status, message, "http"), status
    if isinstance(error, RequestEntityTooLarge):
        limit = services().settings.upload_megabytes
        return page(
            413,
            _("The file is larger than %(limit)s MB. Clear its outputs, save it and try again.", limit=limit),
        ), 413
    if status == 404:
        return page(404, _("There is no page at this address. Was it copied whole?")), 404
    if status == 405:
        return page(405, _("This address takes forms, not visits. Go back to the page you came from.")), 405
    return page(status, error.description or ""), status


def broken(error: Exception) -> Refusal:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    told = _("Something broke on our side. Nothing you did before is lost; try again in a moment.")
    if wants_json():
        return problem(500, told, "broken"), InternalServerError.code
    return page(500, told), InternalServerError.code


def page(status: int, text: str) -> str:
    return render_template("errors.html", status=status, title=title_of(status), text=text)


def title_of(status: int) -> str:
    titles = {
        403: _("Not yours to do"),
        404: _("Not here"),
        409: _("Not this time"),
        413: _("Something to mend"),
        422: _("Something to mend"),
        503: _("Not just now"),
    }
    return titles.get(status) or (_("Our fault") if status >= 500 else _("That did not work"))
