"""Documents and facts that no course can show: what a company needs, who has vouched for it, and giving one's own word."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lms.certification.attestation.attest import (
    Word,
    access_to_attest,
    attest,
    attestation_of,
    attestations_of,
    authority_of,
    withdraw,
)
from lms.certification.attestation.document import MOST_BYTES, Upload
from lms.certification.attestation.tables import AttestedDocument
from lms.certification.decision import decide
from lms.certification.evidence import companies_of, company_of
from lms.certification.policy import Policy, read_policy
from lms.errors import Invalid, NotFound
from lms.people.access import access_organisation, organisations, require_mentor
from lms.readiness.evaluate import Cause, evaluate
from lms.readiness.wanted import attestable, wanted
from lms.web.attachment import attachment
from lms.web.request import now, reading, services, transaction, viewer
from lms.words import gettext as _

pages = Blueprint("attestations", __name__)


@pages.get("/mentor/companies")
def to_see() -> str:
    """Companies with documents that a mentor may see to, those they work for left out."""
    require_mentor(viewer())
    session, shelf = reading(), services().shelf
    policy = _policy(session)
    others = [
        each for each in organisations(session) if authority_of(viewer(), each.id) in ("mentor", "staff")
    ]
    companies = companies_of(session, shelf, [each.id for each in others])
    theirs = {each.id for each in attestable(policy, "mentor")}
    rows = []
    for organisation in others:
        needs = wanted(policy, decide(policy, companies[organisation.id], now().date()))
        missing = [each for each in needs if not each.is_met and each.document.id in theirs]
        if missing:
            rows.append((organisation, missing))
    return render_template("mentor/companies.html", rows=rows)


@pages.get("/companies/<slug>/documents")
def documents(slug: str) -> str:
    return _page(slug, {})


@pages.post("/companies/<slug>/documents")
def give(slug: str) -> tuple[str, int] | Response:
    try:
        word = _word()
        with transaction() as session:
            organisation = access_to_attest(session, viewer(), slug)
            attest(session, organisation, _policy(session), word, by=viewer(), now=now())
            _look(session, organisation.id, "attested")
    except Invalid as refusal:
        return _page(slug, refusal.fields), 422
    flash(_("Kept. It counts from the day you gave."), "success")
    return redirect(url_for("attestations.documents", slug=slug))


@pages.post("/companies/<slug>/documents/<int:attestation_id>/withdraw")
def take_back(slug: str, attestation_id: int) -> Response:
    with transaction() as session:
        organisation = access_to_attest(session, viewer(), slug)
        found = attestation_of(session, organisation, attestation_id)
        withdraw(session, found, by=viewer(), reason=request.form.get("reason", ""), now=now())
        _look(session, organisation.id, "attestation-withdrawn")
    flash(_("Withdrawn. It counts no more, and stays in the history."), "success")
    return redirect(url_for("attestations.documents", slug=slug))


@pages.get("/companies/<slug>/documents/<int:attestation_id>/file")
def file(slug: str, attestation_id: int) -> Response:
    """Exactly the bytes that were uploaded: for the company's leads and the centre's staff only."""
    session = reading()
    found = attestation_of(session, access_organisation(session, viewer(), slug), attestation_id)
    if found.document_sha256 is None:
        raise NotFound(_("There is no such file."))
    kept = session.get_one(AttestedDocument, found.document_sha256)
    return attachment(kept.data, found.document_name, kept.media)


def _page(slug: str, errors: dict[str, str]) -> str:
    session, shelf = reading(), services().shelf
    organisation = access_to_attest(session, viewer(), slug)
    policy = _policy(session)
    authority = authority_of(viewer(), organisation.id)
    decision = decide(policy, company_of(session, shelf, organisation.id), now().date())
    return render_template(
        "companies/documents.html",
        organisation=organisation,
        needs=wanted(policy, decision),
        choices=attestable(policy, authority),
        authority=authority,
        given=attestations_of(session, organisation.id),
        policy=policy,
        errors=errors,
        form=request.form,
        today=now().date(),
        limit=MOST_BYTES // 2**20,
    )


def _word() -> Word:
    form, upload = request.form, request.files.get("document")
    fields = {}
    since, until = _day("since"), _day("until")
    if since is None:
        fields["since"] = _("A day, please, such as 2026-11-23.")
    if until is None and form.get("until", "").strip():
        fields["until"] = _("A day, please, such as 2026-11-23, or nothing.")
    if since is None or fields:
        raise Invalid(_("Some fields need another look."), fields)
    return Word(
        kind=form.get("kind", ""),
        note=form.get("note", ""),
        since=since,
        until=until,
        upload=Upload(upload.filename, upload.stream.read(MOST_BYTES + 1))
        if upload is not None and upload.filename
        else None,
    )


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.form.get(name, "").strip())
    except ValueError:
        return None


def _policy(session: Session) -> Policy:
    return read_policy(services().shelf.live(session).catalogue.policy)


def _look(session: Session, organisation_id: int, cause: Cause) -> None:
    evaluate(
        session,
        services().shelf,
        organisation_id,
        cause=cause,
        by=viewer().id,
        now=now(),
    )
