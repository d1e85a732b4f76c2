"""The state of a credential on a day. Pure."""

import enum
from collections.abc import Iterable
from datetime import datetime, timedelta

from lms.certification.tables import Credential

RENEWAL = timedelta(days=60)
"""How long before its end a credential may be renewed, at most; half of its time if that is less."""


class State(enum.Enum):
    VALID = "valid"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"


def state_of(credential: Credential, now: datetime) -> State:
    """Revoked outweighs superseded, which outweighs suspended, then expired: the strongest reason not to rely on it."""
    if credential.revoked_at is not None:
        return State.REVOKED
    if credential.superseded_by is not None:
        return State.SUPERSEDED
    if credential.suspended_at is not None:
        return State.SUSPENDED
    if credential.valid_until is not None and credential.valid_until <= now:
        return State.EXPIRED
    return State.VALID


def is_renewable(credential: Credential, now: datetime) -> bool:
    """Whether its holder may have the next one: it is over, or its end is near."""
    match state_of(credential, now):
        case State.EXPIRED:
            return True
        case State.VALID if credential.valid_until is not None:
            window = min(RENEWAL, (credential.valid_until - credential.issued_at) / 2)
            return credential.valid_until - now <= window
        case _:
            return False


def valid_among(credentials: Iterable[Credential], now: datetime) -> dict[tuple[str, str], Credential]:
    """Those that hold today, by what they certify: (kind, id)."""
    return {
        (each.kind, each.achievement_id): each for each in credentials if state_of(each, now) is State.VALID
    }
