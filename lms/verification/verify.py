"""Everything that can be told of a badge, and one verdict. Whatever is in the bytes, it answers."""

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lms.verification.badge import Badge, badge_in
from lms.verification.contexts import check_contexts, check_kind
from lms.verification.dates import check_dates, identifier
from lms.verification.keys import Download, Key, who
from lms.verification.outcome import CannotTell, Check, Fails, Outcome, judged
from lms.verification.read import Document, Unreadable, read
from lms.verification.schema import check_schema
from lms.verification.signature import Signature, check_signatures, check_whole, keys_of, signatures_of
from lms.verification.status import check_status
from lms.words import gettext as _


class Verdict(enum.Enum):
    VALID = "valid"
    INVALID = "invalid"
    UNCLEAR = "unclear"
    UNREADABLE = "unreadable"


GRAVEST = ("issuer", "signature", "whole", "status", "dates", "kind", "contexts", "schema")
"""Which failing check a verdict tells first."""


@dataclass(frozen=True)
class Report:
    """What was found. `badge` is None, and `checks` empty, where nothing could be read; `refusal` says why."""

    verdict: Verdict
    checks: tuple[Check, ...] = ()
    badge: Badge | None = None
    refusal: str = ""

    @property
    def sentence(self) -> str:
        """The one sentence that says it."""
        match self.verdict:
            case Verdict.VALID:
                assert self.badge is not None
                host = who(self.badge.issuer_id)
                return _("%(host)s signed it, nothing in it was changed, and it holds today.", host=host)
            case Verdict.INVALID:
                return self._reason(Outcome.FAILED)
            case Verdict.UNCLEAR:
                return self._reason(Outcome.UNKNOWN)
            case Verdict.UNREADABLE:
                return self.refusal

    def _reason(self, outcome: Outcome) -> str:
        return next(
            each.reason
            for name in GRAVEST
            for each in self.checks
            if (each.name, each.outcome) == (name, outcome)
        )


def verify(data: bytes, *, download: Download, now: datetime) -> Report:
    """Check the badge in `data`. `download` fetches what its issuer publishes; nothing else is asked."""
    try:
        document = read(data)
    except Unreadable as refusal:
        return Report(Verdict.UNREADABLE, refusal=refusal.message)
    checks = _checks(document, download, now)
    return Report(_verdict(checks), checks, badge_in(document))


def _verdict(checks: tuple[Check, ...]) -> Verdict:
    outcomes = {each.outcome for each in checks}
    if Outcome.FAILED in outcomes:
        return Verdict.INVALID
    return Verdict.UNCLEAR if Outcome.UNKNOWN in outcomes else Verdict.VALID


def _checks(document: Document, download: Download, now: datetime) -> tuple[Check, ...]:
    """In the order of the page: who, what, when."""
    body = document.body
    signing = _Signing(document, download, now)
    signed = (
        judged("issuer", signing.check_issuer),
        judged("signature", signing.check_signature),
        judged("whole", signing.check_whole),
    )
    # Nobody is asked what somebody else than the issuer wrote down: a badge is no way of having us knock at doors.
    holds = all(each.outcome is Outcome.PASSED for each in signed[1:])
    return (
        *signed,
        judged(
            "status", lambda: check_status(body, download=download, now=now) if holds else _not_asked(body)
        ),
        judged("dates", lambda: check_dates(body, now)),
        judged("kind", lambda: check_kind(document)),
        judged("contexts", lambda: check_contexts(document)),
        judged("schema", lambda: check_schema(body)),
    )


def _not_asked(body: dict[str, Any]) -> str:
    if body.get("credentialStatus") is None:
        return _("It names no list on which it could be revoked.")
    raise CannotTell(
        _("Whether it was revoked was not asked: where to ask is not known to be the issuer's word.")
    )


class _Signing:
    """The signatures on a document and the keys that made them, found once for three checks; what went wrong is told by one."""

    def __init__(self, document: Document, download: Download, now: datetime) -> None:
        self._document, self._now = document, now
        self._issuer = identifier(document.body.get("issuer")) or ""
        self._signatures: list[Signature] | Exception
        self._keys: list[Key] | Exception
        try:
            self._signatures = signatures_of(document)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told by the check of the signature
            self._signatures = error
            self._keys = CannotTell(
                _("As it is not signed in a way that is read here, nothing shows who issued it.")
            )
            return
        try:
            if not self._issuer:
                raise Fails(_("It does not say who issued it."))  # noqa: TRY301 - kept like any other
            self._keys = keys_of(self._issuer, self._signatures, download=download, now=now)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told by the check of the issuer
            self._keys = error

    def check_issuer(self) -> str:
        if isinstance(self._keys, Exception):
            raise self._keys
        return _("It was signed with a key that %(host)s publishes as its own.", host=who(self._issuer))

    def check_signature(self) -> str:
        if isinstance(self._signatures, Exception):
            raise self._signatures
        if isinstance(self._keys, Exception):
            raise CannotTell(_("Without the issuer's key the signature cannot be checked."))
        return check_signatures(self._document, self._signatures, self._keys, self._now)

    def check_whole(self) -> str:
        if isinstance(self._signatures, Exception):
            raise CannotTell(
                _("As it is not signed in a way that is read here, nothing in it is vouched for.")
            )
        return check_whole(self._document, self._signatures)
