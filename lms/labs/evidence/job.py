"""A job as one of Slurm's records tells of it. What a record leaves out is None, or "" for a text: nothing is guessed."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from lms.labs.evidence.nodes import Nodes
from lms.labs.evidence.pieces import Place
from lms.labs.evidence.quantities import Exit, Unlimited, clock_of

_ID = re.compile(
    r"(?P<job>\d{1,12})(?:_(?P<task>\d{1,9}))?(?:\+(?P<part>\d{1,4}))?(?:\.(?P<step>batch|extern|interactive|\d{1,9}))?",
    re.ASCII,
)


@dataclass(frozen=True)
class Step:
    """`id` is `batch`, `extern` or a number, as after the dot of `4711.0`. Times as in Run."""

    id: str
    name: str
    place: Place
    state: str | None = None
    exit: Exit | None = None
    start: datetime | None = None
    end: datetime | None = None
    elapsed: int | None = None
    node_count: int | None = None
    nodes: Nodes | None = None
    tasks: int | None = None
    gpus: int | None = None


@dataclass(frozen=True)
class Run:
    """From one start to its end; a requeued job has several. Moments are naive in the machine's clock, or aware; `elapsed` in seconds."""

    place: Place
    state: str | None = None
    exit: Exit | None = None
    submit: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None
    elapsed: int | None = None
    suspended: int | None = None
    steps: tuple[Step, ...] = ()

    @property
    def took(self) -> str:
        """`elapsed` as a page shows it; "" where the record has none."""
        return "" if self.elapsed is None else clock_of(self.elapsed)


@dataclass(frozen=True)
class Job:
    """`id` is `4711`, `4711_3` for a task of an array, `4711+1` for a part of a heterogeneous job.

    `runs` has at least one, oldest first: the last is what became of it. `limit` in seconds. `restarts` only where the record counts
    them. `log` is the path that scontrol names, or "".
    """

    id: str
    place: Place
    runs: tuple[Run, ...]
    name: str = ""
    cluster: str = ""
    user: str = ""
    partition: str = ""
    account: str = ""
    limit: int | Unlimited | None = None
    node_count: int | None = None
    nodes: Nodes | None = None
    tasks: int | None = None
    gpus: int | None = None
    restarts: int | None = None
    log: str = ""

    @property
    def last(self) -> Run:
        return self.runs[-1]

    @property
    def number(self) -> str:
        """The id without the task of an array or the part of a heterogeneous job."""
        return self.id.partition("_")[0].partition("+")[0]


@dataclass(frozen=True)
class Record:
    """What one piece tells of jobs. `form` is how Slurm wrote it: sacct, scontrol or seff."""

    form: str
    piece: str
    jobs: tuple[Job, ...] = field(default=())


@dataclass(frozen=True)
class JobId:
    """`4711_3.batch` taken apart; `step` of "" is the job itself."""

    job: str
    step: str


def find_id(text: str) -> JobId | None:
    match = _ID.fullmatch(text.strip())
    if match is None:
        return None
    job = match["job"].lstrip("0") or "0"
    if match["task"]:
        job = f"{job}_{int(match['task'])}"
    elif match["part"]:
        job = f"{job}+{int(match['part'])}"
    return JobId(job, match["step"] or "")
