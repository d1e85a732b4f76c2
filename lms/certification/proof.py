"""The embedded proof: cryptosuite eddsa-rdfc-2022 by openbadgeslib, which fetches no context and signs no member it leaves uncovered."""

from datetime import datetime
from typing import Any, cast

from openbadgeslib.errors import LibOpenBadgesException
from openbadgeslib.ob3.credential import OpenBadgeCredential
from openbadgeslib.ob3.ldp import OB3LdpSigner

from lms.errors import Unavailable


class _Composed:
    """A document that is ready, in the place of the library's own model of a credential, which knows fewer members than ours has."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    def to_vc(self) -> dict[str, Any]:
        return self._document


def prove(document: dict[str, Any], pem: bytes, *, key_url: str, created: datetime) -> dict[str, Any]:
    """`document` with a proof by the Ed25519 key in `pem`, which verifiers find at `key_url`. Raises Unavailable for a document of which
    some member would be left unsigned.
    """
    composed = cast("OpenBadgeCredential", _Composed(document))
    try:
        signed = OB3LdpSigner(pem, key_url).sign(composed, created=created)
    except LibOpenBadgesException as error:
        raise Unavailable(f"The credential was not signed: {error}") from error
    # 1EdTech's schema wants a list; the proof does not cover how it is attached.
    return {**signed, "proof": [signed["proof"]]}
