"""The signing key, and every public key there ever was: what lets a stranger check a credential without trusting our database."""

import base64
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.certification.tables import SigningKey
from lms.errors import Unavailable


class Signer:
    """Signs with one P-256 key (ES256, which Open Badges 3.0 verifiers accept). `kid` is the key's RFC 7638 thumbprint."""

    def __init__(self, pem: bytes) -> None:
        try:
            self._key = ECKey.import_key(pem)
        except (JoseError, ValueError) as error:
            raise Unavailable(
                f"The signing key cannot be read: {error}. It must be a P-256 private key in PEM."
            ) from error
        if not self._key.is_private or self._key.curve_name != "P-256":
            raise Unavailable("The signing key must be a private key on curve P-256.")
        self.kid: str = self._key.thumbprint()

    @property
    def public_jwk(self) -> dict[str, Any]:
        return {**self._key.as_dict(private=False), "kid": self.kid, "alg": "ES256", "use": "sig"}

    def sign(self, claims: dict[str, Any], *, key_url: str) -> str:
        """A compact JWS over `claims`. `key_url` is how a verifier finds the public key."""
        return jwt.encode({"alg": "ES256", "typ": "JWT", "kid": key_url}, claims, self._key)


def signer_from(path: Path) -> Signer:
    """The signer of the PEM file at `path`, which is made when it is not there."""
    return Signer(made_once(path, lambda: ECKey.generate_key("P-256").as_pem(private=True)))


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


def publish_key(session: Session, signer: Signer, *, now: datetime) -> None:
    """Keep the public half for ever, before the first thing it signs."""
    if session.get(SigningKey, signer.kid) is None:
        with suppress(IntegrityError), session.begin_nested():  # another was faster to sign the first
            session.add(SigningKey(kid=signer.kid, jwk=signer.public_jwk, first_used_at=now))


def public_keys(session: Session) -> list[SigningKey]:
    return list(session.scalars(select(SigningKey).order_by(SigningKey.first_used_at, SigningKey.kid)))


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
