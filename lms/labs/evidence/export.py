"""`sacct --json`, whose shape changed with every Slurm: plain numbers and words in 22.05, `{"set", "infinite", "number"}` and lists of
states from 23.02 on, steps named `26.batch` instead of taken apart. Each value is read in whichever of these shapes it comes.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from lms.labs.evidence.job import Job, Record, Run, Step, find_id
from lms.labs.evidence.nodes import Nodes, nodes_of
from lms.labs.evidence.pieces import Piece, Place, Unreadable
from lms.labs.evidence.quantities import Exit, QuantityError, Unlimited, state_of
from lms.words import gettext as _

MOST_JOBS = 500
MOST_STEPS = 2_000
_LATEST = 2**33  # seconds since 1970: the year 2242


def read_export(piece: Piece) -> Record:
    """Raises Unreadable."""
    try:
        document = json.loads(piece.text)
    except json.JSONDecodeError as cause:
        message = _(
            "This is no whole JSON: %(cause)s. Copy the output from its first brace to its last.",
            cause=cause.msg,
        )
        raise Unreadable(piece.name, cause.lineno, message) from None
    except (ValueError, RecursionError):
        raise Unreadable(
            piece.name, 0, _("This JSON holds what Slurm never writes. Export it anew.")
        ) from None
    found = document.get("jobs") if isinstance(document, dict) else None
    if not isinstance(found, list) or not found:
        raise Unreadable(
            piece.name,
            0,
            _(
                "This JSON lists no jobs. Make it with `sacct -j JOBID --json`, and name the job's day with -S."
            ),
        )
    if len(found) > MOST_JOBS:
        message = _("It lists more than %(limit)s jobs. Name the job with -j.", limit=MOST_JOBS)
        raise Unreadable(piece.name, 0, message)
    reader = _Reader(piece, is_old=_is_old(document))
    jobs: dict[str, Job] = {}
    for number, each in enumerate(found, 1):
        job = reader.job(each, number)
        known = jobs.get(job.id)  # listed again, it was started again
        jobs[job.id] = job if known is None else _again(known, job)
    return Record("sacct", piece.name, tuple(jobs.values()))


def _again(known: Job, job: Job) -> Job:
    return replace(job, runs=(*known.runs, *job.runs), place=known.place)


def _is_old(document: dict[str, Any]) -> bool:
    """Whether this is of 22.05 or older, which writes a failed job's exit code as success: seen where `sacct -P` says 3:0."""
    major = _number(_at(document, "meta", "Slurm", "version", "major"))
    return major is not None and major < 23


