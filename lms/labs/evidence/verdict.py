"""What a check says, and what it may know besides the pieces themselves."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from lms.content.machine import Machine
from lms.labs.evidence.pieces import Place


class Verdict(enum.Enum):
    """CONTRADICTS is no proof of forgery, and CONSISTENT none of truth: a person decides."""

    CONSISTENT = "consistent"
    CONTRADICTS = "contradicts"
    UNKNOWN = "cannot be told"


@dataclass(frozen=True)
class Check:
    """One rule's word. `words` are a sentence for a mentor, `rests` the lines it looked at. `name` stays the same in every language."""

    name: str
    title: str
    verdict: Verdict
    words: str
    rests: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Elsewhere:
    """The same evidence, or a piece of it, handed in by somebody else. `same` is `file` or `job`."""

    claim_id: int
    person: str
    lab_id: str
    same: str
    is_sure: bool


@dataclass(frozen=True)
class Circumstances:
    """`begun` is when this learner began the lab, None when that was by handing evidence in; `handed_in` is when the claim came; `zone`
    that of the machine's clock, "" where nobody said; `elsewhere` is filled for mentors only.
    """

    begun: datetime | None
    handed_in: datetime
    machine: Machine | None = None
    zone: str = ""
    elsewhere: tuple[Elsewhere, ...] = ()


def places(*found: Place | None) -> tuple[Place, ...]:
    """Those that are there, each once."""
    return tuple(dict.fromkeys(each for each in found if each is not None))


def verdict_of(contradictions: Iterable[object], *, told: bool) -> Verdict:
    """`told` says whether there was anything to compare."""
    if any(True for _each in contradictions):
        return Verdict.CONTRADICTS
    return Verdict.CONSISTENT if told else Verdict.UNKNOWN


def span_of(moment: datetime, zone: str) -> tuple[datetime, datetime]:
    """The earliest and the latest moment in UTC that a record can mean. A clock without a zone may be anywhere from UTC-12 to UTC+14."""
    if moment.tzinfo is not None or zone:
        exact = (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
        return exact, exact
    utc = moment.replace(tzinfo=UTC)
    return utc - timedelta(hours=14), utc + timedelta(hours=12)


def apart(first: datetime, second: datetime) -> int | None:
    """Whole seconds from the first to the second; None when one has a zone and the other has none."""
    if (first.tzinfo is None) != (second.tzinfo is None):
        return None
    return round((second - first).total_seconds())
