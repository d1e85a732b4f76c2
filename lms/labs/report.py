"""What one grading run found: the value that travels from the sandbox to the database, the page and the terminal."""

from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal[
    "graded",  # every test had its say
    "timeout",  # the CPU or wall-clock limit ended the learner's process
    "memory",  # the memory limit did
    "output",  # it printed, or sent, more than it may
    "crashed",  # the learner's process ended by itself before the tests were through
    "refused",  # the file could not be read as this lab's notebook; costs no attempt
    "failed",  # our fault: the sandbox or the lab itself; costs no attempt
]
Kind = Literal["auto", "manual"]
Proved = Literal[
    "",  # the lab has no rung on Slurm
    "yes",  # every test of the rung passed
    "no",  # one did not
    "unavailable",  # there was no Slurm to prove it on; says nothing about the work
]


@dataclass(frozen=True)
class CellResult:
    """One graded cell. `points` is None where a person has yet to mark it. `message` is for the learner: it names what
    was wrong, and never the input or the source of a hidden test.
    """

    grade_id: str
    kind: Kind
    points: float | None
    max_points: float
    message: str = ""


@dataclass(frozen=True)
class RungTest:
    """A test of the rung on Slurm: worth no points. `message` names what was wrong."""

    grade_id: str
    passed: bool
    message: str


@dataclass(frozen=True)
class OnSlurm:
    """How it went on Slurm. `words` are what it said, and the learner's script through it: untrusted text. `unavailable` is for staff."""

    machine: str
    tests: tuple[RungTest, ...]
    words: str
    unavailable: str = ""


@dataclass(frozen=True)
class Phase:
    """How long a part of the run took, in milliseconds."""

    name: str
    milliseconds: int


@dataclass(frozen=True)
class Report:
    """`score` counts what a machine decided; manual cells count in `max_score` and wait for their mark.
    `notes` tell what was found on the way (a deleted cell, a missing answer, what ended the run).
    `proved` and `on_slurm` tell of the rung on Slurm, which no score depends on.
    `executed` is the graded notebook with its outputs (nbformat 4, untrusted: the learner's code wrote them).
    """

    score: float
    max_score: float
    outcome: Outcome
    cells: tuple[CellResult, ...]
    notes: tuple[str, ...] = ()
    phases: tuple[Phase, ...] = ()
    proved: Proved = ""
    on_slurm: OnSlurm | None = None
    executed: dict[str, Any] | None = field(default=None, repr=False)