class _Reader:
    def __init__(self, piece: Piece, *, is_old: bool) -> None:
        self.piece = piece
        self.is_old = is_old
        self.steps = 0

    def job(self, job: Any, number: int) -> Job:
        place = Place(self.piece.name, self._line_of(job))
        job_id = _number(_at(job, "job_id"))
        if job_id is None:
            message = _("Job %(number)s of the list has no job_id. Export it anew.", number=number)
            raise Unreadable(self.piece.name, place.line, message)
        array, task = _number(_at(job, "array", "job_id")), _number(_at(job, "array", "task_id"))
        run = Run(
            place=place,
            state=self._state(_at(job, "state", "current"), place),
            exit=None if self.is_old else _exit(_at(job, "exit_code")),
            submit=_moment(_at(job, "time", "submission")),
            start=_moment(_at(job, "time", "start")),
            end=_moment(_at(job, "time", "end")),
            elapsed=_number(_at(job, "time", "elapsed")),
            suspended=_number(_at(job, "time", "suspended")),
            steps=tuple(self._steps(_at(job, "steps"), place)),
        )
        return Job(
            id=f"{array}_{task}" if array and task is not None else str(job_id),
            place=place,
            runs=(run,),
            name=_text(_at(job, "name")),
            cluster=_text(_at(job, "cluster")),
            user=_text(_at(job, "user")),
            partition=_text(_at(job, "partition")),
            account=_text(_at(job, "account")),
            limit=_limit(_at(job, "time", "limit")),
            node_count=_number(_at(job, "allocation_nodes")),
            nodes=self._nodes(_at(job, "nodes"), place),
            gpus=_gpus(_at(job, "tres", "allocated")),
            restarts=_number(_at(job, "restart_cnt")),
        )

    def _steps(self, steps: Any, place: Place) -> Iterator[Step]:
        for step in steps if isinstance(steps, list) else []:
            self.steps += 1
            if self.steps > MOST_STEPS:
                message = _("It lists more than %(limit)s steps.", limit=MOST_STEPS)
                raise Unreadable(self.piece.name, 0, message)
            yield Step(
                id=_step_id(_at(step, "step", "id")),
                name=_text(_at(step, "step", "name")),
                place=place,
                state=self._state(_at(step, "state"), place),
                exit=None if self.is_old else _exit(_at(step, "exit_code")),
                start=_moment(_at(step, "time", "start")),
                end=_moment(_at(step, "time", "end")),
                elapsed=_number(_at(step, "time", "elapsed")),
                node_count=_number(_at(step, "nodes", "count")),
                nodes=self._nodes(_at(step, "nodes", "range"), place),
                tasks=_number(_at(step, "tasks", "count")),
                gpus=_gpus(_at(step, "tres", "allocated")),
            )

    def _state(self, state: Any, place: Place) -> str | None:
        name = state[0] if isinstance(state, list) and state else state
        try:
            return state_of(name) if isinstance(name, str) else None
        except QuantityError:
            message = _("“%(state)s” is no state of Slurm's.", state=name[:60])
            raise Unreadable(place.piece, place.line, message) from None

    def _nodes(self, text: Any, place: Place) -> Nodes | None:
        try:
            return nodes_of(text) if isinstance(text, str) else None
        except QuantityError:
            message = _("“%(nodes)s” is no list of nodes.", nodes=text[:60])
            raise Unreadable(place.piece, place.line, message) from None

    def _line_of(self, job: Any) -> int:
        """Where the job's id stands; JSON itself remembers no lines."""
        wanted = f'"job_id": {_number(_at(job, "job_id"))}'
        return next((at for at, line in enumerate(self.piece.lines, 1) if wanted in line), 1)


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def _number(value: Any) -> int | None:
    """A number, plain or as {"set", "infinite", "number"}."""
    if isinstance(value, dict):
        value = value.get("number") if value.get("set") else None
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 12:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**40:
        return None
    return value


def _moment(value: Any) -> datetime | None:
    seconds = _number(value)
    return datetime.fromtimestamp(seconds, UTC) if seconds and seconds < _LATEST else None


def _limit(value: Any) -> int | Unlimited | None:
    if _at(value, "infinite") is True:
        return Unlimited()
    minutes = _number(value)
    return None if minutes is None else minutes * 60


def _exit(value: Any) -> Exit | None:
    code = _number(_at(value, "return_code"))
    signal = _number(_at(value, "signal", "id")) or _number(_at(value, "signal", "signal_id")) or 0
    if code is None and not signal:
        return None
    return Exit(code or 0, signal)


def _gpus(tres: Any) -> int | None:
    if not isinstance(tres, list):
        return None
    named = [each for each in tres if _at(each, "type") == "gres"]
    found = {_text(_at(each, "name")): _number(_at(each, "count")) or 0 for each in named}
    return found["gpu"] if "gpu" in found else sum(n for name, n in found.items() if name.startswith("gpu:"))


def _step_id(value: Any) -> str:
    """`batch` or a number: written plain, as `26.batch`, or as a dict that holds it."""
    if isinstance(value, dict):
        value = value.get("step_id")
    text = str(value) if isinstance(value, (str, int)) else ""
    found = find_id(text)
    return found.step if found and found.step else text[:20]


def _text(value: Any) -> str:
    return value[:200] if isinstance(value, str) else ""
