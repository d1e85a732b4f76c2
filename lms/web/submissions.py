"""What became of a notebook that was handed in: the phases, live; the result; the file, and the notebook as it ran."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, render_template, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from lms.content.model import Criterion, Lab
from lms.labs.appeal import counted
from lms.labs.files import submitted, to_show
from lms.labs.marks import Mark, Standing, mark, marked_of
from lms.labs.review import access_submission, latest_review
from lms.labs.tables import Grading, Regrade, Review, Submission
from lms.labs.waits import ahead_of, expected, history
from lms.people.tables import Person
from lms.web.attachment import attachment
from lms.web.filters import about, percent, span
from lms.web.notebooks import cells_of
from lms.web.plain_markdown import rendered
from lms.web.request import is_htmx, now, reading, services, viewer
from lms.words import gettext as _
from lms.words import ngettext

pages = Blueprint("submissions", __name__)

PHASES = ("queued", "graft", "run", "slurm", "test")
PATIENCE = 10
"""Seconds that a wait may exceed twice what was expected, before the page says that it takes longer than usual."""


@dataclass(frozen=True)
class Place:
    """Where in the queue: how many are `ahead`, how long it has `waited` and, from what others took, the seconds `expected` until
    the grade is there (None when there is nothing to tell it from).
    """

    ahead: int
    waited: float
    expected: float | None

    @property
    def told(self) -> str:
        where = (
            ngettext("%(num)s before yours", "%(num)s before yours", self.ahead)
            if self.ahead
            else _("Yours is next")
        )
        if self.expected is None:
            return where
        if self.waited > 2 * self.expected + PATIENCE:
            return _("%(where)s; it takes longer than usual, and nothing is lost meanwhile", where=where)
        return _("%(where)s, %(time)s", where=where, time=about(self.expected))


@dataclass(frozen=True)
class Result:
    """Everything a page says of a submission."""

    submission: Submission
    grading: Grading
    lab: Lab
    mark: Mark
    review: Review | None
    reviewer: Person | None
    queue: Place | None

    @property
    def cells(self) -> list[dict[str, Any]]:
        return list((self.grading.report or {}).get("cells", ()))

    @property
    def notes(self) -> list[str]:
        return list((self.grading.report or {}).get("notes", ()))

    @property
    def on_slurm(self) -> dict[str, Any] | None:
        """How it went on Slurm, a labs.report.OnSlurm as it was kept; None where the lab has no such rung."""
        return (self.grading.report or {}).get("on_slurm")

    @property
    def criteria(self) -> list[tuple[Criterion, int | None]]:
        points = marked_of(self.lab, self.review.points if self.review else None)
        return [(criterion, points.get(criterion.id)) for criterion in self.lab.rubric]

    def marked(self, grade_id: str) -> int | None:
        """What a mentor gave for one written answer, or None while any criterion of it is not marked."""
        given = [points for criterion, points in self.criteria if criterion.cell == grade_id]
        return None if None in given else sum(each or 0 for each in given)

    @property
    def comment(self) -> Markup:
        return rendered(self.review.comment) if self.review else Markup()

    @property
    def is_beside_another_grading(self) -> bool:
        """Whether the machine's points changed since a mentor marked the rest."""
        return self.review is not None and self.review.grading_id != self.grading.id

    @property
    def phases(self) -> list[tuple[str, str, str]]:
        """(what, how long or when, state) for the timeline, of the delivery that is under way or was the last."""
        moments = [(name, datetime.fromisoformat(at)) for name, at in self.grading.phases]
        moments = [
            (name, at)
            for name, at in moments
            if (self.grading.kind != "regrade" if name == "queued" else self._is_of_this_delivery(at))
        ]  # nobody waited for a regrade
        lines = []
        for index, (name, began) in enumerate(moments):
            ended = moments[index + 1][1] if index + 1 < len(moments) else self.grading.graded_at
            took = span((ended - began).total_seconds()) if ended else ""
            state = "done" if ended else "bad" if self.mark.standing is Standing.STUCK else "now"
            lines.append((phase_words(name), took, state))
        if self.queue is not None:
            lines[0] = (lines[0][0], self.queue.told, "now")
        if not self.mark.standing.is_final:
            begun = {name for name, _began in moments}
            skipped = begun if self.lab.slurm else {*begun, "slurm"}
            lines += [(phase_words(name), "", "todo") for name in PHASES if name not in skipped]
        return lines

    def _is_of_this_delivery(self, moment: datetime) -> bool:
        began = self.grading.started_at
        return self.grading.state != "queued" and (began is None or moment >= began)

    @property
    def fell_silent(self) -> bool:
        """Whether a machine that had it was lost, and it is another's turn."""
        tries = self.grading.delivery + (self.grading.state == "queued")
        return tries > 1 and not self.mark.standing.is_final


