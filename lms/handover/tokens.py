"""Tokens of programs that ask: made and shown once, counted, revoked. Only their hashes are kept."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms import audit
from lms.errors import Forbidden, Invalid, NotFound, Unavailable
from lms.handover.tables import ApiToken
from lms.people.viewer import Viewer
from lms.words import gettext as _

READ_READINESS = "readiness:read"
PREFIX = "slr_"
"""So that a token that was published by mistake is found by its looks."""
MOST_DAYS = 730
WINDOW = timedelta(minutes=1)
MOST_ASKED = 60


class NoToken(Forbidden):
    """Who asks has shown no token, or none that is good."""


class TooOften(Unavailable):
    """A token asked as often as it may for now."""


def make(session: Session, *, label: str, days: int, by: Viewer, now: datetime) -> str:
    """A token that reads readiness for so many days. Raises Invalid without a label, or with days out of 1 to MOST_DAYS."""
    fields = {}
    if not 0 < len(label.strip()) <= 120:
        fields["label"] = _("Say in at most 120 characters who will ask with it.")
    if not 1 <= days <= MOST_DAYS:
        fields["days"] = _("A number of days from 1 to %(most)s, please.", most=MOST_DAYS)
    if fields:
        raise Invalid(_("The token was not made."), fields)
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        token_hash=_hashed(token),
        label=label.strip(),
        scope=READ_READINESS,
        created_by=by.id,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    audit.record(
        session, "api_token.made", f"api-token:{row.id}", actor_id=by.id, now=now, detail={"label": row.label}
    )
    return token


def revoke(session: Session, token_id: int, *, by: Viewer, now: datetime) -> None:
    """It asks no more, from now on. Raises NotFound; twice is once."""
    row = session.get(ApiToken, token_id, with_for_update=True)
    if row is None:
        raise NotFound(_("There is no such token."))
    if row.revoked_at is None:
        row.revoked_at = now
        audit.record(session, "api_token.revoked", f"api-token:{row.id}", actor_id=by.id, now=now)


def use(session: Session, token: str, scope: str, *, now: datetime) -> ApiToken:
    """The row of a token that may do this, counted. Raises NoToken, Forbidden or TooOften, each with what to do."""
    row = session.scalar(select(ApiToken).where(ApiToken.token_hash == _hashed(token)).with_for_update())
    if row is None:
        raise NoToken(_("This token is not known here. Was it copied whole?"))
    if row.revoked_at is not None:
        raise NoToken(_("This token was revoked. Ask the centre for another one."))
    if row.expires_at <= now:
        raise NoToken(_("This token has expired. Ask the centre for another one."))
    if row.scope != scope:
        raise Forbidden(_("This token may not do that: it takes one with the scope %(scope)s.", scope=scope))
    if row.counted_from is None or row.counted_from <= now - WINDOW:
        row.counted_from, row.counted = now, 0
    if row.counted >= MOST_ASKED:
        raise TooOften(
            _(
                "At most %(most)s requests a minute with one token. Wait a minute, then go on.",
                most=MOST_ASKED,
            )
        )
    row.counted, row.used_at = row.counted + 1, now
    return row


def tokens(session: Session) -> list[ApiToken]:
    """Newest first."""
    return list(session.scalars(select(ApiToken).order_by(ApiToken.id.desc())))


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
