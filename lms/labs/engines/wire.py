"""What travels between the site and a compute node, as bytes: MessagePack, typed, never pickles. Pure, but for modules on disk.

    site --Task--> node --Beat*--> site <--Verdict-- node

The site trusts no more of a Verdict than it must: what does not fit the exercise is refused, and bodies are bounded before they are read.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, TypeVar

import msgspec

from lms.errors import Invalid
from lms.labs.exercise import Exercise
from lms.labs.notebook import Cell
from lms.labs.report import CellResult, Report

TYPE = "application/msgpack"
MOST_BEAT = 4 << 10
MOST_VERDICT = 32 << 20
MOST_TEXT = 20_000
MOST_LINES = 1_000

Files = dict[str, bytes]
"""A folder: relative POSIX path -> bytes. A lone file has the path ''."""


class Task(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a node is to grade. `exercise` are the fields of an Exercise, with modules as files. `grader` must be the node's own version."""

    grader: str
    lease_seconds: int
    exercise: dict[str, Any]
    submission: bytes
    seed: int


class Beat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sign of life from Slurm's `task` ("1234_7") on `node`. `phase` is given when one begins."""

    task: Annotated[str, msgspec.Meta(max_length=40, pattern=r"\A[0-9_]*\Z")]
    node: Annotated[str, msgspec.Meta(max_length=80, pattern=r"\A[A-Za-z0-9._-]*\Z")]
    phase: Annotated[str, msgspec.Meta(max_length=20, pattern=r"\A[a-z-]+\Z")] | None = None


class Verdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What became of it: a report, or `trouble`, a sentence about why there is none. `unfit` when this node can grade nothing."""

    report: Report | None = None
    trouble: Annotated[str, msgspec.Meta(max_length=MOST_TEXT)] = ""
    unfit: bool = False


_Message = TypeVar("_Message", Task, Beat, Verdict)


@dataclass(frozen=True)
class Given:
    """A task as the node uses it."""

    exercise: Exercise
    submission: bytes
    seed: int
    lease_seconds: int


def write_task(exercise: Exercise, submission: bytes, *, seed: int, grader: str, lease_seconds: int) -> bytes:
    """The task as bytes. Modules travel as the files they are made of."""
    plain = {each.name: getattr(exercise, each.name) for each in fields(exercise)}
    plain["files"] = dict(exercise.files)
    plain["modules"] = {name: _packed(path) for name, path in exercise.modules.items()}
    return encode(Task(grader, lease_seconds, plain, submission, seed))


def read_task(data: bytes, folder: Path, *, grader: str) -> Given:
    """The task, with its modules laid out below `folder`. Raises Invalid when it is none, or one for another version of the grader."""
    task = decode(data, Task)
    if task.grader != grader:
        raise Invalid(
            f"The site grades with version {task.grader}, and this node has {grader}. Install the site's version on the nodes."
        )
    try:
        modules = msgspec.convert(task.exercise.get("modules"), dict[str, Files])
        laid_out = {name: str(_laid_out(folder, name, files)) for name, files in modules.items()}
        exercise = msgspec.convert({**task.exercise, "modules": laid_out}, Exercise, dec_hook=_path)
    except (msgspec.ValidationError, ValueError) as error:
        raise Invalid(f"The task cannot be read: {error}.") from None
    return Given(exercise, task.submission, task.seed, task.lease_seconds)


def checked(report: Report, exercise: Exercise) -> Report:
    """`report` if it can be one of `exercise`. Raises Invalid with the first thing that does not fit."""
    rung = exercise.slurm.tests if exercise.slurm else ()
    graded = [
        cell
        for cell in exercise.notebook.cells
        if cell.kind in ("tests", "manual", "task") and cell.grade_id not in rung
    ]
    # What failed on our side may have failed before there was anything to tell of each cell, or afterwards.
    ran = report.outcome != "refused" and (report.outcome != "failed" or report.cells != ())
    fits = {
        "its score is no sum of its cells": _close(
            report.score, sum(each.points or 0.0 for each in report.cells)
        ),
        "its maximum is another lab's": report.outcome == "failed"
        or _close(report.max_score, exercise.notebook.points),
        "its cells are another lab's": [each.grade_id for each in report.cells]
        == ([cell.grade_id for cell in graded] if ran else []),
        "a cell has points that cannot be had": all(map(_possible, report.cells, graded)) if ran else True,
        "its rung on Slurm is another lab's": _climbed(report) == (rung if ran else ()),
        "it is proved by tests that did not pass": report.proved != "yes" or _all_passed(report),
        "it says too much": len(report.notes) <= MOST_LINES
        and len(report.phases) <= MOST_LINES
        and all(len(text) <= MOST_TEXT for text in _texts(report)),
    }
    for problem, good in fits.items():
        if not good:
            raise Invalid(f"The report does not fit the exercise: {problem}.")
    return report


def _climbed(report: Report) -> tuple[str, ...]:
    return tuple(test.grade_id for test in report.on_slurm.tests) if report.on_slurm else ()


def _all_passed(report: Report) -> bool:
    return report.on_slurm is not None and all(test.passed for test in report.on_slurm.tests)


def _texts(report: Report) -> Iterator[str]:
    yield from report.notes
    for cell in report.cells:
        yield cell.message
    if report.on_slurm is not None:
        yield from (report.on_slurm.machine, report.on_slurm.words, report.on_slurm.unavailable)
        for test in report.on_slurm.tests:
            yield test.message


def encode(message: Task | Beat | Verdict) -> bytes:
    return msgspec.msgpack.encode(message)


def decode(data: bytes, kind: type[_Message]) -> _Message:
    """Raises Invalid when `data` is anything else."""
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise Invalid(f"That is no {kind.__name__.lower()}: {error}.") from None


def _packed(path: Path) -> Files:
    if path.is_file():
        return {"": path.read_bytes()}
    return {
        each.relative_to(path).as_posix(): each.read_bytes()
        for each in sorted(path.rglob("*"))
        if each.is_file() and "__pycache__" not in each.parts
    }


def _laid_out(folder: Path, name: str, files: Mapping[str, bytes]) -> Path:
    """Readable for everybody: the sandbox runs as another user when the node's is root."""
    parts = [part for path in (name, *files) for part in PurePosixPath(path).parts]
    if not name or {"..", "/"} & set(parts) or "/" in name:
        raise ValueError(f"the module {name} would lie outside its folder")
    if set(files) == {""}:
        target = folder / f"{name}.py"
        target.write_bytes(files[""])
        return target
    for path, data in files.items():
        file = folder / name / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return folder / name


def _path(kind: type, value: Any) -> Any:
    if kind is Path:
        return Path(value)
    raise NotImplementedError


def _possible(result: CellResult, cell: Cell) -> bool:
    kind = "auto" if cell.kind == "tests" else "manual"
    earned = result.points if result.points is not None else 0.0
    return (
        result.kind == kind
        and _close(result.max_points, cell.points)
        and 0.0 <= earned <= cell.points + 1e-9
        and (kind == "manual" or result.points is not None)
        and (kind == "auto" or not earned)
    )


def _close(one: float, other: float) -> bool:
    return math.isfinite(one) and math.isfinite(other) and abs(one - other) < 1e-6
