"""The shortest way to a level, in minutes of courses and labs. Pure.

Whom to ask: for each requirement, of those who lack least, or of newcomers who lack everything, as many as are missing. One course done by
one person may serve several requirements, so the choices are weighed together.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from math import inf

from lms.certification.company import Member
from lms.certification.decision import Decision, Finding
from lms.certification.policy import Requirement

NEAREST = 6
"""So many of those who lack least are considered for a requirement."""


@dataclass(frozen=True)
class Efforts:
    """What passing takes. `minutes` of each course's lessons and of each lab, by id; `labs_of` a course, which have to be passed for it;
    `left` is what a person still has to read of a course they are in, by (person id, course id).
    """

    minutes: Mapping[str, int]
    labs_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    left: Mapping[tuple[int, str], int] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """A course or a lab for one person; a newcomer's number is negative, and their name is ""."""

    person_id: int
    name: str
    id: str
    minutes: int


@dataclass(frozen=True)
class Way:
    """`documents` have to be attested besides; `closed` cannot be met by anybody yet, so that the way does not arrive."""

    tasks: tuple[Task, ...]
    documents: tuple[Requirement, ...]
    closed: tuple[Requirement, ...]

    @property
    def minutes(self) -> int:
        return sum(task.minutes for task in self.tasks)

    @property
    def people(self) -> list[tuple[str, list[Task], int]]:
        """(name, tasks, minutes) of each person, the shortest part first."""
        found: dict[tuple[int, str], list[Task]] = {}
        for task in self.tasks:
            found.setdefault((task.person_id, task.name), []).append(task)
        parts = [(name, tasks, sum(each.minutes for each in tasks)) for (_id, name), tasks in found.items()]
        return sorted(parts, key=lambda part: part[2])


def way_to(level_id: str, decision: Decision, efforts: Efforts) -> Way:
    """The shortest way found to a level, through those that come before it; nothing in it once the level is earned."""
    missing = [finding for each in _chain(level_id, decision) for finding in each]
    of_people = [each for each in missing if not (each.requirement.awaits or each.requirement.document)]
    tasks = _shortest(of_people, efforts)
    return Way(
        tuple(sorted(tasks, key=lambda task: (task.name == "", task.name, -task.person_id, task.id))),
        tuple(
            {
                each.requirement.document: each.requirement for each in missing if each.requirement.document
            }.values()
        ),
        tuple(each.requirement for each in missing if each.requirement.awaits),
    )


def _chain(level_id: str, decision: Decision) -> Iterator[tuple[Finding, ...]]:
    """What is missing of the level and of each before it."""
    wanted: str | None = level_id
    while wanted is not None and (each := decision.level(wanted)) is not None:
        yield each.missing
        wanted = each.level.after


def _shortest(findings: list[Finding], efforts: Efforts) -> frozenset[Task]:
    choices = [list(_choices(finding, efforts)) for finding in findings]
    best: frozenset[Task] = frozenset()
    least = inf
    # Those with the fewest choices first, so that what is too long is seen early.
    choices.sort(key=len)

    def search(depth: int, chosen: frozenset[Task]) -> None:
        nonlocal best, least
        cost = sum(task.minutes for task in chosen)
        if cost >= least:
            return
        if depth == len(choices):
            best, least = chosen, cost
            return
        for choice in choices[depth]:
            search(depth + 1, chosen | choice)

    search(0, frozenset())
    return best


def _choices(finding: Finding, efforts: Efforts) -> Iterator[frozenset[Task]]:
    """What each group of as many people as are missing would have to do, the least first."""
    need, wanted = finding.requirement, finding.still_needed
    lacks = [_tasks(gap.member, gap.lacking, efforts) for gap in finding.gaps]
    lacks.sort(key=_cost)
    everything = (*need.courses, *need.labs)
    newcomers = [
        _tasks(Member(-number, "", is_lead=True), everything, efforts) for number in range(1, wanted + 1)
    ]
    groups = [frozenset().union(*group) for group in combinations([*lacks[:NEAREST], *newcomers], wanted)]
    yield from sorted(groups, key=_cost)


def _tasks(member: Member, ids: tuple[str, ...], efforts: Efforts) -> frozenset[Task]:
    done = {each.id for each in member.passed if each.kind == "lab"}
    wanted = dict.fromkeys(ids)
    for course in ids:
        wanted |= dict.fromkeys(lab for lab in efforts.labs_of.get(course, ()) if lab not in done)
    again = {each.id for each in member.passed}
    return frozenset(
        Task(
            member.person_id,
            member.name,
            each,
            efforts.minutes.get(each, 0)
            if each in again
            else efforts.left.get((member.person_id, each), efforts.minutes.get(each, 0)),
        )
        for each in wanted
    )


def _cost(tasks: frozenset[Task]) -> int:
    return sum(task.minutes for task in tasks)
