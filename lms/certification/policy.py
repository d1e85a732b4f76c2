"""Levels of readiness, and what a company has earned of them. Pure: the page and the issuing ask the same function.

`decide(policy, evidence, today)` never looks anything up: evidence comes in, a decision with its reasons comes out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from lms.words import gettext as _
from lms.words import ngettext

Role = Literal["any", "lead"]


@dataclass(frozen=True)
class Requirement:
    """At least `people` members in this role, each of whom passed all of `courses` and `labs`, no longer ago than `max_age_months`.
    `awaits` says why nobody can meet it yet.
    """

    id: str
    title: str
    people: int = 1
    role: Role = "any"
    courses: tuple[str, ...] = ()
    labs: tuple[str, ...] = ()
    max_age_months: int | None = None
    awaits: str = ""


@dataclass(frozen=True)
class Level:
    """`after` is the level that must be earned first; `valid_months` how long a certificate of this one holds."""

    id: str
    title: str
    summary: str
    valid_months: int
    requires: tuple[Requirement, ...]
    after: str | None = None


@dataclass(frozen=True)
class Policy:
    version: str
    levels: tuple[Level, ...]

    def level(self, level_id: str) -> Level | None:
        return next((level for level in self.levels if level.id == level_id), None)


@dataclass(frozen=True)
class Passed:
    """One thing somebody passed: a course or a lab, on which day, on which release."""

    kind: Literal["course", "lab"]
    id: str
    on: date
    release_id: int


@dataclass(frozen=True)
class Member:
    """A person of the company. `passed` holds at most one entry for each course and lab: the newest."""

    person_id: int
    name: str
    is_lead: bool
    passed: tuple[Passed, ...] = ()


@dataclass(frozen=True)
class Gap:
    """What one member lacks for one requirement; empty when they meet it. `stale` was passed, but too long ago."""

    member: Member
    missing: tuple[str, ...]
    stale: tuple[str, ...]

    @property
    def is_met(self) -> bool:
        return not self.missing and not self.stale

    @property
    def distance(self) -> int:
        return len(self.missing) + len(self.stale)


@dataclass(frozen=True)
class Finding:
    """How a requirement stands. `met_by` are enough or not; `gaps` are the others in the role, the closest first."""

    requirement: Requirement
    met_by: tuple[Member, ...]
    gaps: tuple[Gap, ...]

    @property
    def is_met(self) -> bool:
        return not self.requirement.awaits and len(self.met_by) >= self.requirement.people

    @property
    def still_needed(self) -> int:
        return max(0, self.requirement.people - len(self.met_by))

    @property
    def sentence(self) -> str:
        """What is missing, in words; '' when nothing is."""
        if self.is_met:
            return ""
        if self.requirement.awaits:
            return _("Cannot be met yet: %(reason)s.", reason=self.requirement.awaits.rstrip("."))
        if not self.met_by and not self.gaps:
            if self.requirement.role == "lead":
                return _("The company has no lead who could show this. Invite one.")
            return _("The company has no members who could show this. Invite colleagues.")
        needed = ngettext("One more person is needed.", "%(num)s more people are needed.", self.still_needed)
        if not self.gaps:
            return _("%(needed)s Everybody in the company counts already: invite colleagues.", needed=needed)
        closest = self.gaps[0]
        steps = list(closest.missing) + [
            _("%(id)s again, it is too long ago", id=each) for each in closest.stale
        ]
        return _(
            "%(needed)s Closest is %(name)s, who still has to pass %(steps)s.",
            needed=needed, name=closest.member.name, steps=_listed(steps),
        )  # fmt: skip


@dataclass(frozen=True)
class LevelDecision:
    """How a level stands: earned when every requirement is met and the level before it is earned too."""

    level: Level
    findings: tuple[Finding, ...]
    earned: bool
    blocked_by: str | None

    @property
    def missing(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.is_met)


@dataclass(frozen=True)
class Decision:
    """Every level of the policy, in its order."""

    policy_version: str
    levels: tuple[LevelDecision, ...]

    @property
    def highest(self) -> LevelDecision | None:
        """The last level that is earned, or None."""
        return next((each for each in reversed(self.levels) if each.earned), None)

    @property
    def next(self) -> LevelDecision | None:
        """The first level that is not, or None."""
        return next((each for each in self.levels if not each.earned), None)

    def level(self, level_id: str) -> LevelDecision | None:
        return next((each for each in self.levels if each.level.id == level_id), None)


def decide(policy: Policy, members: Iterable[Member], today: date) -> Decision:
    """What is earned on `today` and what is missing, with reasons."""
    company = tuple(members)
    earned: dict[str, bool] = {}
    decisions = []
    for level in policy.levels:
        findings = tuple(_find(requirement, company, today) for requirement in level.requires)
        blocked_by = level.after if level.after is not None and not earned.get(level.after, False) else None
        earned[level.id] = blocked_by is None and all(finding.is_met for finding in findings)
        decisions.append(LevelDecision(level, findings, earned[level.id], blocked_by))
    return Decision(policy.version, tuple(decisions))


def read_policy(plain: Mapping[str, Any]) -> Policy:
    """The policy of a catalogue, which was checked when it was published. An empty one has no levels."""
    return Policy(
        version=str(plain.get("version", "")),
        levels=tuple(
            Level(
                id=level["id"],
                title=level["title"],
                summary=level.get("summary", ""),
                valid_months=level["valid_months"],
                after=level.get("after"),
                requires=tuple(
                    Requirement(
                        **{
                            **each,
                            "courses": tuple(each.get("courses", ())),
                            "labs": tuple(each.get("labs", ())),
                        }
                    )
                    for each in level["requires"]
                ),
            )
            for level in plain.get("levels", ())
        ),
    )


def months_before(day: date, months: int) -> date:
    """The same day of the month, that many months earlier; the last of the month where there is no such day."""
    return months_after(day, -months)


def months_after(day: date, months: int) -> date:
    """The same day of the month, that many months later; the last of the month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _find(requirement: Requirement, company: tuple[Member, ...], today: date) -> Finding:
    if requirement.awaits:
        return Finding(requirement, (), ())
    in_role = [member for member in company if requirement.role == "any" or member.is_lead]
    gaps = [_gap(requirement, member, today) for member in in_role]
    met = tuple(gap.member for gap in gaps if gap.is_met)
    others = sorted((gap for gap in gaps if not gap.is_met), key=lambda gap: (gap.distance, gap.member.name))
    return Finding(requirement, met, tuple(others))


def _gap(requirement: Requirement, member: Member, today: date) -> Gap:
    oldest = None if requirement.max_age_months is None else months_before(today, requirement.max_age_months)
    passed: dict[tuple[str, str], date] = {(each.kind, each.id): each.on for each in member.passed}
    missing, stale = [], []
    wanted = [("course", each) for each in requirement.courses] + [("lab", each) for each in requirement.labs]
    for key in wanted:
        on = passed.get(key)
        if on is None or on > today:
            missing.append(key[1])
        elif oldest is not None and on < oldest:
            stale.append(key[1])
    return Gap(member, tuple(missing), tuple(stale))


def _listed(items: list[str]) -> str:
    if len(items) < 2:
        return "".join(items)
    return _("%(most)s and %(last)s", most=", ".join(items[:-1]), last=items[-1])
