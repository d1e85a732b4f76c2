"""Whether the issuer's key signed a document, and all of it.

An embedded proof signs the meaning of a document, not its bytes: a member that no context defines has no meaning and so stands unsigned
in a credential whose proof holds. `check_whole` refuses those; openbadgeslib's rule is that the JSON must be exactly what was signed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from openbadgeslib.errors import LibOpenBadgesException
from openbadgeslib.ob3.contexts import document_loader
from openbadgeslib.ob3.ldp import _check_json_ld_form as require_signed_form
from openbadgeslib.ob3.ldp import _screen_structure as refuse_costly_structure
from openbadgeslib.ob3.ldp import verify_data_integrity_proof

from lms.verification.contexts import FURTHER, unknown_among
from lms.verification.dates import LEEWAY, check_claims, moment
from lms.verification.keys import Download, Key, Named, key_of
from lms.verification.outcome import CannotTell, Fails
from lms.verification.read import Document, from_base64url
from lms.words import gettext as _

SUITE = "eddsa-rdfc-2022"
OTHER_SUITES = frozenset({"ecdsa-rdfc-2019", "ecdsa-sd-2023", "bbs-2023"})
"""Suites of the W3C that sign the meaning of a document too, and are not read here."""
MOST_PROOFS = 2

FITS: Mapping[str, Callable[[Key], bool]] = {
    "RS256": lambda key: isinstance(key, RSAKey),
    "PS256": lambda key: isinstance(key, RSAKey),
    "ES256": lambda key: isinstance(key, ECKey) and key.curve_name == "P-256",
    "ES384": lambda key: isinstance(key, ECKey) and key.curve_name == "P-384",
    "ES512": lambda key: isinstance(key, ECKey) and key.curve_name == "P-521",
    "EdDSA": lambda key: isinstance(key, OKPKey) and key.curve_name == "Ed25519",
    "Ed25519": lambda key: isinstance(key, OKPKey) and key.curve_name == "Ed25519",
}
"""What a token may be signed with, and whether a key is one for it: the key decides, never the token's header."""


@dataclass(frozen=True)
class Signature:
    """One signature on a document: an embedded proof, or a token's own (`proof` is empty then)."""

    proof: Mapping[str, Any]
    named: Named


def signatures_of(document: Document) -> list[Signature]:
    """Every signature on `document`, all of a form that is read here. Raises Fails or CannotTell."""
    if document.token:
        return [_of_token(document.header)]
    proofs = document.body.get("proof")
    proofs = proofs if isinstance(proofs, list) else [] if proofs is None else [proofs]
    if not proofs:
        raise Fails(_("Nobody signed it."))
    if len(proofs) > MOST_PROOFS:
        raise CannotTell(_("It carries more signatures than are looked at here."))
    if len(proofs) == 1:
        return [_of_proof(proofs[0])]
    try:
        return [_of_proof(proof) for proof in proofs]
    except Fails as error:  # some sign once more for older readers, which makes the other signature no worse
        raise CannotTell(
            _("One of its signatures is not of a kind that is looked at here."), error.reason
        ) from error


def keys_of(issuer: str, signatures: list[Signature], *, download: Download, now: datetime) -> list[Key]:
    """The key of each signature, if all of them are the issuer's. Raises what `key_of` does."""
    return [key_of(issuer, each.named, download=download, now=now) for each in signatures]


def check_signatures(document: Document, signatures: list[Signature], keys: list[Key], now: datetime) -> str:
    """That every signature holds. Raises Fails or CannotTell."""
    for signature, key in zip(signatures, keys, strict=True):
        if document.token:
            _check_token(document, key)
        else:
            _check_proof(document, signature.proof, key, now)
    if document.token:
        return _(
            "The issuer's key signed it (%(how)s), and not one byte was changed since.",
            how=document.header["alg"],
        )
    return _(
        "The issuer's key signed it (%(how)s), and nothing of what it says was changed since.", how=SUITE
    )


