"""What one grading needs besides the submission: the author's notebook and everything the lab says about running and testing it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lms.content.model import Limits, SlurmRung

from .notebook import Source


@dataclass(frozen=True)
class Exercise:
    """`names` are the only names of the learner's that tests may fetch. `files` lie in the working folder of both sandboxes,
    `modules` maps what is importable in both to the trusted folder or file. `prelude` are statements of the author's that tests
    rely on without saying so; they run beside the tests. `outputs` are patterns of files that the learner's cells write and tests may
    read; `preload` are packages to import before there is a job, where that saves time. `slurm` is the rung on Slurm, if it has one.
    """

    notebook: Source
    names: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    files: Mapping[str, bytes] = field(default_factory=dict)
    modules: Mapping[str, Path] = field(default_factory=dict)
    prelude: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()
    slurm: SlurmRung | None = None
