"""Where a company stands with a level, and what follows from what. Pure.

The policy proposes and warns; only the centre grants, renews, takes a suspended level back in, and withdraws. A level that is earned no
more still holds for the policy's days of grace, and is suspended when they are over.
"""

import enum
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta


class LevelState(enum.Enum):
    """OPEN: not earned. PROPOSED: earned, to be confirmed. GRANTED: confirmed. LAPSING: confirmed, earned no more, within its grace.
    SUSPENDED: does not hold, may again. WITHDRAWN: ended by the centre.
    """

    OPEN = "open"
    PROPOSED = "proposed"
    GRANTED = "granted"
    LAPSING = "lapsing"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"

    @property
    def holds(self) -> bool:
        """Whether others may rely on it."""
        return self in (LevelState.GRANTED, LevelState.LAPSING)


@dataclass(frozen=True)
class Stand:
    """`lapses_on` is the first day on which it would hold no more, as things are: by the policy, or by the end of the certificate.
    `grace_until` is the first day after the grace. `is_held`: the centre itself suspended it, and the policy proposes nothing.
    `waits_since`: since when the centre is asked for a decision.
    """

    state: LevelState
    since: datetime
    earned: bool = False
    lapses_on: date | None = None
    grace_until: date | None = None
    credential_id: str | None = None
    is_held: bool = False
    waits_since: datetime | None = None


@dataclass(frozen=True)
class Facts:
    """What is so on a day: the policy's word, and the company's newest certificate of the level (`certificate` is the name of a
    certification.standing.State, "" for none; `has_status` tells whether it can be suspended, `is_renewable` whether its end is near).
    """

    today: date
    earned: bool
    lapses_on: date | None
    certificate: str
    credential_id: str | None
    ends_on: date | None
    grace_days: int
    has_status: bool = True
    is_renewable: bool = False


def follow(before: Stand | None, facts: Facts, now: datetime) -> tuple[Stand, str]:
    """Where the level stands now, and why it moved: a cause of `CAUSES`, or "" when it did not."""
    known = before or Stand(LevelState.OPEN, now)
    state, cause = _next(known, facts)
    moved = state is not known.state
    stand = replace(
        known,
        state=state,
        since=now if moved else known.since,
        earned=facts.earned,
        grace_until=_grace(known, state, facts),
        credential_id=facts.credential_id,
        # Who suspends a certificate by itself is of the centre too, and need not be asked whether they mean it.
        is_held=state is LevelState.SUSPENDED and (known.is_held or cause == "certificate-suspended"),
    )
    stand = replace(stand, lapses_on=_lapse(stand, facts))
    return replace(stand, waits_since=(stand.waits_since or now) if _waits(stand, facts) else None), cause


CAUSES = (
    "earned", "lost", "recognised", "ungained", "regained", "grace-over", "expired", "revoked", "certificate-suspended",
    "certificate-resumed",
)  # fmt: skip
"""Why a level moves by itself. The centre's own decisions are named in readiness.confirm."""


def _next(stand: Stand, facts: Facts) -> tuple[LevelState, str]:
    if stand.state.holds or stand.state is LevelState.SUSPENDED:
        return _next_of_granted(stand, facts)
    if facts.certificate == "valid" and stand.state is not LevelState.WITHDRAWN:
        return LevelState.GRANTED, "recognised"  # issued before anybody kept states, or beside them
    if stand.state is LevelState.WITHDRAWN or facts.earned is (stand.state is LevelState.PROPOSED):
        return stand.state, ""
    return (LevelState.PROPOSED, "earned") if facts.earned else (LevelState.OPEN, "ungained")


def _next_of_granted(stand: Stand, facts: Facts) -> tuple[LevelState, str]:
    if facts.certificate in ("revoked", ""):
        return LevelState.WITHDRAWN, "revoked"
    if facts.certificate == "expired":
        return (LevelState.PROPOSED if facts.earned else LevelState.OPEN), "expired"
    if stand.state is LevelState.SUSPENDED:
        is_back = facts.certificate == "valid" and facts.has_status
        return (LevelState.GRANTED, "certificate-resumed") if is_back else (stand.state, "")
    if facts.certificate == "suspended":
        return LevelState.SUSPENDED, "certificate-suspended"
    return _next_by_policy(stand, facts)


def _next_by_policy(stand: Stand, facts: Facts) -> tuple[LevelState, str]:
    """Of a level that holds, with a certificate that does."""
    if facts.earned:
        return (LevelState.GRANTED, "" if stand.state is LevelState.GRANTED else "regained")
    if stand.state is LevelState.GRANTED and facts.grace_days > 0:
        return LevelState.LAPSING, "lost"
    if stand.state is LevelState.GRANTED or (
        stand.grace_until is not None and facts.today >= stand.grace_until
    ):
        return LevelState.SUSPENDED, "grace-over"
    return stand.state, ""


def _grace(known: Stand, state: LevelState, facts: Facts) -> date | None:
    if state is not LevelState.LAPSING:
        return None
    return known.grace_until if known.state is state else facts.today + timedelta(days=facts.grace_days)


def _lapse(stand: Stand, facts: Facts) -> date | None:
    if not stand.state.holds:
        return facts.lapses_on if stand.state is LevelState.PROPOSED else None
    days = [stand.grace_until, facts.ends_on, facts.lapses_on if facts.earned else None]
    return min((day for day in days if day is not None), default=None)


def _waits(stand: Stand, facts: Facts) -> bool:
    """Whether the centre is asked for a decision."""
    if stand.state is LevelState.GRANTED:
        return facts.is_renewable
    return stand.state is LevelState.PROPOSED or (
        stand.state is LevelState.SUSPENDED and stand.earned and not stand.is_held
    )
