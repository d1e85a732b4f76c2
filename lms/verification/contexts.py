"""What the words in a credential mean: that it is an Open Badge 3.0 of VCDM 2.0, and that its JSON-LD contexts are known ones."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openbadgeslib.ob3.contexts import bundled_contexts

from lms.verification.outcome import CannotTell, Fails
from lms.verification.read import Document
from lms.words import gettext as _

VCDM = "https://www.w3.org/ns/credentials/v2"
VCDM_1 = "https://www.w3.org/2018/credentials/v1"
OPEN_BADGES = re.compile(r"https://purl\.imsglobal\.org/spec/ob/v3p0/context(-3\.\d\.\d)*\.json")
FURTHER: Mapping[str, dict[str, Any]] = {
    "https://w3id.org/security/suites/ed25519-2020/v1": json.loads(
        (Path(__file__).parent / "ed25519-2020-v1.jsonld").read_text()
    )
}
"""Known besides what openbadgeslib brings: many badges of universities name it, though they are signed in the newer way."""
KINDS = frozenset({"OpenBadgeCredential", "AchievementCredential"})
OLD_DATES = ("issuanceDate", "expirationDate")


def check_kind(document: Document) -> str:
    """Raises Fails."""
    body, types = document.body, words_of(document.body.get("type"))
    contexts = body.get("@context")
    if VCDM_1 in (contexts if isinstance(contexts, list) else [contexts]) or any(
        each in body for each in OLD_DATES
    ):
        raise Fails(
            _(
                "It is written in the credentials model of 2019 (VCDM 1.1). Open Badges 3.0 are credentials of version 2.0."
            )
        )
    if "vc" in body:
        raise Fails(
            _(
                "The token holds a second credential under “vc”, which need not say the same. An Open Badge is the token itself."
            )
        )
    if "VerifiableCredential" not in types or not KINDS & set(types):
        raise Fails(
            _("It does not call itself an Open Badge: its type is %(types)s.", types=", ".join(types) or "—")
        )
    return _("It is an Open Badge 3.0.")


def check_contexts(document: Document, first: tuple[re.Pattern[str], ...] = (OPEN_BADGES,)) -> str:
    """The contexts are those of VCDM 2.0 and then `first`, and known. Raises Fails or CannotTell.

    A context that is not known is no matter for a JWT, whose signature covers the bytes; what an embedded proof covers depends on it.
    """
    contexts = document.body.get("@context")
    if not isinstance(contexts, list) or not contexts or contexts[0] != VCDM:
        raise Fails(
            _("Its @context does not begin with that of W3C credentials 2.0, so its words have no meaning.")
        )
    for number, expected in enumerate(first, 1):
        if (
            len(contexts) <= number
            or not isinstance(contexts[number], str)
            or not expected.fullmatch(contexts[number])
        ):
            raise Fails(
                _("Its @context does not name Open Badges 3.0 in second place, so its words have no meaning.")
            )
    others = unknown_among(contexts)
    if document.token or not others:
        return _("Its words are those of W3C credentials and Open Badges.")
    if any(not isinstance(each, str) for each in others):
        raise Fails(
            _(
                "It brings its own meaning of words along (a context inside @context), which no Open Badge needs."
            )
        )
    raise CannotTell(
        _(
            "It uses a vocabulary that is not known here, %(url)s, so what its signature covers cannot be told.",
            url=str(others[0])[:200],
        )
    )


def unknown_among(contexts: Any) -> list[Any]:
    """Those of a credential's contexts whose meaning is not part of this program."""
    known = bundled_contexts().keys() | FURTHER.keys()
    listed = contexts if isinstance(contexts, list) else [contexts]
    return [each for each in listed if not isinstance(each, str) or each not in known]


def words_of(value: Any) -> list[str]:
    """`value` as the list of strings it is, or is one of."""
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]
