"""What machines ask to check a certificate: who the centre is, its keys, what became of a credential, the picture of a badge. No sign-in,
the same for everybody, and open to the scripts of any site.
"""

from flask import Blueprint, Response, jsonify, request

from lms.certification.badge import picture
from lms.certification.did import did_document, public_members
from lms.certification.keys import published_jwks
from lms.certification.status import MAX_AGE, status_list
from lms.certification.tables import SigningKey
from lms.errors import NotFound
from lms.web.request import now, reading, services
from lms.words import gettext as _

pages = Blueprint("proofs", __name__)

DOCUMENT, TOKEN = "application/vc", "application/vc+jwt"


def open_to_all(response: Response) -> Response:
    """For what any site's script may read: nothing in it is anybody's secret, and no cookie is looked at."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@pages.after_request
def _open(response: Response) -> Response:
    return open_to_all(response)


@pages.get("/.well-known/did.json")
def did() -> Response:
    press = services().press
    response = jsonify(did_document(press.issuer, published_jwks(reading(), press.signer)))
    response.mimetype = "application/did+json"
    return response


@pages.get("/.well-known/jwks.json")
def jwks() -> Response:
    found = published_jwks(reading(), services().press.signer)
    return jsonify(keys=[{**public_members(jwk), "kid": jwk["kid"], "use": "sig"} for jwk in found])


@pages.get("/keys/<kid>")
def key(kid: str) -> Response:
    """One key alone, as Open Badges asks of a key's address."""
    found = reading().get(SigningKey, kid)
    if found is None:
        raise NotFound(_("There is no such key."))
    return jsonify({**public_members(found.jwk), "kid": found.kid})


@pages.get("/status/<purpose>/<int:number>")
def status(purpose: str, number: int) -> Response:
    """Which credentials of a list are revoked or suspended: signed JSON, or a JWT for who prefers it."""
    found = status_list(reading(), services().press, purpose, number, now=now())
    is_token = request.accept_mimetypes.best_match([DOCUMENT, "application/json", TOKEN]) == TOKEN
    response = Response(
        found.sealed.jwt if is_token else found.sealed.document, mimetype=TOKEN if is_token else DOCUMENT
    )
    response.vary.add("Accept")
    # The JWT of one state differs from process to process, its meaning does not.
    response.set_etag(f"{found.tag}-{'jwt' if is_token else 'json'}", weak=True)
    response.cache_control.public, response.cache_control.max_age = True, int(MAX_AGE.total_seconds())
    return response.make_conditional(request)  # type: ignore[return-value]


@pages.get("/badges/<kind>.<form>")
def badge(kind: str, form: str) -> Response:
    """What a badge of this kind looks like, with nothing baked into it."""
    response = Response(picture(kind, form), mimetype="image/svg+xml" if form == "svg" else "image/png")
    response.cache_control.public, response.cache_control.max_age = True, 86400
    return response