def result_of(session: Session, submission: Submission) -> Result:
    """Reads what belongs to a submission, under the release it was graded on."""
    grading = session.get_one(Grading, submission.grading_id)
    review = latest_review(session, submission.id)
    return Result(
        submission=submission,
        grading=grading,
        lab=lab_of(session, submission, grading),
        mark=mark_of(session, submission, grading, review),
        review=review,
        reviewer=session.get(Person, review.mentor_id) if review else None,
        queue=_place(session, grading) if grading.state == "queued" else None,
    )


def _counted(session: Session, submission: Submission) -> list[tuple[Grading, Regrade | None, Lab]]:
    """Every grading that was ever this submission's grade, newest first, with why it came about and the lab it was judged by."""
    rows = counted(session, submission.id)
    return [(grading, regrade, lab_of(session, submission, grading)) for grading, regrade in rows]


def _place(session: Session, grading: Grading) -> Place:
    ahead = ahead_of(session, grading)
    waited = (now() - grading.queued_at).total_seconds()
    return Place(ahead, waited, expected(history(session, now=now()), ahead))


def lab_of(session: Session, submission: Submission, grading: Grading) -> Lab:
    """The lab as it was when this grading judged it."""
    return services().shelf.edition(session, grading.release_id).catalogue.lab_by_id[submission.lab_id]


def mark_of(session: Session, submission: Submission, grading: Grading, review: Review | None) -> Mark:
    return mark(
        lab_of(session, submission, grading),
        state=grading.state,
        outcome=grading.outcome,
        score=grading.score,
        review=review.points if review else None,
    )


@pages.get("/submissions/<int:submission_id>")
def submission(submission_id: int) -> str:
    session = reading()
    found = result_of(session, access_submission(session, viewer(), submission_id))
    template = "labs/result.html" if is_htmx() else "labs/submission.html"
    return render_template(
        template,
        result=found,
        counted=_counted(session, found.submission) if found.mark.standing.is_final else [],
        is_mine=found.submission.person_id == viewer().id,
    )


@pages.get("/submissions/<int:submission_id>/state")
def state(submission_id: int) -> dict[str, Any]:
    """How far it is and what came of it, for the page of the notebook it was handed in from."""
    session = reading()
    found = result_of(session, access_submission(session, viewer(), submission_id))
    mark = found.mark
    return {
        "number": found.submission.number,
        "standing": mark.standing.name,
        "standingWords": standing_words(mark.standing),
        "final": mark.standing.is_final,
        "charged": found.submission.charged,
        "points": mark.points,
        "maxPoints": mark.max_points,
        "percentWords": percent(mark.percent),
        "phases": [{"what": what, "told": told, "state": each} for what, told, each in found.phases],
        "cells": [
            {
                "gradeId": cell["grade_id"],
                "kind": cell["kind"],
                "points": found.marked(cell["grade_id"]) if cell["kind"] == "manual" else cell["points"] or 0,
                "maxPoints": cell["max_points"],
                "message": cell["message"],
            }
            for cell in found.cells
        ],
        "notes": found.notes,
        "onSlurm": [
            {"gradeId": test["grade_id"], "passed": test["passed"], "message": test["message"]}
            for test in (found.on_slurm or {}).get("tests", ())
        ],
        "url": url_for("submissions.submission", submission_id=submission_id),
    }


@pages.get("/submissions/<int:submission_id>/notebook")
def notebook(submission_id: int) -> str:
    """The notebook as it ran, as harmless HTML."""
    session = reading()
    found = result_of(session, access_submission(session, viewer(), submission_id))
    cells = cells_of(to_show(session, found.grading))
    return render_template("labs/notebook.html", result=found, cells=cells)


@pages.get("/submissions/<int:submission_id>/file")
def file(submission_id: int) -> Response:
    """Exactly the bytes that were handed in."""
    session = reading()
    found = access_submission(session, viewer(), submission_id)
    return attachment(submitted(session, submission_id), found.filename, "application/x-ipynb+json")


def standing_words(standing: Standing) -> str:
    """Where a submission stands, as its page says it."""
    return {
        Standing.QUEUED: _("Waiting for a machine"),
        Standing.RUNNING: _("Being graded"),
        Standing.STUCK: _("Our fault, no attempt used"),
        Standing.REFUSED: _("Could not be read"),
        Standing.REVIEW: _("Waiting for a mentor"),
        Standing.PASSED: _("Passed"),
        Standing.FAILED: _("Not passed yet"),
    }[standing]


def phase_words(name: str) -> str:
    """What a machine does just now, in words."""
    return {
        "queued": _("Waiting for a machine"),
        "graft": _("Your answers set into our notebook"),
        "run": _("Your notebook runs in the sandbox"),
        "slurm": _("Your script, on a Slurm made for it"),
        "test": _("Tests"),
    }.get(name, name)
