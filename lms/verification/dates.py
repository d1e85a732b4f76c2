"""When a credential holds. Pure."""

from datetime import datetime, timedelta
from typing import Any

from lms.verification.outcome import Fails
from lms.words import gettext as _

LEEWAY = timedelta(minutes=1)
"""Clocks differ. Only for what has begun; what has ended has ended."""


def check_dates(body: dict[str, Any], now: datetime) -> str:
    """That `now` lies within the credential's dates. Raises Fails."""
    begins, ends = moment(body, "validFrom"), moment(body, "validUntil")
    if begins is None:
        raise Fails(_("It does not say from when it holds (validFrom)."))
    if ends is not None and ends < begins:
        raise Fails(_("It would end before it began."))
    refuse_other_days(body, now)
    if ends is None:
        return _("It holds since %(day)s, without an end.", day=begins.date().isoformat())
    return _(
        "It holds from %(first)s to %(last)s.", first=begins.date().isoformat(), last=ends.date().isoformat()
    )


def refuse_other_days(body: dict[str, Any], now: datetime) -> None:
    """Raises Fails where `now` lies outside of such dates as there are."""
    begins, ends = moment(body, "validFrom"), moment(body, "validUntil")
    if begins is not None and begins > now + LEEWAY:
        raise Fails(_("It holds only from %(day)s on.", day=begins.date().isoformat()))
    if ends is not None and ends <= now:
        raise Fails(_("It expired on %(day)s.", day=ends.date().isoformat()))


def check_claims(body: dict[str, Any]) -> None:
    """That a token's own claims say what the credential in it says. Raises Fails."""
    said = (
        ("iss", identifier(body.get("issuer"))),
        ("sub", identifier(body.get("credentialSubject"))),
        ("jti", body.get("id")),
    )
    for claim, meant in said:
        if claim in body and body[claim] != meant:
            raise Fails(
                _("The token says one thing (%(claim)s) and the credential in it another.", claim=claim),
                f"{claim}: {body[claim]!r}; credential: {meant!r}",
            )
        if meant is not None and claim not in body:
            raise Fails(_("The token lacks %(claim)s, which every signed Open Badge has.", claim=claim))
    for claim, name in (("nbf", "validFrom"), ("exp", "validUntil")):
        number, meant = body.get(claim), moment(body, name)
        if number is None and claim == "exp":
            continue
        if isinstance(number, bool) or not isinstance(number, int | float) or meant is None:
            raise Fails(
                _(
                    "The token's %(claim)s is no time, or the credential has no %(name)s.",
                    claim=claim,
                    name=name,
                )
            )
        if abs(number - meant.timestamp()) >= 1:
            raise Fails(
                _("The token says one thing (%(claim)s) and the credential in it another.", claim=claim),
                f"{claim}: {number}; {name}: {meant.isoformat()}",
            )


def moment(body: dict[str, Any], name: str) -> datetime | None:
    """The time under `name`, if there is one. Raises Fails for what is none, or has no zone."""
    text = body.get(name)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        found = None
    if found is None or found.tzinfo is None or "T" not in text:
        raise Fails(_("Its %(name)s is no time with a zone.", name=name), repr(text)[:80])
    return found


def identifier(value: Any) -> str | None:
    """The id of an issuer or a subject, given as an address or as an object; of a list of one, that one."""
    if isinstance(value, list):
        value = value[0] if len(value) == 1 else None
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, str) else None
