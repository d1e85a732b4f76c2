"""courses/readiness.yaml, checked against what the tree teaches: levels in their order, requirements that can be met, machines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lms.content import policy_schema
from lms.content.gathering import Gathering
from lms.content.marked import Marked
from lms.content.page import Page
from lms.content.rules import read_file

READINESS = "courses/readiness.yaml"
LONGEST_ID = 60
"""Of a level on a machine, `R1@boreas`: as long as a credential's achievement may be."""

_At = tuple[str | int, ...]


@dataclass(frozen=True)
class _Known:
    """Ids that a requirement may name. `proving` are the labs with a rung on Slurm."""

    courses: set[str]
    labs: set[str]
    proving: set[str]
    documents: set[str]


class _Report:
    """Errors of this file, at the places of it."""

    def __init__(self, marked: Marked, gathering: Gathering) -> None:
        self._marked, self._gathering = marked, gathering

    def error(self, at: _At, code: str, message: str, hint: str) -> None:
        self._gathering.error(READINESS, self._marked.line_of(at), code, message, hint)

    def unknown(self, at: _At, what: str, name: str, known: set[str]) -> None:
        self._gathering.unknown(READINESS, self._marked.line_of(at), what, name, known)

    def twice(self, what: str, at: _At, ids: Sequence[str]) -> None:
        """Tells each of `ids`, in the list at `at`, that came before."""
        for index, name in enumerate(ids):
            if name in ids[:index]:
                self.error(
                    (*at, index, "id"),
                    "duplicate-id",
                    f"There are two {what} '{name}'.",
                    "Give one another id.",
                )


def read_readiness(
    files: Mapping[str, bytes],
    courses: Sequence[Page],
    labs: set[str],
    proving: set[str],
    gathering: Gathering,
) -> dict[str, Any]:
    """The policy as its author wrote it, checked, with the major version of each course that is above 1 (`majors`); {} when there is
    none. `proving` are the labs that can be proved on Slurm.
    """
    written, marked = read_file(READINESS, files, policy_schema.Readiness, gathering)
    if written is None:
        return {}
    report = _Report(marked, gathering)
    known = _Known(
        {page.declared_id for page in courses}, labs, proving, {each.id for each in written.documents}
    )
    report.twice("documents", ("documents",), [each.id for each in written.documents])
    _check_levels(written.levels, known, report)
    _check_machines(written, known, report)
    majors = {page.front["id"]: page.front["major"] for page in courses if page.front.get("major", 1) > 1}
    return {**marked.value, **({"majors": majors} if majors else {})}


def _check_levels(levels: Sequence[policy_schema.ReadinessLevel], known: _Known, report: _Report) -> None:
    ids = [level.id for level in levels]
    report.twice("levels", ("levels",), ids)
    for index, level in enumerate(levels):
        at = ("levels", index)
        if level.after is not None and level.after not in ids:
            report.unknown((*at, "after"), "level", level.after, set(ids))
        elif level.after is not None and level.after not in ids[:index]:
            report.error(
                (*at, "after"),
                "level-order",
                f"'{level.id}' comes after '{level.after}', which is not above it.",
                "Put the levels from the first to the last.",
            )
        _check_requirements(level.requires, (*at, "requires"), known, report)


def _check_machines(written: policy_schema.Readiness, known: _Known, report: _Report) -> None:
    levels = {level.id for level in written.levels}
    report.twice("machines", ("machines",), [each.id for each in written.machines])
    for index, machine in enumerate(written.machines):
        at = ("machines", index)
        for number, name in enumerate(machine.levels):
            if name not in levels:
                report.unknown((*at, "levels", number), "level", name, levels)
            elif len(name) + len(machine.id) >= LONGEST_ID:
                report.error(
                    (*at, "id"),
                    "id-length",
                    f"'{name}@{machine.id}' is longer than {LONGEST_ID} characters.",
                    "Give the machine a shorter id.",
                )
        _check_requirements(machine.requires, (*at, "requires"), known, report)


def _check_requirements(
    requirements: Sequence[policy_schema.Requirement], at: _At, known: _Known, report: _Report
) -> None:
    report.twice("requirements", at, [each.id for each in requirements])
    for number, requirement in enumerate(requirements):
        _check_names(requirement, (*at, number), known, report)
        _check_one_kind(requirement, (*at, number), report)


def _check_names(requirement: policy_schema.Requirement, at: _At, known: _Known, report: _Report) -> None:
    for index, name in enumerate(requirement.courses):
        if name not in known.courses:
            report.unknown((*at, "courses", index), "course", name, known.courses)
    for index, name in enumerate(requirement.labs):
        if name not in known.labs:
            report.unknown((*at, "labs", index), "lab", name, known.labs)
        elif requirement.on_slurm and name not in known.proving:
            report.error(
                (*at, "labs", index),
                "not-on-slurm",
                f"Lab '{name}' has no rung on Slurm, so nobody can prove it there.",
                "Name labs whose lab.yaml has `slurm:`, or take `on_slurm` out.",
            )
    if requirement.document is not None and requirement.document not in known.documents:
        report.unknown((*at, "document"), "document", requirement.document, known.documents)


def _check_one_kind(requirement: policy_schema.Requirement, at: _At, report: _Report) -> None:
    asks = bool(requirement.courses or requirement.labs)
    of_people = asks or any((requirement.people, requirement.role, requirement.on_slurm))
    if requirement.awaits and (of_people or requirement.document):
        report.error(
            (*at, "awaits"),
            "requirement",
            f"'{requirement.id}' both awaits something and asks for something.",
            "Do one of the two.",
        )
    elif requirement.document and of_people:
        report.error(
            (*at, "document"),
            "requirement",
            f"'{requirement.id}' asks for a document and for people.",
            "Make two requirements of it.",
        )
    elif bool(requirement.document) != bool(requirement.attested_by):
        report.error(
            (*at, "attested_by" if requirement.attested_by else "document"),
            "requirement",
            f"'{requirement.id}' has one of `document` and `attested_by` without the other.",
            "Name the `document`, and whose word is enough: `attested_by: lead`, `mentor` or `staff`.",
        )
    elif not (requirement.awaits or requirement.document or (asks and requirement.people)):
        report.error(
            at,
            "requirement",
            f"'{requirement.id}' asks for nothing.",
            "Say how many `people`, and which `courses` or `labs`; or which `document`; or what it `awaits`.",
        )
    elif requirement.on_slurm and not requirement.labs:
        report.error(
            (*at, "on_slurm"),
            "requirement",
            f"'{requirement.id}' asks for a proof on Slurm, but for no labs.",
            "Name the `labs`.",
        )
