"""Source + submission -> report: the learner's answers are set into our notebook, run in one sandbox, and judged from another.

A report from a process that ran learner's code is a claim, not a result: points come from T alone, in which no such code ever ran.
"""

import logging
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any

from lms.content.dialect import as_python
from lms.content.model import Limits
from lms.errors import Invalid

from .executed import executed
from .exercise import Exercise
from .graft import Grafted, graft
from .handout import hidden_lines
from .notebook import Cell
from .report import CellResult, Outcome, Phase, Report
from .sandbox import supervisor
from .sandbox.between import Between
from .sandbox.collected import WhyLeft
from .sandbox.ways import Fresh, Sandboxes
from .sandbox.work import Ended, Found, Work
from .slurm.rung import NO_RUNG, Climb

log = logging.getLogger(__name__)

OUTCOMES: dict[Ended, Outcome] = {
    "": "graded",
    "cpu": "timeout",
    "wall": "timeout",
    "memory": "memory",
    "output": "output",
    "crashed": "crashed",
    "busy": "timeout",
    "nonsense": "crashed",
    "tester": "failed",
}


@dataclass
class Phases:
    """A stopwatch: each phase ends when the next begins."""

    on_phase: Callable[[str], None]
    done: list[Phase] = field(default_factory=list)
    _running: tuple[str, float] | None = None

    def begin(self, name: str) -> None:
        self.end()
        self._running = (name, time.perf_counter())
        self.on_phase(name)

    def end(self) -> None:
        if self._running is not None:
            name, started = self._running
            self.done.append(Phase(name, round((time.perf_counter() - started) * 1000)))
            self._running = None


def no_matter(_phase: str) -> None:
    """For who does not want to know how far it is."""


def grade(
    exercise: Exercise,
    submission: bytes,
    *,
    seed: int = 0,
    sandboxes: Sandboxes | None = None,
    tries_slurm: bool = True,
    on_phase: Callable[[str], None] = no_matter,
) -> Report:
    """Grade `submission` (whatever was handed in). `seed` makes the randomness of the learner's code and of the tests, which know it as
    `seed`. `sandboxes` are fresh ones unless said. Without `tries_slurm` nothing is said of a rung on Slurm, which takes longest.
    `on_phase` is told "graft", "run", "slurm" and "test" as they begin.

    A submission that is no notebook gives a report with the outcome "refused". Raise `Unavailable` when this host has no sandbox,
    which may cost the learner nothing.
    """
    phases = Phases(on_phase)
    phases.begin("graft")
    try:
        grafted = graft(exercise.notebook, submission)
    except Invalid as refusal:
        phases.end()
        return Report(0.0, exercise.notebook.points, "refused", (), (refusal.message,), tuple(phases.done))
    return grade_grafted(
        exercise, grafted, seed=seed, sandboxes=sandboxes, tries_slurm=tries_slurm, phases=phases
    )


def grade_grafted(
    exercise: Exercise,
    grafted: Grafted,
    *,
    seed: int = 0,
    sandboxes: Sandboxes | None = None,
    tries_slurm: bool = True,
    phases: Phases | None = None,
) -> Report:
    """The same for answers that are in their places already."""
    phases = phases or Phases(no_matter)
    runs = [cell for cell in grafted.source.cells if cell.runs]
    climb = Climb(exercise.slurm, exercise.files, seed=seed) if exercise.slurm else None
    between = Between("slurm", climb.climb) if climb and tries_slurm and climb.is_possible else None
    untried = climb.tests if climb and between is None else ()
    work = Work(
        cells=[grafted.text(cell) for cell in runs],
        tests=[test for test in _tests(grafted) if test["id"] not in untried],
        names=sorted(exercise.names),
        files=exercise.files,
        modules=exercise.modules,
        prelude=exercise.prelude,
        outputs=(*exercise.outputs, *(climb.outputs if climb else ())),
        texts=climb.texts if climb else (),
        preload=exercise.preload,
        seed=seed,
    )
    phases.begin("run")
    found = supervisor.run(sandboxes or Fresh(), work, exercise.limits, phases.begin, between)
    phases.end()
    report = _report(grafted, found, exercise.limits, runs, tuple(phases.done), climb)
    return report if tries_slurm else replace(report, proved=NO_RUNG[0], on_slurm=NO_RUNG[1])


