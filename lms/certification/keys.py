"""The signing keys, and every public key there ever was: what lets a stranger check a credential without trusting our database.

Two keys stand in one PEM file, for two ways to sign the same credential: a P-256 key for JWTs (ES256) and an Ed25519 key for embedded
proofs (eddsa-rdfc-2022). They are the ones Open Badges 3.0 verifiers accept.
"""

import base64
import os
import re
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms import audit
from lms.certification.did import multibase_of
from lms.certification.proof import prove
from lms.certification.tables import SigningKey
from lms.errors import Unavailable
from lms.words import gettext as _

_PRIVATE_KEY = re.compile(rb"-----BEGIN ([A-Z ]*)PRIVATE KEY-----.+?-----END \1PRIVATE KEY-----", re.DOTALL)


class Signer:
    """Signs in both ways. `kid` names the P-256 key (its RFC 7638 thumbprint), `proof_kid` the Ed25519 key (its multibase form, so that
    a verifier can read the key off its name).
    """

    def __init__(self, pem: bytes) -> None:
        self._token_key, self._proof_key = _read_keys(pem)
        self.kid: str = self._token_key.thumbprint()
        self.proof_kid: str = multibase_of(self._proof_key.as_dict(private=False))

    @property
    def public_jwks(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return (
            {**self._proof_key.as_dict(private=False), "kid": self.proof_kid, "alg": "EdDSA", "use": "sig"},
            {**self._token_key.as_dict(private=False), "kid": self.kid, "alg": "ES256", "use": "sig"},
        )

    def sign(self, claims: dict[str, Any], *, key_url: str) -> str:
        """A compact JWS over `claims`. `key_url` is how a verifier finds the public key."""
        return jwt.encode({"alg": "ES256", "typ": "JWT", "kid": key_url}, claims, self._token_key)

    def prove(self, document: dict[str, Any], *, key_url: str, created: datetime) -> dict[str, Any]:
        """`document` with an embedded proof. Raises Unavailable when a member of it would not be covered by the proof."""
        return prove(document, self._proof_key.as_pem(private=True), key_url=key_url, created=created)


class KeyFile:
    """The PEM file of the signing keys. It is read again when it changes: who renews keys need not restart a server."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int] | None = None
        self._signer: Signer | None = None

    @property
    def signer(self) -> Signer:
        """Raises Unavailable when the file is not there, or does not hold both keys."""
        try:
            found = self.path.stat()
            seen = (found.st_mtime_ns, found.st_ino)
            if self._signer is None or seen != self._seen:
                self._signer, self._seen = Signer(self.path.read_bytes()), seen
        except OSError as error:
            raise Unavailable(
                f"The signing keys cannot be read from {self.path}: {error.strerror}."
            ) from error
        return self._signer


@dataclass(frozen=True)
class Renewed:
    """What a rotation left: the kids that sign from now on, and those that do no more."""

    kids: tuple[str, ...]
    retired: tuple[str, ...]


def new_keys() -> bytes:
    """A new pair of private keys, in PEM."""
    return ECKey.generate_key("P-256").as_pem(private=True) + _new_proof_key()


def keys_at(path: Path) -> KeyFile:
    """The key file at `path`, made when it is not there, and given an Ed25519 key when it is of a time that knew none."""
    held = made_once(path, new_keys)
    if len(_PRIVATE_KEY.findall(held)) == 1:
        replace_file(path, held.rstrip() + b"\n" + _new_proof_key())
    return KeyFile(path)


def made_once(path: Path, make: Callable[[], bytes]) -> bytes:
    """What the secret file at `path` holds; `make` says what it shall hold when it is not there."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Two processes may start at once: only one file is ever created, and nobody reads half of it.
        with tempfile.NamedTemporaryFile(dir=path.parent) as file:
            file.write(make())
            file.flush()
            with suppress(FileExistsError):
                os.link(file.name, path)
    return path.read_bytes()


def replace_file(path: Path, content: bytes) -> None:
    """Put `content` in the place of a secret file, whole or not at all, for its owner's eyes."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)


def publish_keys(session: Session, signer: Signer, *, now: datetime) -> None:
    """Keep the public halves for ever, before the first thing they sign. Raises Unavailable when they were retired."""
    for jwk in signer.public_jwks:
        found = session.get(SigningKey, jwk["kid"])
        if found is None:
            with suppress(IntegrityError), session.begin_nested():  # another was faster to sign the first
                session.add(SigningKey(kid=jwk["kid"], jwk=jwk, first_used_at=now))
        elif found.retired_at is not None:
            raise Unavailable(
                _("This server still has signing keys that were replaced. Give it the new key file.")
            )


def rotate(session: Session, keys: KeyFile, *, by: int | None, now: datetime) -> Renewed:
    """New keys in the place of those in the file. What the old ones signed stays valid: their public halves stay published."""
    with suppress(Unavailable):
        publish_keys(session, keys.signer, now=now)
    made = new_keys()
    signer = Signer(made)
    retired = list(session.scalars(select(SigningKey).where(SigningKey.retired_at.is_(None))))
    for each in retired:
        each.retired_at = now
    publish_keys(session, signer, now=now)
    renewed = Renewed((signer.proof_kid, signer.kid), tuple(each.kid for each in retired))
    audit.record(
        session,
        "keys.rotated",
        f"key:{signer.kid}",
        actor_id=by,
        now=now,
        detail={"kids": list(renewed.kids), "retired": list(renewed.retired)},
    )
    session.flush()
    # Last: if the commit fails after it, the new keys are published by the first thing they sign.
    replace_file(keys.path, made)
    return renewed


def public_keys(session: Session) -> list[SigningKey]:
    return list(session.scalars(select(SigningKey).order_by(SigningKey.first_used_at, SigningKey.kid)))


def published_jwks(session: Session, signer: Signer) -> list[dict[str, Any]]:
    """Every public key a verifier may need: all that ever signed, and those that will sign next."""
    kept = [each.jwk for each in public_keys(session)]
    known = {jwk["kid"] for jwk in kept}
    return kept + [jwk for jwk in signer.public_jwks if jwk["kid"] not in known]


def is_signed_by(token: str, jwk: dict[str, Any]) -> bool:
    """Whether the signature of `token` is this key's."""
    try:
        jwt.decode(token, ECKey.import_key(jwk), algorithms=["ES256"])
    except (JoseError, ValueError):
        return False
    return True


def claims_in(token: str) -> dict[str, Any]:
    """What was signed, read from the signed bytes themselves, whoever signed them: see `is_signed_by`."""
    payload = token.split(".")[1]
    return msgspec.json.decode(
        base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), type=dict[str, Any]
    )


def _new_proof_key() -> bytes:
    return OKPKey.generate_key("Ed25519").as_pem(private=True)


def _read_keys(pem: bytes) -> tuple[ECKey, OKPKey]:
    token_key: ECKey | None = None
    proof_key: OKPKey | None = None
    for block in _PRIVATE_KEY.finditer(pem):
        try:
            key = load_pem_private_key(block[0], password=None)
        except (ValueError, TypeError) as error:
            raise Unavailable(f"A signing key cannot be read: {error}.") from error
        if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1) and not token_key:
            token_key = ECKey.import_key(block[0])
        elif isinstance(key, Ed25519PrivateKey) and not proof_key:
            proof_key = OKPKey.import_key(block[0])
        else:
            raise Unavailable("The signing keys are one on curve P-256 and one Ed25519, and no others.")
    if token_key is None:
        raise Unavailable("There is no signing key for JWTs: a P-256 private key in PEM.")
    if proof_key is None:
        raise Unavailable(
            "There is no signing key for embedded proofs: an Ed25519 private key in PEM. "
            "Add one to the same file: openssl genpkey -algorithm ed25519 >> FILE"
        )
    return token_key, proof_key
