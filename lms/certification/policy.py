"""What a company must show for each level of readiness, as the centre wrote it in courses/readiness.yaml. Pure.

Being ready for a machine is a level of its own, which comes after the level without it: `R1@boreas` asks for R1 and for what the profile
of that machine asks besides.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from lms.words import gettext as _

Role = Literal["any", "lead"]
Authority = Literal["lead", "mentor", "staff"]
AUTHORITIES: tuple[Authority, ...] = ("lead", "mentor", "staff")
"""Whose word weighs more comes later: where a lead may declare something, a mentor or the centre's staff may attest it as well."""

GRACE_DAYS = 30


@dataclass(frozen=True)
class Requirement:
    """One of three. People: at least `people` members in this role, each of whom passed all of `courses` and `labs`, the labs also
    `on_slurm`. A document: an attestation of that kind, by at least `attested_by`. Or what it `awaits`, which nobody can meet yet.
    Nothing counts that is older than `max_age_months`.
    """

    id: str
    title: str
    people: int = 1
    role: Role = "any"
    courses: tuple[str, ...] = ()
    labs: tuple[str, ...] = ()
    on_slurm: bool = False
    document: str = ""
    attested_by: Authority = "staff"
    max_age_months: int | None = None
    awaits: str = ""


@dataclass(frozen=True)
class Level:
    """`after` is the level that must be earned first; `valid_months` how long a certificate of this one holds; `machine` the id of the
    machine it is about, "" for none.
    """

    id: str
    title: str
    summary: str
    valid_months: int
    requires: tuple[Requirement, ...]
    after: str | None = None
    machine: str = ""


@dataclass(frozen=True)
class Document:
    """A kind of thing that is attested because no course can show it. `ask` says what has to be seen."""

    id: str
    title: str
    ask: str = ""


@dataclass(frozen=True)
class Policy:
    """`grace_days` is how long a level still holds once it is earned no more. `majors` has the major version of each course above 1:
    a pass of an earlier one no longer counts.
    """

    version: str
    levels: tuple[Level, ...]
    documents: tuple[Document, ...] = ()
    grace_days: int = GRACE_DAYS
    majors: Mapping[str, int] = field(default_factory=dict)

    def level(self, level_id: str) -> Level | None:
        return next((level for level in self.levels if level.id == level_id), None)

    def document(self, kind: str) -> Document:
        """A kind that the policy no longer knows is called by its id: attestations outlive it."""
        return next((each for each in self.documents if each.id == kind), Document(kind, kind))

    def attested_by(self, kind: str) -> Authority | None:
        """The least whose word is enough somewhere for this kind of document; None when no level asks for it."""
        asked = {
            need.attested_by for level in self.levels for need in level.requires if need.document == kind
        }
        return next((each for each in AUTHORITIES if each in asked), None)


def level_with(level_id: str, machine_id: str) -> str:
    """The id of a level on a machine. No author can write it: an id holds no @."""
    return f"{level_id}@{machine_id}"


def read_policy(plain: Mapping[str, Any]) -> Policy:
    """The policy of a catalogue, which was checked when it was published. An empty one has no levels."""
    levels = tuple(
        Level(
            id=level["id"],
            title=level["title"],
            summary=level.get("summary", ""),
            valid_months=level["valid_months"],
            after=level.get("after"),
            requires=_requirements(level["requires"]),
        )
        for level in plain.get("levels", ())
    )
    return Policy(
        version=str(plain.get("version", "")),
        levels=levels + _on_machines(levels, plain.get("machines", ())),
        documents=tuple(Document(**each) for each in plain.get("documents", ())),
        grace_days=plain.get("grace_days", GRACE_DAYS),
        majors=dict(plain.get("majors", {})),
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


def _on_machines(levels: tuple[Level, ...], machines: Any) -> tuple[Level, ...]:
    return tuple(
        Level(
            id=level_with(level.id, machine["id"]),
            title=_("%(level)s on %(machine)s", level=level.title, machine=machine["title"]),
            summary=machine.get("summary", ""),
            valid_months=level.valid_months,
            requires=_requirements(machine["requires"]),
            after=level.id,
            machine=machine["id"],
        )
        for machine in machines
        for level in levels
        if level.id in machine["levels"]
    )


def _requirements(plain: Any) -> tuple[Requirement, ...]:
    return tuple(
        Requirement(
            **{**each, "courses": tuple(each.get("courses", ())), "labs": tuple(each.get("labs", ()))}
        )
        for each in plain
    )
