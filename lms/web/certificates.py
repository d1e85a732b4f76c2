"""The public page of a certificate, for people and for machines: one address, in the form that is asked for. No sign-in."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MIMEAccept
from werkzeug.wrappers import Response as BaseResponse

from lms.certification.badge import baked
from lms.certification.document import typeset
from lms.certification.endorsement import as_signed, checked_endorsement, endorse, endorsements_of
from lms.certification.keys import claims_in, is_signed_by
from lms.certification.press import says_the_same
from lms.certification.register import access_own, credential_of, forget_holder
from lms.certification.standing import is_renewable, state_of
from lms.certification.tables import Credential, SigningKey
from lms.errors import Conflict, Invalid, NotFound
from lms.people.access import require_staff
from lms.people.tables import Organisation, Person
from lms.web.paper import on_paper
from lms.web.proofs import DOCUMENT, TOKEN, open_to_all
from lms.web.request import now, reading, services, stop_reading, transaction, viewer
from lms.words import gettext as _

pages = Blueprint("certificates", __name__)

FORMS = {
    "text/html": "html",
    DOCUMENT: "json",
    "application/ld+json": "json",
    "application/json": "json",
    TOKEN: "jwt",
    "application/jwt": "jwt",
    "text/plain": "jwt",
    "image/png": "png",
    "image/svg+xml": "svg",
    "application/pdf": "pdf",
}
"""What an address of a certificate answers with, by what is asked for; the first, for who takes anything."""


@pages.get("/credentials")
def lookup() -> str | BaseResponse:
    """For who holds a number, or a whole address, and wants to know what it is worth."""
    typed = request.args.get("number", "").strip()
    if not typed:
        return render_template("certificates/lookup.html", typed="", error="")
    number = typed.rstrip("/").rsplit("/", 1)[-1]
    try:
        credential_of(reading(), number)
    except NotFound as refusal:
        return render_template("certificates/lookup.html", typed=typed, error=refusal.message)
    return redirect(url_for("certificates.credential", credential_id=number.lower()))


@pages.get("/credentials/<credential_id>")
def credential(credential_id: str) -> Response:
    found = credential_of(reading(), credential_id)
    form = FORMS[best_form(request.accept_mimetypes)]
    response = Response(_page(found)) if form == "html" else _signed(found, form)
    response.vary.add("Accept")
    return response


@pages.get("/credentials/<credential_id>.<form>")
def file(credential_id: str, form: str) -> Response:
    """The same by name, for who cannot say what they want but by an address."""
    if form not in {*FORMS.values()} - {"html"}:
        raise NotFound(_("A certificate has no such form. There are .json, .jwt, .png, .svg and .pdf."))
    return _signed(credential_of(reading(), credential_id), form)


@pages.get("/credentials/<credential_id>/endorsements")
def endorsements(credential_id: str) -> Response:
    """What others signed for it, each exactly as they did."""
    found = credential_of(reading(), credential_id)
    told = as_signed(endorsements_of(reading(), found.id))
    return open_to_all(Response(told, mimetype="application/json"))


@pages.post("/credentials/<credential_id>/endorsements")
def add_endorsement(credential_id: str) -> BaseResponse:
    """The centre's staff bring what a reviewer or another centre signed; it is checked with what its issuer publishes."""
    require_staff(viewer())
    file, typed = request.files.get("file"), request.form.get("endorsement", "").strip()
    data = file.read() if file is not None and file.filename else typed.encode()
    if not data:
        raise Invalid(_("Paste the endorsement, or choose its file."))
    found = credential_of(reading(), credential_id)
    stop_reading()  # no transaction waits for somebody else's server
    endorsed = checked_endorsement(data, found, download=services().download(), now=now())
    with transaction() as session:
        endorse(session, credential_of(session, credential_id), endorsed, by=viewer(), now=now())
    flash(_("%(name)s endorses this certificate.", name=endorsed.issuer_name), "success")
    return redirect(url_for("certificates.credential", credential_id=credential_id))


