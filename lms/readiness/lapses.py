"""What runs out when, if nobody does anything. Pure.

Time alone never raises a level, so the day on which something stops being so is found by halving.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from lms.certification.company import Company
from lms.certification.decision import find
from lms.certification.policy import Level, Policy, Requirement

_SPARE_DAYS = 10


@dataclass(frozen=True)
class Lapse:
    """From `day` on this requirement, of this level, is met no more."""

    level_id: str
    requirement: Requirement
    day: date


def lapses(policy: Policy, company: Company, today: date) -> list[Lapse]:
    """Of everything that is met today, what will not be some day; soonest first. What never runs out is not in it."""
    found = []
    for level in policy.levels:
        for requirement in level.requires:
            day = _lapse_of(requirement, policy, company, today)
            if day is not None:
                found.append(Lapse(level.id, requirement, day))
    return sorted(found, key=lambda lapse: lapse.day)


def lapse_of_level(policy: Policy, level: Level, known: list[Lapse]) -> Lapse | None:
    """The first of `known` (soonest first) that takes this level away: one of its own, or of a level that comes before it."""
    chain = {each.id for each in _with_those_before(policy, level)}
    return next((lapse for lapse in known if lapse.level_id in chain), None)


def first_day_not(holds: Callable[[date], bool], today: date, horizon: date) -> date | None:
    """The first day after `today` on which something that holds today holds no more; None when it still does on `horizon`.

    What has ended must never begin again.
    """
    if holds(horizon):
        return None
    still, gone = today, horizon
    while (gone - still).days > 1:
        middle = still + timedelta(days=(gone - still).days // 2)
        still, gone = (middle, gone) if holds(middle) else (still, middle)
    return gone


def _lapse_of(requirement: Requirement, policy: Policy, company: Company, today: date) -> date | None:
    def holds(day: date) -> bool:
        return find(requirement, company, day, policy.majors).is_met

    if not holds(today):
        return None
    return first_day_not(holds, today, _horizon(requirement, company, today))


def _horizon(requirement: Requirement, company: Company, today: date) -> date:
    """A day by which everything that can run out has."""
    ends = [word.until for word in company.attested if word.until is not None]
    if requirement.max_age_months is not None:
        ends.append(today + timedelta(days=31 * requirement.max_age_months))
    return max([today, *ends]) + timedelta(days=_SPARE_DAYS)


def _with_those_before(policy: Policy, level: Level) -> list[Level]:
    chain = [level]
    while chain[-1].after is not None and (before := policy.level(chain[-1].after)) is not None:
        chain.append(before)
    return chain
