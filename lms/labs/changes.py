"""What a regrade would change: two gradings of one notebook, compared. Pure."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from lms.labs.marks import Mark, Standing
from lms.labs.tables import Grading, Submission

Verdict = Literal[
    "pending",  # not graded yet
    "dropped",  # nor ever will be: its regrade was closed before
    "unusable",  # our side failed, or could not read now what it could read then: never applied
    "raised",
    "lowered",
    "differs",  # as many points in all, but not for the same tests, or another outcome
    "same",
]
HARDLY = 1e-9
BEST_LAST = (Standing.FAILED, Standing.REVIEW, Standing.PASSED)


@dataclass(frozen=True)
class CellChange:
    """A graded cell whose points differ. None where there is no such cell, or nobody has marked it."""

    grade_id: str
    before: float | None
    after: float | None


@dataclass(frozen=True)
class Change:
    """`before` is the grading that counts, `after` the one that could, each with the whole mark that comes of it, by the lab it was graded
    by and with what a mentor marked (`is_marked`): a grading that counts brings its pass mark, rubric and maximum with it.
    """

    submission: Submission
    before: Grading
    after: Grading
    mark_before: Mark
    mark_after: Mark
    is_marked: bool

    @property
    def verdict(self) -> Verdict:
        if self.after.state in ("queued", "running"):
            return "pending"
        if self.after.state == "dropped":
            return "dropped"
        if not self.after.is_grade:
            return "unusable"
        # Points of so many: the lab may be worth more, or less, than it was. As many points may pass no more.
        points = _share(self.mark_after) - _share(self.mark_before)
        standing = _rank(self.mark_after) - _rank(self.mark_before)
        if points < -HARDLY or standing < 0:
            return "lowered"
        if points > HARDLY or standing > 0:
            return "raised"
        return "differs" if self.tests or self.before.outcome != self.after.outcome else "same"

    @property
    def tests(self) -> list[CellChange]:
        before, after = _points(self.before), _points(self.after)
        names = [*before, *(each for each in after if each not in before)]
        both = [CellChange(each, before.get(each), after.get(each)) for each in names]
        return [each for each in both if each.before != each.after]


def is_applied(verdict: Verdict, *, may_lower: bool) -> bool:
    """Whether a grade is replaced. Without the word that grades may fall, only what rises is."""
    return verdict == "raised" or (may_lower and verdict in ("lowered", "differs"))


def tally(changes: Iterable[Change]) -> Counter[Verdict]:
    return Counter(each.verdict for each in changes)


def digest(changes: Iterable[Change]) -> str:
    """Names what somebody was shown before they decide: which grade of each submission would be replaced, and what that would be."""
    shown = sorted((each.submission.id, each.before.id, each.verdict) for each in changes)
    return hashlib.sha256(repr(shown).encode()).hexdigest()


def _share(mark: Mark) -> float:
    return mark.points / mark.max_points if mark.max_points else 1.0


def _rank(mark: Mark) -> int:
    return BEST_LAST.index(mark.standing) if mark.standing in BEST_LAST else -1


def _points(grading: Grading) -> dict[str, float | None]:
    return {cell["grade_id"]: cell["points"] for cell in (grading.report or {}).get("cells", ())}
