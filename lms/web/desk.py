"""The centre's desk of readiness: what waits for a decision, who stands where, what changed; the same as CSV and JSON."""

import csv
import io
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from lms.certification.policy import read_policy
from lms.errors import Invalid
from lms.people.access import access_organisation, require_staff
from lms.readiness import confirm
from lms.readiness.desk import Row, as_record, changes, counts, standing, waiting
from lms.readiness.states import LevelState
from lms.web.attachment import attachment
from lms.web.request import now, reading, services, transaction, viewer
from lms.words import gettext as _

pages = Blueprint("desk", __name__)

RECENT = 10
DECISIONS = {"suspend": confirm.suspend, "resume": confirm.resume, "withdraw": confirm.withdraw}


@pages.before_request
def staff_only() -> None:
    require_staff(viewer())


@pages.get("/staff/readiness")
def overview() -> str:
    session, shelf = reading(), services().shelf
    policy = read_policy(shelf.live(session).catalogue.policy)
    state, level = _wanted()
    return render_template(
        "staff/readiness.html",
        policy=policy,
        counts=counts(session),
        states=list(LevelState),
        waiting=waiting(session),
        rows=standing(session, state, level),
        changes=changes(session, limit=RECENT),
        state=state,
        level=level,
    )


@pages.get("/staff/readiness.csv")
def as_csv() -> Response:
    made = io.StringIO()
    records = _records()
    writer = csv.DictWriter(made, fieldnames=list(_EMPTY))
    writer.writeheader()
    writer.writerows({name: harmless(value) for name, value in record.items()} for record in records)
    return attachment(made.getvalue().encode("utf-8-sig"), "readiness.csv", "text/csv")


@pages.get("/staff/readiness.json")
def as_json() -> Response:
    response: Response = jsonify({"at": now().isoformat(), "standings": _records()})
    response.headers.set("Content-Disposition", "attachment", filename="readiness.json")
    return response


@pages.post("/staff/readiness/<slug>/<level_id>")
def decide(slug: str, level_id: str) -> BaseResponse:
    """Suspend, take back in or withdraw a level. Granting has its own form, on the company's page."""
    verb = DECISIONS.get(request.form.get("what", ""))
    if verb is None:
        raise Invalid(_("Choose what to do with the level."))
    with transaction() as session:
        organisation = access_organisation(session, viewer(), slug)
        reason = request.form.get("reason", "")
        verb(session, services().shelf, organisation, level_id, by=viewer(), reason=reason, now=now())
    flash(_("Decided, and written down with your reason."), "success")
    return redirect(url_for("companies.company", slug=slug))


def _wanted() -> tuple[LevelState | None, str]:
    """The filter of the list."""
    asked = request.args.get("state", "")
    return next((each for each in LevelState if each.value == asked), None), request.args.get("level", "")


_EMPTY = dict.fromkeys(
    ("company", "slug", "level", "state", "since", "earned", "lapses_on", "grace_until", "waits_since", "certificate", "policy")
)  # fmt: skip


def _records() -> list[dict[str, Any]]:
    return [as_record(row, _certificate(row)) for row in standing(reading(), *_wanted())]


def _certificate(row: Row) -> str:
    if row.stand.credential_id is None:
        return ""
    base = services().settings.base_url
    return base + url_for("certificates.credential", credential_id=row.stand.credential_id)


def harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula, with an apostrophe before it."""
    return (
        f"'{value}"
        if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
        else value
    )
