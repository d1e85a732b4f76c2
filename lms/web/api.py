"""What an allocation desk asks by a program: is this company ready, for what, until when, who says so. docs/HANDOVER.md describes it.

No session, no form: a token in a header. Refusals are problem details (RFC 9457) that say what to do.
"""

import json
from typing import Any

from flask import Blueprint, Response, request

from lms.certification.policy import read_policy
from lms.errors import SlipwayError
from lms.handover import answers
from lms.handover.tokens import READ_READINESS, WINDOW, NoToken, TooOften, use
from lms.web.refusals import status_of
from lms.web.request import now, services, transaction
from lms.words import gettext as _

pages = Blueprint("api", __name__, url_prefix="/api/v1")


@pages.get("/organisations/<slug>/readiness")
def company(slug: str) -> Response:
    _count()
    with services().database.reading() as session:
        return _json(answers.of_company(session, services().press.issuer, slug, now=now()))


@pages.get("/readiness")
def companies() -> Response:
    _count()
    level, machine = (request.args.get(name, "").strip() for name in ("level", "machine"))
    with services().database.reading() as session:
        policy = read_policy(services().shelf.live(session).catalogue.policy)
        issuer = services().press.issuer
        return _json(answers.of_all(session, issuer, policy, level=level, machine=machine, now=now()))


@pages.errorhandler(SlipwayError)
def refused(error: SlipwayError) -> Response:
    status = 401 if isinstance(error, NoToken) else 429 if isinstance(error, TooOften) else status_of(error)
    titles = {401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 429: "Too Many Requests"}
    told = {
        "type": "about:blank",
        "title": titles.get(status, "Service Unavailable"),
        "status": status,
        "detail": error.message,
    }
    response = _json(told, status=status, media="application/problem+json")
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="readiness"'
    if status == 429:
        response.headers["Retry-After"] = str(int(WINDOW.total_seconds()))
    return response


def _count() -> None:
    """Count the request against its token. Raises NoToken, Forbidden or TooOften."""
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise NoToken(
            _(
                "Show a token: “Authorization: Bearer slr_…”. The centre makes one on its desk, under Hand-over."
            )
        )
    with transaction() as session:
        use(session, token.strip(), READ_READINESS, now=now())


def _json(told: dict[str, Any], *, status: int = 200, media: str = "application/json") -> Response:
    response = Response(json.dumps(told, ensure_ascii=False, indent=1) + "\n", status, mimetype=media)
    response.headers["Cache-Control"] = "no-store"
    return response
