"""Make a stored grading again, from the database alone, and tell whether it comes out the same, to the byte."""

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from lms.errors import Conflict, NotFound
from lms.labs.tables import Grading, Submission
from lms.labs.version import grader_version
from lms.words import gettext as _


@dataclass(frozen=True)
class Replayed:
    """Both reports, canonical."""

    stored: str
    again: str

    @property
    def is_same(self) -> bool:
        return self.stored == self.again

    @property
    def differences(self) -> list[str]:
        """Line by line, as `diff -u` tells them, without what is the same."""
        lines = difflib.unified_diff(
            self.stored.splitlines(), self.again.splitlines(), "stored", "again", lineterm="", n=1
        )
        return list(lines)


def replayable(session: Session, submission_id: int, *, anyway: bool) -> Grading:
    """The grading that counts for a submission, when it can be made again. Raises NotFound; Conflict when it has no grade, or another
    grader gave it and it shall not be tried `anyway`.
    """
    submission = session.get(Submission, submission_id)
    if submission is None:
        raise NotFound(_("There is no submission %(number)s.", number=submission_id))
    grading = session.get_one(Grading, submission.grading_id)
    if grading.state != "done" or grading.outcome == "failed":
        raise Conflict(
            _("Submission %(number)s has no grade that could be reproduced.", number=submission_id)
        )
    if grading.grader != grader_version() and not anyway:
        raise Conflict(
            _(
                "Grader %(then)s gave this grade, and this is grader %(now)s: a difference would not tell which of them is right. "
                "Install the version it was graded with, or say --anyway to compare all the same.",
                then=grading.grader or _("of an unknown version"),
                now=grader_version(),
            )
        )
    return grading


def compare(stored: Mapping[str, Any], again: Mapping[str, Any]) -> Replayed:
    """Two reports as JSON. Pure."""
    return Replayed(canonical(stored), canonical(again))


def canonical(report: Mapping[str, Any]) -> str:
    """One text for one grade. Times are left out, as nobody can repeat them: how long the phases took, and the words of Slurm, which tell
    times of day and numbers of jobs.
    """
    kept = {key: value for key, value in report.items() if key != "phases"}
    if kept.get("on_slurm"):
        kept["on_slurm"] = {key: value for key, value in kept["on_slurm"].items() if key != "words"}
    return json.dumps(kept, sort_keys=True, ensure_ascii=False, indent=1)
