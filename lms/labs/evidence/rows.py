"""Rows of sacct's columns into jobs. Any --format will do, as long as it has a job's id and its state."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from lms.labs.evidence.job import Job, Run, Step, find_id
from lms.labs.evidence.nodes import nodes_of
from lms.labs.evidence.pieces import Place, Unreadable
from lms.labs.evidence.quantities import (
    Exit,
    QuantityError,
    Unlimited,
    count_of,
    exit_of,
    gpus_of,
    is_open,
    limit_of,
    moment_of,
    seconds_of,
    state_of,
)
from lms.words import gettext as _

T = TypeVar("T")

ADVICE = (
    "sacct -j JOBID -P --duplicates --format=JobID,JobName,Cluster,Partition,AllocTRES,State,ExitCode,Submit,Start,End,Elapsed,Timelimit,"
    "NNodes,NTasks,NodeList"
)
"""What to ask Slurm for, in full: shown beside the form. Refusals name the short of it."""
SHORT = "sacct -j JOBID -P --duplicates"


@dataclass(frozen=True)
class Row:
    """One line: the values by the column's name in lower case."""

    place: Place
    values: Mapping[str, str]

    def text(self, *columns: str) -> str:
        """The first of these columns that is there and not open."""
        return next((self.values[each] for each in columns if not is_open(self.values.get(each, ""))), "")

    def read(self, read: Callable[[str], T], *columns: str) -> T | None:
        """The value of the first of these columns, read. Raises Unreadable when it is nothing that Slurm writes."""
        value = self.text(*columns)
        try:
            return read(value) if value else None
        except QuantityError:
            raise Unreadable(
                self.place.piece,
                self.place.line,
                _(
                    "“%(value)s” is nothing Slurm writes as %(column)s. Copy the output of this command as it is: %(advice)s",
                    value=value[:60],
                    column=columns[0],
                    advice=SHORT,
                ),
            ) from None

    @property
    def limit(self) -> int | Unlimited | None:
        if (minutes := self.read(count_of, "timelimitraw")) is not None:
            return minutes * 60
        return self.read(limit_of, "timelimit")

    @property
    def elapsed(self) -> int | None:
        raw = self.read(count_of, "elapsedraw")
        return self.read(seconds_of, "elapsed") if raw is None else raw

    @property
    def exit(self) -> Exit | None:
        return self.read(exit_of, "exitcode")


def jobs_of(rows: Iterable[Row], piece: str) -> tuple[Job, ...]:
    """The jobs of these rows, in order. A job listed again was started again. Raises Unreadable."""
    jobs: dict[str, Job] = {}
    for row in rows:
        found = find_id(row.text("jobid", "jobidraw"))
        if found is None:
            if _is_pending_array(row.text("jobid")):
                continue
            raise Unreadable(
                piece,
                row.place.line,
                _(
                    "“%(value)s” is no job's id. A narrow column may have cut it: copy the output of %(advice)s",
                    value=row.text("jobid", "jobidraw")[:60],
                    advice=SHORT,
                ),
            )
        known = jobs.get(found.job)
        if found.step == "":
            runs = known.runs if known else ()
            jobs[found.job] = _job(found.job, row, runs)
        elif known is None:
            message = _(
                "The step %(id)s comes before its job. Copy the output from its first line on.",
                id=row.text("jobid"),
            )
            raise Unreadable(piece, row.place.line, message)
        else:
            last = known.last
            step = _step(found.step, row)
            jobs[found.job] = replace(
                known, runs=(*known.runs[:-1], replace(last, steps=(*last.steps, step)))
            )
    if not jobs:
        raise Unreadable(
            piece,
            1,
            _("It lists no job. Perhaps the job was not found: name it with -j, and its day with -S."),
        )
    return tuple(jobs.values())


def _is_pending_array(text: str) -> bool:
    """`4711_[2-9%4]`: tasks that had not begun."""
    return "_[" in text and text.partition("_[")[0].isdecimal()


def _job(job_id: str, row: Row, earlier: tuple[Run, ...]) -> Job:
    run = Run(
        place=row.place,
        state=row.read(state_of, "state"),
        exit=row.exit,
        submit=row.read(moment_of, "submit"),
        start=row.read(moment_of, "start"),
        end=row.read(moment_of, "end"),
        elapsed=row.elapsed,
        suspended=row.read(seconds_of, "suspended"),
    )
    return Job(
        id=job_id,
        place=row.place,
        runs=(*earlier, run),
        name=row.text("jobname"),
        cluster=row.text("cluster"),
        user=row.text("user"),
        partition=row.text("partition"),
        account=row.text("account"),
        limit=row.limit,
        node_count=row.read(count_of, "nnodes", "allocnodes"),
        nodes=row.read(nodes_of, "nodelist"),
        gpus=row.read(gpus_of, "alloctres"),
        restarts=row.read(count_of, "restarts"),
    )


def _step(step_id: str, row: Row) -> Step:
    return Step(
        id=step_id,
        name=row.text("jobname"),
        place=row.place,
        state=row.read(state_of, "state"),
        exit=row.exit,
        start=row.read(moment_of, "start"),
        end=row.read(moment_of, "end"),
        elapsed=row.elapsed,
        node_count=row.read(count_of, "nnodes", "allocnodes"),
        nodes=row.read(nodes_of, "nodelist"),
        tasks=row.read(count_of, "ntasks"),
        gpus=row.read(gpus_of, "alloctres"),
    )
