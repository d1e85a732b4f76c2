"""The centre's hand-over: who is told what happens, whether it arrives, and who may ask."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.errors import Invalid
from lms.handover import endpoints, events, log, tokens
from lms.handover.deliver import secrets_of
from lms.people.access import require_staff
from lms.web.request import now, reading, services, transaction, viewer
from lms.words import gettext as _

pages = Blueprint("handover", __name__, url_prefix="/staff/handover")

PER_PAGE = 25


@pages.before_request
def staff_only() -> None:
    require_staff(viewer())


@pages.get("")
def overview() -> str:
    return _overview({})


@pages.post("")
def add() -> tuple[str, int] | str:
    """The secret is in the answer and on no page afterwards."""
    form = request.form
    try:
        wished = endpoints.wish(form.get("url", ""), form.get("description", ""), form.getlist("events"))
    except Invalid as refusal:
        return _overview(refusal.fields), 422
    with transaction() as session:
        endpoint = endpoints.add(session, wished, by=viewer(), now=now())
    return _endpoint(endpoint.id, secret=endpoint.secret)


@pages.get("/<int:endpoint_id>")
def endpoint(endpoint_id: int) -> str:
    return _endpoint(endpoint_id)


@pages.post("/<int:endpoint_id>/secret")
def rotate(endpoint_id: int) -> str:
    return _endpoint(endpoint_id, secret=_change(endpoint_id, endpoints.rotate))


@pages.post("/<int:endpoint_id>/pause")
def pause(endpoint_id: int) -> Response:
    _change(endpoint_id, endpoints.pause)
    flash(_("Paused. What happens meanwhile waits."), "success")
    return _back(endpoint_id)


@pages.post("/<int:endpoint_id>/resume")
def resume(endpoint_id: int) -> Response:
    _change(endpoint_id, endpoints.resume)
    flash(_("Taken up again. What waited is sent within seconds."), "success")
    return _back(endpoint_id)


@pages.post("/<int:endpoint_id>/test")
def test(endpoint_id: int) -> Response:
    with transaction() as session:
        found = endpoints.endpoint_of(session, endpoint_id)
        endpoints.send_test(session, services().press.issuer, found, by=viewer(), now=now())
    flash(_("A test is on its way. Reload this page in a few seconds to see what was answered."), "success")
    return _back(endpoint_id)


@pages.post("/<int:endpoint_id>/deliveries/<int:delivery_id>/again")
def again(endpoint_id: int, delivery_id: int) -> Response:
    with transaction() as session:
        found = endpoints.endpoint_of(session, endpoint_id, to_change=True)
        endpoints.send_again(session, found, delivery_id, by=viewer(), now=now())
    flash(_("It is sent again, under the same number, so that the other side can tell."), "success")
    return _back(endpoint_id)


@pages.post("/tokens")
def make_token() -> tuple[str, int] | str:
    """The token is in the answer and on no page afterwards."""
    form = request.form
    try:
        with transaction() as session:
            token = tokens.make(
                session,
                label=form.get("label", ""),
                days=form.get("days", 0, type=int),
                by=viewer(),
                now=now(),
            )
    except Invalid as refusal:
        return _overview(refusal.fields), 422
    return _overview({}, made=token)


@pages.post("/tokens/<int:token_id>/revoke")
def revoke_token(token_id: int) -> Response:
    with transaction() as session:
        tokens.revoke(session, token_id, by=viewer(), now=now())
    flash(_("Revoked. Whoever has it asks in vain from now on."), "success")
    return redirect(url_for("handover.overview") + "#tokens")


def _change(endpoint_id: int, verb: Callable[..., Any]) -> Any:
    with transaction() as session:
        found = endpoints.endpoint_of(session, endpoint_id, to_change=True)
        return verb(session, found, by=viewer(), now=now())


def _back(endpoint_id: int) -> Response:
    return redirect(url_for("handover.endpoint", endpoint_id=endpoint_id))


def _overview(errors: dict[str, str], made: str = "") -> str:
    session = reading()
    return render_template(
        "handover/overview.html",
        told=log.told(session, now()),
        tokens=tokens.tokens(session),
        names=event_words(),
        errors=errors,
        form=request.form,
        chosen=request.form.getlist("events") or list(events.NAMES),
        made=made,
        now=now(),
    )


def _endpoint(endpoint_id: int, secret: str = "") -> str:
    session = reading()
    found = endpoints.endpoint_of(session, endpoint_id)
    total = log.count_deliveries(session, found.id)
    page = min(max(1, request.args.get("page", 1, type=int)), 10**6)
    shown = log.deliveries(session, found.id, limit=PER_PAGE, offset=(page - 1) * PER_PAGE)
    return render_template(
        "handover/endpoint.html",
        endpoint=found,
        deliveries=[(each, log.state_of(each, found, now())) for each in shown],
        total=total,
        page=page,
        last=max(1, -(-total // PER_PAGE)),
        names=event_words(),
        secret=secret,
        both_sign=len(secrets_of(found, now=now())) > 1,
    )


def event_words() -> dict[str, str]:
    """What each event tells, for people."""
    return {
        events.ISSUED: _("a certificate was issued"),
        events.RENEWED: _("a company's certificate was renewed"),
        events.REVOKED: _("a certificate was revoked"),
        events.GRANTED: _("a company is ready for a level"),
        events.EXPIRING: _("a level is about to lapse"),
        events.WITHDRAWN: _("a level holds no more"),
        events.TEST: _("a test"),
    }
