"""What a company has shown, as the policy reads it: its members with what they passed, and what was attested. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from lms.certification.policy import Authority


@dataclass(frozen=True)
class Passed:
    """One thing somebody passed: a course or a lab, on which day, on which release. `major` is the course's major version then;
    `on_slurm` tells that the lab was proved on Slurm as well. `reference` finds the row it rests on, such as `submission:17`.
    """

    kind: Literal["course", "lab"]
    id: str
    on: date
    release_id: int
    major: int = 1
    on_slurm: bool = field(default=False, compare=False)
    reference: str = field(
        default="", compare=False
    )  # what two persons passed alike is one piece of a certificate's evidence


@dataclass(frozen=True)
class Attested:
    """Somebody's word for a document or a fact. It holds from `on` to `until`, both days included; None means without an end."""

    kind: str
    on: date
    until: date | None
    by: Authority
    reference: str = ""

    def holds(self, today: date) -> bool:
        return self.on <= today and (self.until is None or today <= self.until)


@dataclass(frozen=True)
class Member:
    """A person of the company."""

    person_id: int
    name: str
    is_lead: bool
    passed: tuple[Passed, ...] = ()


@dataclass(frozen=True)
class Company:
    """All evidence there is for one company. Iterating goes through its members."""

    members: tuple[Member, ...] = ()
    attested: tuple[Attested, ...] = ()

    def __iter__(self) -> Iterator[Member]:
        return iter(self.members)

    def member(self, person_id: int) -> Member | None:
        return next((each for each in self.members if each.person_id == person_id), None)

    def without(self, person_id: int) -> "Company":
        """The company once this person has left."""
        return replace(self, members=tuple(each for each in self.members if each.person_id != person_id))

    def with_passed(self, person_id: int, passed: tuple[Passed, ...]) -> "Company":
        """The company once this person has passed these as well."""
        return replace(
            self,
            members=tuple(
                replace(each, passed=(*each.passed, *passed)) if each.person_id == person_id else each
                for each in self.members
            ),
        )
