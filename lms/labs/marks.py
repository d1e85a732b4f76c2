"""What a graded submission comes to: the machine's points and the mentor's. Pure."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from lms.content.model import Lab


class Standing(enum.Enum):
    """Where a submission stands, in the words of the page."""

    QUEUED = "waiting for the machine"
    RUNNING = "being graded"
    STUCK = "could not be graded"
    REFUSED = "could not be read"
    REVIEW = "waiting for a mentor"
    PASSED = "passed"
    FAILED = "not passed yet"

    @property
    def is_final(self) -> bool:
        return self not in (Standing.QUEUED, Standing.RUNNING)


@dataclass(frozen=True)
class Mark:
    """`points` of `max_points`; `percent` is rounded down, so that 69.9 never looks like a pass at 70."""

    standing: Standing
    points: float
    max_points: float
    percent: int


def mark(
    lab: Lab, *, state: str, outcome: str | None, score: float | None, review: Mapping[str, int] | None
) -> Mark:
    """The mark of one submission under the lab it was made for. `review` maps criterion ids to points, None before a mentor's word."""
    marked = marked_of(lab, review)
    points = (score or 0.0) + sum(marked.values())
    percent = int(points * 100 / lab.points) if lab.points else 100
    return Mark(
        _standing(lab, state, outcome, percent, is_reviewed=len(marked) == len(lab.rubric)),
        points,
        lab.points,
        percent,
    )


def marked_of(lab: Lab, review: Mapping[str, int] | None) -> dict[str, int]:
    """The points a mentor gave for criteria that the lab has, at most what each is worth. A regrade may judge by another rubric than
    the one that was marked: what it does not ask for counts no more, and what it asks for anew is not marked yet.
    """
    given = review or {}
    return {each.id: min(given[each.id], each.points) for each in lab.rubric if each.id in given}


def _standing(lab: Lab, state: str, outcome: str | None, percent: int, *, is_reviewed: bool) -> Standing:
    if state == "queued":
        return Standing.QUEUED
    if state == "running":
        return Standing.RUNNING
    if state == "stuck" or outcome == "failed":
        return Standing.STUCK
    if outcome == "refused":
        return Standing.REFUSED
    if lab.manual_points and not is_reviewed:
        return Standing.REVIEW
    return Standing.PASSED if percent >= lab.pass_mark else Standing.FAILED
