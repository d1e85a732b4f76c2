"""What a pair of sandboxes is given to do, and what was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from .collected import Collected

Ended = Literal["", "cpu", "wall", "memory", "output", "crashed", "busy", "nonsense", "tester"]


@dataclass(frozen=True)
class Work:
    """What to run: the learner's cells; the tests as `{"id", "source", "points", "hidden", "after"}`; what tests may fetch; files; modules.

    A test sees names as they were `after` the cell of that index, -1 unless said, where a later one makes them something else.
    `prelude` are statements of the author's for T alone, each run if it can be. `outputs` are patterns of files that the cells write and
    T may read, `texts` names of the learner's whose text is collected with them. `seed` makes the randomness of both.
    """

    cells: list[str]
    tests: list[dict[str, Any]]
    names: list[str]
    files: Mapping[str, bytes] = field(default_factory=dict)
    modules: Mapping[str, Path] = field(default_factory=dict)
    prelude: Sequence[str] = ()
    outputs: Sequence[str] = ()
    texts: Sequence[str] = ()
    preload: Sequence[str] = ()
    seed: int = 0


@dataclass
class Found:
    """`cells` maps a cell's index to its outputs; `verdicts` a test's id to its verdict.

    `ended` says what ended L before the tests were through, `cpu_seconds` what it had used by then.
    `complaint` is what T or bwrap printed, for our log and never for a learner. `facts` is what was found between cells and tests.
    """

    cells: dict[int, dict[str, Any]] = field(default_factory=dict)
    verdicts: dict[str, dict[str, Any]] = field(default_factory=dict)
    collected: Collected = field(default_factory=Collected)
    facts: dict[str, Any] | None = None
    ended: Ended = ""
    cpu_seconds: float = 0.0
    complaint: str = ""
