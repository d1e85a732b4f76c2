"""Errors become pages: what was wrong, and what to do next."""

import logging

from flask import Flask, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, RequestEntityTooLarge

from lms.errors import Conflict, Forbidden, Invalid, NotFound, SlipwayError, Unavailable
from lms.web.request import services
from lms.words import gettext as _

log = logging.getLogger(__name__)

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


def refused(error: SlipwayError) -> tuple[str, int]:
    status = status_of(error)
    return page(status, error.message), status


def stale(_error: CSRFError) -> tuple[str, int]:
    text = _(
        "This page was open for so long that its form is no longer good. Go back, reload it, and send it again."
    )
    return page(400, text), 400


def http(error: HTTPException) -> tuple[str, int] | HTTPException:
    """What Flask itself refuses: an unknown address, a wrong method, a body that is too large."""
    status = error.code or 500
    if status < 400:
        return error
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


def broken(error: Exception) -> tuple[str, int]:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return page(
        500, _("Something broke on our side. Nothing you did before is lost; try again in a moment.")
    ), InternalServerError.code


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
