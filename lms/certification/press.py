"""What it takes to sign: in whose name, with which keys. One document, two signed forms of it."""

import json
from dataclasses import dataclass
from typing import Any

from lms.certification.credential import Issuer, Term, token_claims
from lms.certification.keys import KeyFile, Signer


@dataclass(frozen=True)
class Sealed:
    """The exact texts to keep: the document with its embedded proof, and the JWT; and which keys made them."""

    document: str
    jwt: str
    proof_kid: str
    kid: str


@dataclass(frozen=True)
class Press:
    issuer: Issuer
    keys: KeyFile

    @property
    def signer(self) -> Signer:
        return self.keys.signer


def seal(issuer: Issuer, signer: Signer, document: dict[str, Any], term: Term) -> Sealed:
    """Sign `document` in both forms. Raises Unavailable when a member of it would not be covered by the embedded proof."""
    proved = signer.prove(document, key_url=issuer.key_url(signer.proof_kid), created=term.issued_at)
    token = signer.sign(token_claims(document, term), key_url=issuer.key_url(signer.kid))
    return Sealed(
        json.dumps(proved, ensure_ascii=False, separators=(",", ":")), token, signer.proof_kid, signer.kid
    )


def says_the_same(document: str, claims: dict[str, Any]) -> bool:
    """Whether the two forms of one credential still tell the same, apart from what only one of them has."""
    try:
        told = json.loads(document)
    except ValueError:
        return False
    only_there = {"proof", "iss", "sub", "jti", "nbf", "exp"}
    return isinstance(told, dict) and {key: told[key] for key in told.keys() - only_there} == {
        key: claims[key] for key in claims.keys() - only_there
    }
