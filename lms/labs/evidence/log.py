"""slurm-*.out: the lines that slurmstepd and srun wrote among the job's own output. The rest is the job's own word."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Literal

from lms.labs.evidence.job import find_id
from lms.labs.evidence.pieces import Piece, Place, Unreadable
from lms.labs.evidence.quantities import QuantityError, moment_of
from lms.words import gettext as _

Kind = Literal["limit", "requeue", "preempted", "node", "cancelled", "memory", "task"]

MOST_EVENTS = 2_000
_MOMENT = r"(?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)"
_CANCELLED = re.compile(
    r"slurmstepd(?:-(?P<by>[\w.-]{1,60}))?: error: \*\*\* (?P<what>JOB|STEP) (?P<id>[\w.+]{1,40}) ON (?P<node>[\w.-]{1,60}) CANCELLED AT "
    + _MOMENT
    + r"(?: DUE TO (?P<why>[^*]{1,80}?))? \*\*\*",
    re.ASCII,
)
_MEMORY = re.compile(
    r"(?:slurmstepd|srun)[\w.-]{0,60}: error:.{0,200}?(?:oom[-_ ]kill|exceeded (?:job )?memory limit|Out Of Memory)",
    re.IGNORECASE,
)
_STEP = re.compile(r"StepId=(?P<id>\d{1,12}(?:_\d{1,9})?(?:\.\w{1,12})?)", re.ASCII)
_TASK = re.compile(
    r"srun: error: (?P<node>[\w.\[\],-]{1,200}): tasks? (?P<tasks>[\d,\[\]-]{1,200}): [A-Z][\w ]{2,40}",
    re.ASCII,
)
_NAME = re.compile(r"(?:^|[-_.])(?P<id>\d{1,12}(?:_\d{1,9})?)(?=\.|$)", re.ASCII)
_REASONS: tuple[tuple[str, Kind], ...] = (
    ("TIME LIMIT", "limit"),
    ("JOB REQUEUE", "requeue"),
    ("PREEMPTION", "preempted"),
    ("NODE FAILURE", "node"),
)


@dataclass(frozen=True)
class Event:
    """One such line. `job` is the id it names, or ""; `whole` says whether the job was meant or one of its steps."""

    kind: Kind
    place: Place
    job: str = ""
    node: str = ""
    at: datetime | None = None
    whole: bool = False


@dataclass(frozen=True)
class Log:
    """`job` is the id in the file's name, or ""."""

    piece: str
    job: str
    events: tuple[Event, ...]
    lines: int

    def of(self, *kinds: Kind) -> tuple[Event, ...]:
        return tuple(event for event in self.events if event.kind in kinds)

    @property
    def cuts(self) -> tuple[Event, ...]:
        """Where the whole job was stopped to be started again: one line for each time."""
        return tuple(event for event in self.of("requeue", "preempted", "node") if event.whole)

    @property
    def last_run(self) -> tuple[Event, ...]:
        """What was written after the last of these."""
        after = max((event.place.line for event in self.cuts), default=0)
        return tuple(event for event in self.events if event.place.line > after)


def read_log(piece: Piece) -> Log:
    """Raises Unreadable."""
    events: list[Event] = []
    for number, line in enumerate(piece.lines, 1):
        # srun and slurmstepd name themselves; the rest of a log is the job's own, and not looked at closer.
        if "slurmstepd" not in line and "srun: error" not in line:
            continue
        event = _event(line, Place(piece.name, number))
        if event is None:
            continue
        if len(events) == MOST_EVENTS:
            message = _(
                "It has more than %(limit)s lines of Slurm's own. Hand in its beginning and its end.",
                limit=MOST_EVENTS,
            )
            raise Unreadable(piece.name, number, message)
        events.append(event)
    return Log(piece.name, id_in_name(piece.name), tuple(events), len(piece.lines))


def id_in_name(name: str) -> str:
    """`slurm-4711_3.out` names job 4711_3; a name without a number names none."""
    matches = list(_NAME.finditer(PurePosixPath(name).name))
    found = find_id(matches[-1]["id"]) if matches else None
    return found.job if found else ""


def _event(line: str, place: Place) -> Event | None:
    if match := _CANCELLED.search(line):
        kind: Kind = next((kind for words, kind in _REASONS if words in (match["why"] or "")), "cancelled")
        return Event(
            kind, place, _job(match["id"]), match["node"], _moment(match["at"]), match["what"] == "JOB"
        )
    if _MEMORY.search(line):
        named = _STEP.search(line)
        return Event("memory", place, _job(named["id"]) if named else "")
    if match := _TASK.search(line):
        return Event("task", place, node=match["node"] if match["node"].isidentifier() else "")
    return None


def _job(text: str) -> str:
    found = find_id(text)
    return found.job if found else ""


def _moment(text: str) -> datetime | None:
    try:
        return moment_of(text)
    except QuantityError:
        return None
