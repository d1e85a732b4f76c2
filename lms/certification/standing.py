"""The state of a credential on a day. Pure."""

import enum
from collections.abc import Iterable
from datetime import datetime

from lms.certification.tables import Credential


class State(enum.Enum):
    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"


def state_of(credential: Credential, now: datetime) -> State:
    """Revoked outweighs superseded, which outweighs expired: the strongest reason not to rely on it."""
    if credential.revoked_at is not None:
        return State.REVOKED
    if credential.superseded_by is not None:
        return State.SUPERSEDED
    if credential.valid_until is not None and credential.valid_until <= now:
        return State.EXPIRED
    return State.VALID


def valid_among(credentials: Iterable[Credential], now: datetime) -> dict[tuple[str, str], Credential]:
    """Those that hold today, by what they certify: (kind, id)."""
    return {
        (each.kind, each.achievement_id): each for each in credentials if state_of(each, now) is State.VALID
    }