@pages.post("/credentials/<credential_id>/forget")
def forget(credential_id: str) -> BaseResponse:
    """The holder takes their name off."""
    with transaction() as session:
        mine = access_own(session, viewer(), credential_id)
        forget_holder(session, mine, by=viewer(), now=now())
    flash(_("Your name is off this certificate. Your own file still proves what it proved."), "success")
    return redirect(url_for("certificates.credential", credential_id=credential_id))


def best_form(accepted: MIMEAccept) -> str:
    """What to answer with: a page for browsers and for who takes anything, whatever else they take too."""
    if not accepted or accepted["text/html"] >= max(accepted[each] for each in FORMS):
        return "text/html"
    return accepted.best_match(list(FORMS), default="text/html")


def _page(found: Credential) -> str:
    claims, organisation = _claims(found), _organisation(found)
    return render_template(
        "certificates/certificate.html",
        credential=found,
        state=state_of(found, now()),
        is_signed=bool(claims),
        claims=claims,
        holder=_holder(found, organisation),
        organisation=organisation,
        endorsements=endorsements_of(reading(), found.id),
        is_own=found.person_id is not None and found.person_id == viewer().id,
        is_renewable=is_renewable(found, now()),
        issuer=services().press.issuer,
        address=services().press.issuer.credential_url(found.id),
        linkedin=_linkedin(found),
    )


def _signed(found: Credential, form: str) -> Response:
    """Exactly what was signed, or a picture that carries it. What is older than embedded proofs is a JWT in every form."""
    signed = found.document or found.jwt
    match form:
        case "json" if found.document is not None:
            response = Response(found.document, mimetype=DOCUMENT)
        case "json":
            raise NotFound(
                _("This certificate was issued as a JWT only: ask for .jwt in the place of .json.")
            )
        case "png":
            response = Response(baked(found.kind, "png", signed), mimetype="image/png")
        case "svg":
            response = Response(baked(found.kind, "svg", signed), mimetype="image/svg+xml")
        case "pdf":
            response = Response(_paper(found), mimetype="application/pdf")
        case _:
            response = Response(found.jwt, mimetype=TOKEN)
    return open_to_all(response)


def _claims(found: Credential) -> dict[str, Any]:
    """What was signed; nothing when what is stored is not what was signed."""
    if not is_signed_by(found.jwt, reading().get_one(SigningKey, found.kid).jwk):
        return {}
    claims = claims_in(found.jwt)
    return claims if found.document is None or says_the_same(found.document, claims) else {}


def _paper(found: Credential) -> bytes:
    """Raises Conflict when what is stored is not what was signed."""
    claims = _claims(found)
    if not claims:
        raise Conflict(_("The signature of this certificate does not hold, so there is no PDF of it."))
    return typeset(on_paper(found, claims, _holder(found, _organisation(found))))


def _organisation(found: Credential) -> Organisation | None:
    return (
        reading().get_one(Organisation, found.organisation_id) if found.organisation_id is not None else None
    )


def _holder(found: Credential, organisation: Organisation | None) -> str:
    """Their name; '' when they asked to be forgotten."""
    if organisation is not None:
        return organisation.name
    return reading().get_one(Person, found.person_id).name if found.person_id is not None else ""


def _linkedin(found: Credential) -> str:
    """LinkedIn's own address for adding a certification to one's profile, filled in."""
    issuer = services().press.issuer
    told = {
        "startTask": "CERTIFICATION_NAME",
        "name": found.title,
        "organizationName": issuer.name,
        "issueYear": found.issued_at.year,
        "issueMonth": found.issued_at.month,
        "certUrl": issuer.credential_url(found.id),
        "certId": found.id,
    }
    if found.valid_until is not None:
        told |= {"expirationYear": found.valid_until.year, "expirationMonth": found.valid_until.month}
    return "https://www.linkedin.com/profile/add?" + urlencode(told)
