"""Who the centre is to a machine: its did:web document, with every key there ever was. Pure. Source: W3C DID 1.0, CID 1.0 (Multikey)."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from lms.certification.credential import Issuer

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519 = b"\xed\x01"


def multibase_of(jwk: Mapping[str, Any]) -> str:
    """An Ed25519 public key as a Multikey's `publicKeyMultibase`: `z` for base58btc, then the multicodec's two bytes and the key's 32."""
    x = str(jwk["x"])
    raw = _ED25519 + base64.urlsafe_b64decode(x + "=" * (-len(x) % 4))
    number, digits = int.from_bytes(raw, "big"), ""
    while number:
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return "z" + digits


def did_document(issuer: Issuer, jwks: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The document of `issuer`: each key under the name that credentials call it by. Ids stand as strings in `assertionMethod`, the only
    form that every verifier reads.
    """
    methods = [_method(issuer, jwk) for jwk in jwks]
    return {
        "@context": [
            "https://www.w3.org/ns/did/v1",
            "https://w3id.org/security/multikey/v1",
            "https://w3id.org/security/jwk/v1",
        ],
        "id": issuer.did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def public_members(jwk: Mapping[str, Any]) -> dict[str, Any]:
    """What of a key is for everybody."""
    return {name: jwk[name] for name in ("kty", "crv", "x", "y", "alg") if name in jwk}


def _method(issuer: Issuer, jwk: Mapping[str, Any]) -> dict[str, Any]:
    named = {"id": issuer.key_url(jwk["kid"]), "controller": issuer.did}
    if jwk["kty"] == "OKP":
        return {**named, "type": "Multikey", "publicKeyMultibase": jwk["kid"]}
    return {**named, "type": "JsonWebKey", "publicKeyJwk": public_members(jwk)}
