"""Issuers of badges, made for one test: keys, a did:web document, status lists, and badges signed with them by openbadgeslib or by hand.

`World` is what can be fetched: an address to bytes. What is signed here is what openbadgeslib's own verifiers accept (see the tests).
"""

import base64
import copy
import json
import warnings
from datetime import UTC, datetime, timedelta

from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from openbadgeslib.ob3.did import did_key_from_pem, multikey_from_pem
from openbadgeslib.ob3.ldp import add_data_integrity_proof
from openbadgeslib.ob3.status_list import build_status_list_credential, status_entry

from lms.outbound import NoAnswer
from lms.verification.contexts import FURTHER
from lms.verification.verify import verify

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CONTEXTS = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
]
SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
DID = "did:web:issuer.example"
LIST = "https://issuer.example/status/1"


class World:
    """What is there to be fetched. `asked` is every address that was; what is not there is no answer."""

    def __init__(self):
        self.pages, self.asked = {}, []

    def __call__(self, url):
        self.asked.append(url)
        if url not in self.pages:
            raise NoAnswer(f"Nothing is at {url}.")
        page = self.pages[url]
        return page if isinstance(page, bytes) else json.dumps(page).encode()


class Issuer:
    """An issuer with an Ed25519 and a P-256 key. Publishes itself in `world`, unless its DID is its key."""

    def __init__(self, world, did=DID, *, name="Harbour Academy"):
        self.world, self.name = world, name
        self.ed, self.ec = OKPKey.generate_key("Ed25519"), ECKey.generate_key("P-256")
        self.pem = self.ed.as_pem(private=True)
        multikey = multikey_from_pem(self.ed.as_pem(private=False))
        if did == "did:key":
            self.did = did_key_from_pem(self.ed.as_pem(private=False))
            self.method = self.kid = f"{self.did}#{multikey}"
        elif did == "did:jwk":
            members = json.dumps(self.ec.as_dict(private=False)).encode()
            self.did = "did:jwk:" + base64.urlsafe_b64encode(members).decode().rstrip("=")
            self.method = self.kid = f"{self.did}#0"
        else:
            self.did, self.method, self.kid = did, f"{did}#{multikey}", f"{did}#es256"
        self.document = {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": self.did,
            "verificationMethod": [
                {
                    "id": self.method,
                    "type": "Multikey",
                    "controller": self.did,
                    "publicKeyMultibase": multikey,
                },
                {
                    "id": self.kid,
                    "type": "JsonWebKey",
                    "controller": self.did,
                    "publicKeyJwk": self.ec.as_dict(private=False),
                },
            ],
            "assertionMethod": [self.method, self.kid],
        }
        if did.startswith("did:web"):
            world.pages["https://issuer.example/.well-known/did.json" if did == DID else did_url(did)] = (
                self.document
            )

    def badge(self, **changed):
        """An unsigned badge; a member given as None is left out."""
        whole = {
            "@context": CONTEXTS,
            "id": "https://issuer.example/credentials/1",
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "issuer": {"id": self.did, "type": ["Profile"], "name": self.name},
            "validFrom": "2026-11-01T00:00:00Z",
            "validUntil": "2028-11-01T00:00:00Z",
            "name": "Navigation",
            "credentialSubject": {
                "id": "urn:uuid:4d0f6a5e-0000-4000-8000-000000000001",
                "type": ["AchievementSubject"],
                "achievement": {
                    "id": "https://issuer.example/achievements/1",
                    "type": ["Achievement"],
                    "name": "Navigation",
                    "description": "Finds the way by night.",
                    "criteria": {"narrative": "Came back."},
                },
            },
            "credentialSchema": [{"id": SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
        }
        return {name: value for name, value in {**whole, **changed}.items() if value is not None}

    def proved(self, badge=None, *, method=None, purpose="assertionMethod", pem=None):
        """`badge` with an embedded proof, in a list as the schema wants it."""
        badge = self.badge() if badge is None else badge
        signed = add_data_integrity_proof(
            badge,
            pem or self.pem,
            method or self.method,
            proof_purpose=purpose,
            created=NOW - timedelta(days=1),
            extra_contexts=FURTHER,
        )
        return {**signed, "proof": [signed["proof"]]}

    def token(self, badge=None, *, header=None, key=None, **claims):
        """`badge` as a JWT. A claim or header given as None is left out."""
        badge = self.badge() if badge is None else badge
        return token_of(payload_of(badge, **claims), key or self.ec, {"kid": self.kid, **(header or {})})

    def list(self, *, revoked=(), purpose="revocation", url=LIST, **changed):
        """An unsigned status list."""
        issued = NOW - timedelta(days=1)
        return {**build_status_list_credential(self.did, url, purpose, revoked, issued=issued), **changed}

    def publish_list(self, *, url=LIST, as_token=False, **given):
        body = self.list(url=url, **given)
        self.world.pages[url] = self.list_token(body).encode() if as_token else self.proved(body)

    def list_token(self, body):
        return token_of({**body, "iss": self.did, "jti": body["id"]}, self.ec, {"kid": self.kid})

    def with_status(self, *entries, **changed):
        return self.badge(credentialStatus=list(entries or [status_entry(LIST, "revocation", 42)]), **changed)


def did_url(did):
    return "https://" + did.removeprefix("did:web:").replace(":", "/") + "/did.json"


def payload_of(badge, **claims):
    """What a JWT of `badge` holds: the badge, and the claims that say the same."""
    said = {
        "iss": badge["issuer"]["id"] if isinstance(badge.get("issuer"), dict) else badge.get("issuer"),
        "sub": badge.get("credentialSubject", {}).get("id"),
        "jti": badge.get("id"),
        "nbf": seconds(badge.get("validFrom")),
        "exp": seconds(badge.get("validUntil")),
    }
    return {**badge, **{name: value for name, value in {**said, **claims}.items() if value is not None}}


def seconds(text):
    return int(datetime.fromisoformat(text).timestamp()) if text else None


def token_of(payload, key, header):
    algorithm = {"EC": "ES256", "RSA": "RS256", "OKP": "EdDSA", "oct": "HS256"}[key.key_type]
    header = {"alg": algorithm, "typ": "JWT", **header}
    header = {name: value for name, value in header.items() if value is not None}
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # EdDSA goes by a newer name, which few know yet
        return jws.serialize_compact(header, body, key, algorithms=[header["alg"]])


def unsigned_token(payload):
    """A token with alg none, as joserfc would not make one."""
    parts = [json.dumps(each).encode() for each in ({"alg": "none", "typ": "JWT"}, payload)]
    return ".".join(base64.urlsafe_b64encode(each).decode().rstrip("=") for each in parts) + "."


def shared_secret(text):
    return OctKey.import_key(text)


def rsa_key(bits):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is meant to be too short
        return RSAKey.generate_key(bits)


def changed(document, path, value):
    """A copy of `document` with `value` at `path`, names and numbers joined by dots."""
    copied = copy.deepcopy(document)
    inner = copied
    *steps, last = path.split(".")
    for step in steps:
        inner = inner[int(step) if isinstance(inner, list) else step]
    inner[int(last) if isinstance(inner, list) else last] = value
    return copied


def report_of(badge, world, now=NOW):
    """The report on `badge`: a document, a token, or bytes."""
    data = (
        badge
        if isinstance(badge, bytes)
        else badge.encode()
        if isinstance(badge, str)
        else json.dumps(badge).encode()
    )
    return verify(data, download=world, now=now)


def outcomes(report):
    return {each.name: each.outcome.value for each in report.checks}


def told(report, name):
    """What the check `name` says."""
    return next(each for each in report.checks if each.name == name)
