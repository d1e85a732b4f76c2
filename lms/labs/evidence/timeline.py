"""A job's life as places on a line, for a picture. Pure: fractions from 0 to 1, and lanes; what it looks like is the page's affair."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from lms.labs.evidence.job import Job, Run
from lms.labs.evidence.verdict import apart
from lms.words import gettext as _

MOST_STEPS = 12


@dataclass(frozen=True)
class Bar:
    """`kind` is wait, run or step; `state` the one recorded, or "". `left` and `width` are fractions of the whole."""

    kind: str
    label: str
    state: str
    left: float
    width: float
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Timeline:
    """`bars` from top to bottom. `left_out` counts steps beyond MOST_STEPS."""

    start: datetime
    end: datetime
    bars: tuple[Bar, ...]
    left_out: int


def timeline_of(job: Job) -> Timeline | None:
    """None when the record has not the moments for one, or they make no sense: then the checks have said so."""
    moments = [each for run in job.runs for each in (run.submit, run.start, run.end) if each is not None]
    if len(moments) < 2 or any(apart(moments[0], each) is None for each in moments):
        return None
    start, end = min(moments), max(moments)
    if start >= end:
        end = start + timedelta(seconds=1)
    bars, left_out = [], 0
    for number, run in enumerate(job.runs, 1):
        found = list(_bars(run, number, many=len(job.runs) > 1))
        bars += found[: MOST_STEPS + 2]
        left_out += len(found[MOST_STEPS + 2 :])
    whole = (end - start).total_seconds()

    def at(moment: datetime) -> float:
        return min(1.0, max(0.0, (moment - start).total_seconds() / whole))

    placed = [
        Bar(kind, label, state, at(begin), max(0.0, at(finish) - at(begin)), begin, finish)
        for kind, label, state, begin, finish in bars
        if apart(start, begin) is not None and apart(begin, finish) is not None
    ]
    return Timeline(start, end, tuple(placed[:40]), left_out + len(placed[40:]))


def _bars(run: Run, number: int, *, many: bool) -> Iterator[tuple[str, str, str, datetime, datetime]]:
    if run.submit and run.start:
        yield "wait", _("Waiting"), "", run.submit, run.start
    if run.start and run.end:
        label = _("Start %(number)s", number=number) if many else _("The job")
        yield "run", label, run.state or "", run.start, run.end
    for step in run.steps:
        if step.start and step.end:
            label = _("Step %(id)s", id=f"{step.id} {step.name}" if step.name != step.id else step.id)
            yield "step", label[:40], step.state or "", step.start, step.end
