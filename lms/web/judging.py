"""A mentor before a claim: its timeline, what was asked beside what was given, each check with the lines it rests on, and the decision."""

from datetime import UTC, datetime

from babel.dates import format_datetime
from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lms.errors import Conflict, Invalid
from lms.labs.evidence.check_given import pairs
from lms.labs.evidence.checks import checks_of
from lms.labs.evidence.hand_in import begun_before
from lms.labs.evidence.judge import claim_to_judge, decide, elsewhere_of
from lms.labs.evidence.timeline import timeline_of
from lms.labs.evidence.verdict import Check, Circumstances
from lms.labs.tables import LabWork
from lms.web.claims import Brought, brought_of
from lms.web.filters import zone
from lms.web.raw_text import lines_of
from lms.web.request import now, reading, transaction, viewer
from lms.words import gettext as _
from lms.words import locale

pages = Blueprint("judging", __name__)


@pages.get("/mentor/evidence/<int:claim_id>")
def desk(claim_id: int) -> str:
    return _page(claim_id, {})


@pages.post("/mentor/evidence/<int:claim_id>")
def judge(claim_id: int) -> tuple[str, int] | Response:
    form = request.form
    choice = {"yes": True, "no": False}.get(form.get("accepted", ""))
    seen = form.get("seen", "")
    try:
        with transaction() as session:
            claim = claim_to_judge(session, viewer(), claim_id)
            checks = _checks(session, brought_of(session, claim))
            decide(
                session,
                viewer(),
                claim,
                accepted=choice,
                comment=form.get("comment", ""),
                verdicts={check.name: check.verdict for check in checks},
                seen=int(seen) if seen.isdecimal() and seen.isascii() and len(seen) < 10 else 0,
                now=now(),
            )
    except Invalid as refusal:
        return _page(claim_id, refusal.fields), 422
    except Conflict as refusal:
        return _page(claim_id, {}, refusal.message), 409
    flash(_("Your decision is with the learner."), "success")
    return redirect(url_for("mentor.queue"))


def _checks(session: Session, brought: Brought) -> tuple[Check, ...]:
    if brought.reading is None:
        return ()
    asked = brought.lab.evidence
    work = session.get_one(LabWork, brought.claim.work_id)
    about = Circumstances(
        begun=begun_before(session, work),
        handed_in=brought.claim.handed_in_at,
        machine=asked.machine if asked else None,
        zone=asked.zone if asked else "",
        elsewhere=elsewhere_of(session, brought.claim),
    )
    return checks_of(brought.reading, about)


def _page(claim_id: int, errors: dict[str, str], refusal: str = "") -> str:
    session = reading()
    found = brought_of(session, claim_to_judge(session, viewer(), claim_id))
    checks = _checks(session, found)
    cited = [place for check in checks for place in check.rests]
    positions = {piece.name: position for position, piece in enumerate(found.pieces, 1)}
    return render_template(
        "mentor/claim.html",
        brought=found,
        checks=checks,
        counts={
            verdict: sum(each.verdict.name == verdict for each in checks)
            for verdict in ("CONSISTENT", "CONTRADICTS", "UNKNOWN")
        },
        pairs=list(pairs(found.reading)) if found.reading else [],
        timeline=timeline_of(found.reading.job) if found.reading else None,
        files=[(piece.name, lines_of(piece, cited)) for piece in found.pieces] if found.reading else [],
        positions=positions,
        clock=clock,
        errors=errors,
        form=request.form,
        refusal=refusal,
    )


def clock(moment: datetime, after: datetime | None = None) -> str:
    """25 Nov 2026, 16:13:09: as the record has it, or in the reader's zone where it has one. 16:13:09 when it is on the day of `after`."""
    zoned = moment.astimezone(zone()) if moment.tzinfo else moment.replace(tzinfo=UTC)
    is_same_day = after is not None and moment.date() == after.date()
    pattern = _("HH:mm:ss") if is_same_day else _("d MMM y, HH:mm:ss")
    return format_datetime(zoned, pattern, tzinfo=zoned.tzinfo, locale=locale())
