"""Whether the issuer took a credential back: its entries in status lists, which are signed documents of the same issuer."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from openbadgeslib.errors import LibOpenBadgesException
from openbadgeslib.ob3.status import decode_encoded_list

from lms.verification.contexts import check_contexts, words_of
from lms.verification.dates import identifier, refuse_other_days
from lms.verification.keys import Download, clip
from lms.verification.outcome import CannotTell, Fails, Outcome, judged
from lms.verification.read import Document, Unreadable, read
from lms.verification.signature import check_signatures, check_whole, keys_of, signatures_of
from lms.words import gettext as _

MOST_ENTRIES = 4
SMALLEST_LIST = 131_072
"""Bits: what the W3C's Bitstring Status List 1.0 asks for, so that one credential hides among many."""

WEIGHT = {Outcome.FAILED: 0, Outcome.UNKNOWN: 1, Outcome.PASSED: 2}


def check_status(body: dict[str, Any], *, download: Download, now: datetime) -> str:
    """That no list of the issuer's says revoked or suspended. Raises Fails or CannotTell.

    The worst of several entries counts: revoked by one list is revoked, whatever another says.
    """
    entries = body.get("credentialStatus")
    if entries is None:
        return _("The issuer keeps no list on which it could be revoked.")
    entries = entries if isinstance(entries, list) else [entries]
    if len(entries) > MOST_ENTRIES:
        raise CannotTell(_("It names more lists than are looked at here."))
    issuer = identifier(body.get("issuer")) or ""
    found = [judged("entry", _entry(entry, issuer, download, now)) for entry in entries]
    if not found:
        return _("The issuer keeps no list on which it could be revoked.")
    worst = min(found, key=lambda each: WEIGHT[each.outcome])
    if worst.outcome is Outcome.FAILED:
        raise Fails(worst.reason, worst.detail)
    if worst.outcome is Outcome.UNKNOWN:
        raise CannotTell(worst.reason, worst.detail)
    return _("It is neither revoked nor suspended, says the issuer's signed list.")


def _entry(entry: Any, issuer: str, download: Download, now: datetime) -> Callable[[], str]:
    return lambda: _look_up(entry, issuer, download, now)


def _look_up(entry: Any, issuer: str, download: Download, now: datetime) -> str:
    types = words_of(entry.get("type")) if isinstance(entry, dict) else []
    if "BitstringStatusListEntry" not in types:
        raise CannotTell(
            _(
                "Whether it was revoked stands in a list of a kind that is not read here (%(kind)s).",
                kind=clip(", ".join(types) or "—"),
            )
        )
    purpose, url = entry.get("statusPurpose"), entry.get("statusListCredential")
    if not isinstance(purpose, str) or not isinstance(url, str):
        raise Fails(_("It does not say on which list, or for what, its issuer keeps it."))
    index = _index(entry)
    document = _list_at(url, issuer, download, now)
    subject = document.body.get("credentialSubject")
    subject = subject if isinstance(subject, dict) else {}
    if purpose not in words_of(subject.get("statusPurpose")):
        raise Fails(_("The list it names is one for another purpose than %(purpose)s.", purpose=purpose[:40]))
    if subject.get("statusSize", 1) != 1:
        raise CannotTell(_("Its issuer's list has more than two states, which are not read here."))
    try:
        bits = decode_encoded_list(subject.get("encodedList", ""))
    except (LibOpenBadgesException, ValueError) as error:
        raise CannotTell(_("The issuer's list cannot be read."), error) from error
    if len(bits) * 8 < SMALLEST_LIST or index >= len(bits) * 8:
        raise CannotTell(
            _("The issuer's list is shorter than lists are, or has no place %(index)s.", index=index)
        )
    is_set = bool(bits[index // 8] & (0x80 >> index % 8))
    if is_set and purpose == "revocation":
        raise Fails(_("Its issuer revoked it."))
    if is_set and purpose == "suspension":
        raise Fails(_("Its issuer suspended it: it does not hold for now."))
    return ""


def _index(entry: dict[str, Any]) -> int:
    if entry.get("statusSize", 1) != 1:
        raise CannotTell(_("Its issuer's list has more than two states, which are not read here."))
    number = entry.get("statusListIndex")
    text = str(number) if isinstance(number, int) and not isinstance(number, bool) else number
    if not isinstance(text, str) or not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise Fails(_("It does not say on which list, or for what, its issuer keeps it."), repr(number)[:80])
    return int(text)


def _list_at(url: str, issuer: str, download: Download, now: datetime) -> Document:
    """The list at `url`, if it is signed, all of it, by the credential's own issuer, and is of today. Raises Fails or CannotTell."""
    try:
        found = read(download(url))
    except Unreadable as error:
        raise CannotTell(_("What is at %(url)s cannot be read.", url=clip(url)), error.message) from error
    body = found.body
    if "BitstringStatusListCredential" not in words_of(body.get("type")):
        raise CannotTell(_("At %(url)s there is no status list.", url=clip(url)))
    if identifier(body.get("issuer")) != issuer:
        raise Fails(_("The list it names is somebody else's, who can say nothing of this issuer's badges."))
    if body.get("id", url) != url:
        raise Fails(_("The issuer's list has been exchanged for another of its lists."))
    check_contexts(found, ())
    try:
        signatures = signatures_of(found)
    except Fails as error:
        raise CannotTell(
            _("The issuer's list is not signed in a way that is read here."), error.reason
        ) from error
    keys = keys_of(issuer, signatures, download=download, now=now)
    try:
        check_signatures(found, signatures, keys, now)
        if not found.token:  # a token's own claims say nothing that is read here
            check_whole(found, signatures)
    except Fails as error:
        raise Fails(
            _("The issuer's list was changed after it was signed."), f"{error.reason} {error.detail}"
        ) from error
    try:
        refuse_other_days(body, now)
    except Fails as error:
        raise CannotTell(
            _("The issuer's list is not of today, so what it says may be old."), error.reason
        ) from error
    return found
