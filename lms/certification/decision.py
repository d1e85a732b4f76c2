"""What a company has earned of a policy, and what is missing. Pure: the page and the issuing ask the same function.

`decide(policy, company, today)` never looks anything up: evidence comes in, a decision with its reasons comes out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lms.certification.company import Attested, Company, Member, Passed
from lms.certification.policy import AUTHORITIES, Level, Policy, Requirement, months_before
from lms.words import gettext as _
from lms.words import ngettext


@dataclass(frozen=True)
class Gap:
    """What one member lacks for one requirement; empty when they meet it. `stale` was passed, but too long ago; `renewed` on an earlier
    major version of the course; `unproved` passed, but not on Slurm.
    """

    member: Member
    missing: tuple[str, ...]
    stale: tuple[str, ...] = ()
    renewed: tuple[str, ...] = ()
    unproved: tuple[str, ...] = ()

    @property
    def lacking(self) -> tuple[str, ...]:
        """Courses and labs to pass, for the first time or again."""
        return (*self.missing, *self.stale, *self.renewed, *self.unproved)

    @property
    def is_met(self) -> bool:
        return not self.lacking

    @property
    def distance(self) -> int:
        return len(self.lacking)

    @property
    def steps(self) -> list[str]:
        """Each step in words."""
        return (
            list(self.missing)
            + [_("%(id)s again, it is too long ago", id=each) for each in self.stale]
            + [_("%(id)s again, it has changed in what it teaches", id=each) for each in self.renewed]
            + [_("%(id)s on Slurm", id=each) for each in self.unproved]
        )


@dataclass(frozen=True)
class Finding:
    """How a requirement stands. `met_by` are enough or not; `gaps` are the others in the role, the closest first. For a document,
    `attested` is the word that counts, and `lapsed` the newest that counts no more.
    """

    requirement: Requirement
    met_by: tuple[Member, ...] = ()
    gaps: tuple[Gap, ...] = ()
    attested: Attested | None = None
    lapsed: Attested | None = None

    @property
    def is_met(self) -> bool:
        need = self.requirement
        if need.awaits:
            return False
        return self.attested is not None if need.document else len(self.met_by) >= need.people

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
        return self._document_sentence if self.requirement.document else self._people_sentence

    @property
    def _document_sentence(self) -> str:
        before = (
            _("The last word for it has run out.") if self.lapsed else _("Nobody has vouched for it yet.")
        )
        who = {
            "lead": _("A lead of the company can declare it."),
            "mentor": _("A mentor or the centre has to see it."),
            "staff": _("The centre has to see it."),
        }[self.requirement.attested_by]
        return f"{before} {who}"

    @property
    def _people_sentence(self) -> str:
        if not self.met_by and not self.gaps:
            if self.requirement.role == "lead":
                return _("The company has no lead who could show this. Invite one.")
            return _("The company has no members who could show this. Invite colleagues.")
        needed = ngettext("One more person is needed.", "%(num)s more people are needed.", self.still_needed)
        if not self.gaps:
            return _("%(needed)s Everybody in the company counts already: invite colleagues.", needed=needed)
        closest = self.gaps[0]
        return _(
            "%(needed)s Closest is %(name)s, who still has to pass %(steps)s.",
            needed=needed, name=closest.member.name, steps=_listed(closest.steps),
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
        """The last level that is earned, or None. Machines are no rungs of the ladder."""
        return next((each for each in reversed(self.ladder) if each.earned), None)

    @property
    def next(self) -> LevelDecision | None:
        """The first level that is not, or None."""
        return next((each for each in self.ladder if not each.earned), None)

    @property
    def ladder(self) -> tuple[LevelDecision, ...]:
        """The levels that are about no machine."""
        return tuple(each for each in self.levels if not each.level.machine)

    def level(self, level_id: str) -> LevelDecision | None:
        return next((each for each in self.levels if each.level.id == level_id), None)


def decide(policy: Policy, company: Company, today: date) -> Decision:
    """What is earned on `today` and what is missing, with reasons."""
    earned: dict[str, bool] = {}
    decisions = []
    for level in policy.levels:
        findings = tuple(find(requirement, company, today, policy.majors) for requirement in level.requires)
        blocked_by = level.after if level.after is not None and not earned.get(level.after, False) else None
        earned[level.id] = blocked_by is None and all(finding.is_met for finding in findings)
        decisions.append(LevelDecision(level, findings, earned[level.id], blocked_by))
    return Decision(policy.version, tuple(decisions))


def find(requirement: Requirement, company: Company, today: date, majors: Mapping[str, int]) -> Finding:
    """How one requirement stands on `today`."""
    if requirement.awaits:
        return Finding(requirement)
    if requirement.document:
        return _find_document(requirement, company, today)
    in_role = [member for member in company if requirement.role == "any" or member.is_lead]
    gaps = [_gap(requirement, member, today, majors) for member in in_role]
    met = tuple(gap.member for gap in gaps if gap.is_met)
    others = sorted((gap for gap in gaps if not gap.is_met), key=lambda gap: (gap.distance, gap.member.name))
    return Finding(requirement, met, tuple(others))


def _find_document(requirement: Requirement, company: Company, today: date) -> Finding:
    weight = AUTHORITIES.index(requirement.attested_by)
    oldest = _oldest(requirement, today)
    words = sorted(
        (
            each
            for each in company.attested
            if each.kind == requirement.document and each.on <= today and AUTHORITIES.index(each.by) >= weight
        ),
        key=lambda each: (each.on, each.reference),
    )
    holding = [each for each in words if each.holds(today) and (oldest is None or each.on >= oldest)]
    return Finding(
        requirement,
        attested=holding[-1] if holding else None,
        lapsed=words[-1] if words and not holding else None,
    )


def _gap(requirement: Requirement, member: Member, today: date, majors: Mapping[str, int]) -> Gap:
    oldest = _oldest(requirement, today)
    found: dict[str, list[str]] = {"missing": [], "stale": [], "renewed": [], "unproved": []}
    for kind, names in (("course", requirement.courses), ("lab", requirement.labs)):
        for name in names:
            shown = [
                each for each in member.passed if (each.kind, each.id) == (kind, name) and each.on <= today
            ]
            lack = _lack(requirement, shown, oldest, majors.get(name, 1) if kind == "course" else 1)
            if lack:
                found[lack].append(name)
    return Gap(member, **{why: tuple(names) for why, names in found.items()})


def _lack(requirement: Requirement, shown: list[Passed], oldest: date | None, major: int) -> str:
    """Why none of these passes counts; '' when one does."""
    if not shown:
        return "missing"
    if not (taught := [each for each in shown if each.major >= major]):
        return "renewed"
    if not (fresh := [each for each in taught if oldest is None or each.on >= oldest]):
        return "stale"
    if requirement.on_slurm and fresh[0].kind == "lab" and not any(each.on_slurm for each in fresh):
        return "unproved"
    return ""


def _oldest(requirement: Requirement, today: date) -> date | None:
    return None if requirement.max_age_months is None else months_before(today, requirement.max_age_months)


def _listed(items: list[str]) -> str:
    if len(items) < 2:
        return "".join(items)
    return _("%(most)s and %(last)s", most=", ".join(items[:-1]), last=items[-1])