def _tests(grafted: Grafted) -> list[dict[str, Any]]:
    """Each with the index of the last cell that runs before it, -1 for none."""
    found: list[dict[str, Any]] = []
    ran = -1
    for cell in grafted.source.cells:
        ran += cell.runs
        if cell.kind == "tests":
            hidden = sorted(hidden_lines(cell))
            source = as_python(cell.source)
            found.append(
                {"id": cell.grade_id, "source": source, "points": cell.points, "hidden": hidden, "after": ran}
            )
    return found


def _report(
    grafted: Grafted,
    found: Found,
    limits: Limits,
    runs: list[Cell],
    phases: tuple[Phase, ...],
    climb: Climb | None,
) -> Report:
    # What decides the rung on Slurm is told apart from what is graded.
    rung = climb.tests if climb else ()
    ended = _ended(grafted, found, rung)
    if ended == "tester":
        log.error("the tests of a lab did not finish: %s", found.complaint[-2000:])
    why = _why(ended, limits)
    cells = tuple(
        _judged(cell, found, why) if cell.kind == "tests" else _to_mark(grafted, cell)
        for cell in grafted.source.cells
        if cell.kind in ("tests", "manual", "task") and cell.grade_id not in rung
    )
    proved, on_slurm = climb.report(found.verdicts, why) if climb else NO_RUNG
    ran = {cell.id: found.cells[number] for number, cell in enumerate(runs) if number in found.cells}
    return Report(
        score=sum(cell.points or 0.0 for cell in cells),
        max_score=grafted.source.points,
        outcome=OUTCOMES[ended],
        cells=cells,
        notes=(*grafted.notes, *_left(found), *((why,) if why else ())),
        phases=phases,
        proved=proved,
        on_slurm=on_slurm,
        executed=executed(grafted, ran, max_bytes=2 * limits.output_kb << 10),
    )


def _left(found: Found) -> list[str]:
    why: dict[WhyLeft, str] = {
        "large": "all files together may have 4 MB",
        "many": "at most 64 files are read",
        "no file": "it is not a plain file",
    }
    return [f"Your file {name} was not read: {why[reason]}." for name, reason in found.collected.left.items()]


def _ended(grafted: Grafted, found: Found, rung: Collection[str]) -> Ended:
    statuses = {verdict.get("status") for verdict in found.verdicts.values()}
    if found.ended:
        return found.ended
    tests = {cell.grade_id for cell in grafted.source.of_kind("tests")}
    if not tests.difference(rung) <= found.verdicts.keys():
        return "tester"
    return "nonsense" if "nonsense" in statuses else "busy" if "busy" in statuses else ""


def _judged(cell: Cell, found: Found, why: str) -> CellResult:
    verdict = found.verdicts.get(cell.grade_id)
    if verdict is None:
        return CellResult(
            cell.grade_id, "auto", 0.0, cell.points, f"not tested: {why}" if why else "not tested"
        )
    message = str(verdict["message"])
    if verdict["status"] == "gone" and why:
        message = f"{message}. {why}"
    return CellResult(cell.grade_id, "auto", float(verdict["points"]), cell.points, message)


def _to_mark(grafted: Grafted, cell: Cell) -> CellResult:
    """For a person to mark; nothing written is nothing to mark."""
    if cell.kind == "manual" and grafted.is_blank(cell):
        return CellResult(cell.grade_id, "manual", 0.0, cell.points, "nothing was written here")
    return CellResult(cell.grade_id, "manual", None, cell.points)


def _why(ended: Ended, limits: Limits) -> str:
    """What ended the run, in a sentence for the learner."""
    return {
        "": "",
        "cpu": f"Your notebook was stopped after {limits.cpu_seconds} seconds of computing, which is this lab's limit: "
        "is there a loop without an end?",
        "wall": f"Your notebook was stopped after {limits.wall_seconds} seconds on the clock, which is this lab's limit: "
        "does it wait for something?",
        "memory": f"Your notebook was stopped because it needed more than {limits.memory_mb} MB of memory, "
        "which is this lab's limit.",
        "output": f"Your notebook was stopped because it printed more than {limits.output_kb} kB, which is this lab's limit.",
        "crashed": "Your notebook ended by itself before it was tested: does it end Python, or its own process?",
        "busy": "A test could not be stopped, so the tests after it were not run: is there a loop without an end?",
        "nonsense": "Your program sent something that is no answer, so the tests after it were not run: "
        "does it write to files that it did not open?",
        "tester": "The tests of this lab did not finish. That is our fault and costs you nothing; please tell us.",
    }[ended]
