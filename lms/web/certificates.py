"""What is certified, and its public proof: a page for people, the signed bytes and the keys for machines. No sign-in."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from lms.certification.keys import claims_in, is_signed_by, public_keys
from lms.certification.register import credential_of
from lms.certification.standing import state_of
from lms.certification.tables import Credential, SigningKey
from lms.errors import NotFound
from lms.people.tables import Organisation, Person
from lms.web.request import now, reading, services
from lms.words import gettext as _

pages = Blueprint("certificates", __name__)


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
def credential(credential_id: str) -> str:
    session = reading()
    found = credential_of(session, credential_id)
    is_signed = is_signed_by(found.jwt, session.get_one(SigningKey, found.kid).jwk)
    return render_template(
        "certificates/certificate.html",
        credential=found,
        state=state_of(found, now()),
        is_signed=is_signed,
        claims=claims_in(found.jwt) if is_signed else {},
        holder=_holder(found),
        issuer=services().press.issuer,
    )


@pages.get("/credentials/<credential_id>.jwt")
def jwt(credential_id: str) -> Response:
    """Exactly what was signed."""
    return Response(credential_of(reading(), credential_id).jwt, mimetype="application/vc+jwt")


@pages.get("/.well-known/did.json")
def did() -> dict[str, Any]:
    issuer = services().press.issuer
    methods = [
        {
            "id": issuer.key_url(key.kid),
            "type": "JsonWebKey",
            "controller": issuer.did,
            "publicKeyJwk": _public(key),
        }
        for key in public_keys(reading())
    ]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
        "id": issuer.did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


@pages.get("/.well-known/jwks.json")
def jwks() -> dict[str, Any]:
    return {"keys": [{**_public(key), "kid": key.kid, "use": "sig"} for key in public_keys(reading())]}


@pages.get("/keys/<kid>")
def key(kid: str) -> dict[str, Any]:
    found = reading().get(SigningKey, kid)
    if found is None:
        raise NotFound(_("There is no such key."))
    return {**_public(found), "kid": found.kid}


def _holder(found: Credential) -> str:
    session = reading()
    if found.person_id is not None:
        return session.get_one(Person, found.person_id).name
    assert found.organisation_id is not None
    return session.get_one(Organisation, found.organisation_id).name


def _public(found: SigningKey) -> dict[str, Any]:
    return {name: found.jwk[name] for name in ("kty", "crv", "x", "y", "alg") if name in found.jwk}
