"""What would be, if somebody left or passed something. Pure: nothing is written down, and nobody is told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from lms.certification.company import Company, Passed
from lms.certification.decision import Decision, Finding, LevelDecision, decide
from lms.certification.policy import Policy


@dataclass(frozen=True)
class Leaves:
    """Somebody works there no more."""

    person_id: int


@dataclass(frozen=True)
class Passes:
    """Somebody passes a course today, with its labs, or a lab; the labs on Slurm too."""

    person_id: int
    id: str


Change = Leaves | Passes


@dataclass(frozen=True)
class Outlook:
    """The company as it is, and as it would be."""

    before: Decision
    after: Decision

    @property
    def levels(self) -> list[tuple[LevelDecision, LevelDecision]]:
        """Each level before and after."""
        return list(zip(self.before.levels, self.after.levels, strict=True))

    @staticmethod
    def new_gaps(before: LevelDecision, after: LevelDecision) -> tuple[Finding, ...]:
        """What would be missing of a level that is not missing now."""
        known = {finding.requirement.id for finding in before.missing}
        return tuple(finding for finding in after.missing if finding.requirement.id not in known)

    @property
    def lost(self) -> list[LevelDecision]:
        return [after for before, after in self.levels if before.earned and not after.earned]

    @property
    def gained(self) -> list[LevelDecision]:
        return [after for before, after in self.levels if after.earned and not before.earned]


def suppose(
    policy: Policy,
    company: Company,
    today: date,
    changes: Iterable[Change],
    *,
    labs_of: Mapping[str, tuple[str, ...]],
) -> Outlook:
    """Decide as if `changes` had happened today. `labs_of` has the labs of each course there is."""
    supposed = company
    for change in changes:
        match change:
            case Leaves(person_id):
                supposed = supposed.without(person_id)
            case Passes(person_id, what):
                supposed = supposed.with_passed(person_id, _passes(policy, what, today, labs_of))
    return Outlook(decide(policy, company, today), decide(policy, supposed, today))


def _passes(
    policy: Policy, what: str, today: date, labs_of: Mapping[str, tuple[str, ...]]
) -> tuple[Passed, ...]:
    labs = tuple(Passed("lab", each, today, 0, on_slurm=True) for each in labs_of.get(what, (what,)))
    if what not in labs_of:
        return labs
    return (Passed("course", what, today, 0, major=policy.majors.get(what, 1)), *labs)
