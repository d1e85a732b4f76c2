"""Anybody's badge, checked for anybody: no sign-in, nothing kept. What the badge's issuer publishes is fetched; what is ours is not."""

from collections.abc import Callable
from dataclasses import asdict
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, render_template, request
from werkzeug.exceptions import HTTPException

from lms.certification.register import credential_of
from lms.errors import Invalid, SlipwayError, Unavailable
from lms.outbound import POLICY, Errand, NotAllowed, fetch
from lms.verification.throttle import TooMany, count_try
from lms.verification.verify import Report, Verdict, verify
from lms.web.refusals import status_of
from lms.web.request import now, reading, services, stop_reading, transaction, wants_json
from lms.web.security import PUBLIC
from lms.words import gettext as _

pages = Blueprint("verify", __name__)

ACCEPT = "application/vc+jwt, application/vc+ld+json, application/vc, application/json, image/png, image/svg+xml, */*;q=0.1"
AT_ONCE = BoundedSemaphore(2)
"""In one process: whoever answers slowly must not take every thread there is."""
PATIENCE = 5.0
FOR_PEOPLE = frozenset({"certificates.lookup"})


@pages.get("/verify")
def form() -> str:
    return render_template("verify/form.html", typed=request.args.get("link", "")[:2000], errors={})


@pages.post("/verify")
def check() -> str | tuple[str, int] | dict[str, Any] | tuple[dict[str, Any], int]:
    typed = request.form.get("badge", "").strip()
    try:
        with transaction() as session:
            count_try(session, address=request.remote_addr or "", now=now())
        report = _report(typed)
    except TooMany as refusal:
        return _again(typed, refusal, 429)
    except SlipwayError as refusal:
        return _again(typed, refusal, status_of(refusal))
    if wants_json():
        return _as_json(report)
    if report.verdict is Verdict.UNREADABLE:
        return _again(typed, Invalid(report.sentence), 422)
    return render_template("verify/result.html", report=report)


def _report(typed: str) -> Report:
    """Raises Invalid where nothing was given, and what fetching it does."""
    if not AT_ONCE.acquire(timeout=PATIENCE):
        raise Unavailable(_("Many badges are being checked right now. Try again in a minute."))
    try:
        return verify(_given(typed), download=_Fetching(), now=now())
    finally:
        AT_ONCE.release()


def _given(typed: str) -> bytes:
    file = request.files.get("file")
    if file is not None and file.filename:
        data: bytes = file.read()
        return data
    if not typed:
        raise Invalid(_("Paste a badge or its link, or choose its file."))
    if not typed.startswith(("https://", "http://")):
        return typed.encode()
    if (ours := _ours(typed)) is not None:
        return ours
    stop_reading()
    return fetch(typed, accept=ACCEPT, policy=POLICY, elsewhere=True)


class _Fetching:
    """The `Download` of one badge: what is ours from our own pages, everything else over the network."""

    def __init__(self) -> None:
        self._errand = Errand()

    def __call__(self, url: str) -> bytes:
        if (ours := _ours(url)) is not None:
            return ours
        stop_reading()  # no transaction waits for somebody else's server
        return self._errand(url)


def _ours(url: str) -> bytes | None:
    """What this site publishes at `url`, or None where that is not this site. Raises NotAllowed where there is nothing of the kind."""
    parts = urlsplit(url)
    if parts.netloc != urlsplit(services().settings.base_url).netloc:
        return None
    try:
        endpoint, values = current_app.url_map.bind(parts.netloc).match(parts.path, "GET")
    except HTTPException:
        endpoint, values = "", {}
    if endpoint == "certificates.credential":  # its page is for people
        found = credential_of(reading(), values["credential_id"])
        return (found.document or found.jwt).encode()
    if not endpoint.startswith(("certificates.", "proofs.")) or endpoint not in PUBLIC - FOR_PEOPLE:
        raise NotAllowed(_("At this address of ours there is nothing that could be checked."))
    view: Callable[..., Any] = current_app.view_functions[endpoint]
    return current_app.make_response(view(**values)).get_data()


def _again(typed: str, refusal: SlipwayError, status: int) -> tuple[str, int] | tuple[dict[str, Any], int]:
    if wants_json():
        return {"error": {"status": status, "message": refusal.message, "kind": "refused"}}, status
    return render_template("verify/form.html", typed=typed, errors={"badge": refusal.message}), status


def _as_json(report: Report) -> dict[str, Any]:
    return {
        "verdict": report.verdict.value,
        "sentence": report.sentence,
        "checks": [{**asdict(each), "outcome": each.outcome.value} for each in report.checks],
        "badge": asdict(report.badge) if report.badge else None,
    }