def check_whole(document: Document, signatures: list[Signature]) -> str:
    """That nothing in `document` stands outside of its signature, and nothing in it says two things. Raises Fails or CannotTell."""
    if document.token:
        check_claims(document.body)
        if "proof" in document.body:
            raise CannotTell(_("The token holds a second signature, which is not looked at."))
        return _("The signature covers everything that is in it.")
    if unknown_among(document.body.get("@context")):
        raise CannotTell(
            _("It uses words whose meaning is not known here, so what the signature covers cannot be told.")
        )
    for signature in signatures:
        if signature.proof.get("@context", document.body.get("@context")) != document.body.get("@context"):
            raise Fails(_("Its signature was made with another meaning of its words."))
        try:
            refuse_costly_structure(document.body, contexts=False)
            require_signed_form(document.body, dict(signature.proof), document_loader(FURTHER))
        except LibOpenBadgesException as error:
            raise Fails(
                _(
                    "Something in it is not covered by the signature, though it looks like it: anybody could have added or changed that."
                ),
                error,
            ) from error
    return _("The signature covers everything that is in it.")


def _of_token(header: Mapping[str, Any]) -> Signature:
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm.lower() == "none":
        raise Fails(_("Nobody signed it: its token says so itself (alg: none)."))
    if algorithm.startswith("HS"):
        raise Fails(
            _(
                "It is signed with a shared secret (%(how)s): whoever can check that can make it too.",
                how=algorithm,
            )
        )
    if algorithm not in FITS or "crit" in header or header.get("b64") is False:
        raise CannotTell(_("It is signed in a way that is not read here (%(how)s).", how=algorithm[:20]))
    kid, jwk = header.get("kid"), header.get("jwk")
    if kid is not None:
        if not isinstance(kid, str):
            raise Fails(_("It does not say with which key it was signed."))
        return Signature({}, Named(kid if ":" in kid or kid.startswith("#") else f"#{kid}"))
    return Signature({}, Named(jwk=jwk) if isinstance(jwk, dict) else Named())


def _of_proof(proof: Any) -> Signature:
    if not isinstance(proof, dict):
        raise Fails(_("What should be a signature is none."))
    suite = proof.get("cryptosuite") if proof.get("type") == "DataIntegrityProof" else proof.get("type")
    if suite != SUITE:
        name = str(suite)[:40]
        if isinstance(suite, str) and suite in OTHER_SUITES:
            raise CannotTell(_("It is signed in a way that is not read here (%(how)s).", how=name))
        raise Fails(
            _(
                "It is signed in a way that Open Badges does not accept (%(how)s instead of %(suite)s).",
                how=name,
                suite=SUITE,
            )
        )
    if proof.get("proofPurpose") != "assertionMethod":
        raise Fails(
            _(
                "The signature was made for another purpose (%(purpose)s).",
                purpose=str(proof.get("proofPurpose"))[:40],
            )
        )
    method = proof.get("verificationMethod")
    if not isinstance(method, str) or not method:
        raise Fails(_("It does not say with which key it was signed."))
    if "previousProof" in proof:
        raise CannotTell(_("It is signed in a way that is not read here (%(how)s).", how="previousProof"))
    return Signature(proof, Named(method))


def _check_token(document: Document, key: Key) -> None:
    algorithm = document.header["alg"]
    if not FITS[algorithm](key):
        raise Fails(_("The issuer's key is not one for the way it is signed (%(how)s).", how=algorithm))
    message, _dot, signature = document.token.rpartition(".")
    # The header was judged before: only the algorithm itself is asked.
    if not JWSRegistry.algorithms[algorithm].verify(message.encode(), from_base64url(signature), key):
        raise Fails(_("The signature does not fit: it was changed, or somebody else signed it."))


def _check_proof(document: Document, proof: Mapping[str, Any], key: Key, now: datetime) -> None:
    made, ends = moment(dict(proof), "created"), moment(dict(proof), "expires")
    if made is not None and made > now + LEEWAY:
        raise Fails(_("The signature claims to be made in the future."))
    if ends is not None and ends <= now:
        raise Fails(_("The signature was good until %(day)s.", day=ends.date().isoformat()))
    if not FITS["EdDSA"](key):
        raise Fails(_("The issuer's key is not one for the way it is signed (%(how)s).", how=SUITE))
    alone = {**document.body, "proof": dict(proof)}
    try:
        verify_data_integrity_proof(alone, key.as_pem(private=False), extra_contexts=FURTHER)
    except LibOpenBadgesException as error:
        if any(each in str(error) for each in ("signature mismatch", "proofValue")):
            raise Fails(
                _("The signature does not fit: it was changed, or somebody else signed it."), error
            ) from error
        raise CannotTell(_("The signature cannot be checked."), error) from error
