"""A small tree in which everything is in order, to be broken in one place at a time."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from lms.content.tree import Tree

TRACKS = """\
tracks:
  - id: cross-over
    title: Cross over
    summary: From rented GPUs to a shared machine.
    roles: [every engineer]
    prerequisites: []
    courses: [C01]
"""

READINESS = """\
version: "2026-11"
levels:
  - id: R1
    title: Playground
    summary: Ready for a first grant.
    valid_months: 12
    after: null
    requires:
      - id: engineers
        title: Two engineers
        people: 2
        role: any
        courses: [C01]
        labs: [L04]
        max_age_months: 24
  - id: R2
    title: Fast lane
    summary: Ready for more.
    valid_months: 12
    after: R1
    requires:
      - id: scaling
        title: A scaling study
        awaits: Course C08 is being written
"""

COURSE = """\
---
id: C01
title: Slurm for cloud engineers
summary: Write scripts that run.
level: introductory
minutes: 40
outcomes:
  - id: directives
    text: Write directives that Slurm reads
---
Begin with [the first lesson](01-anatomy.md).
"""

ANATOMY = """\
---
id: C01-1
title: Anatomy of a batch script
minutes: 25
outcomes: [directives]
labs: [L04]
---
A script has two readers. See [what it costs](02-cost.md#the-rule), and do [the lab](lab:L04).

## Two readers

![A script and its two readers](images/stop-rule.svg "Who reads what")

```bash title="job.sh" hl_lines="2"
#!/bin/bash
#SBATCH --time=30
```

/// cloud | Coming from the cloud
Nothing restarts it.
///

```question
id: stop-rule
type: single
prompt: Which line does Slurm **ignore**?
options:
  - text: "`#SBATCH --time=30` in line 2"
    feedback: Too early to be ignored.
  - text: "`#SBATCH --mem=8G` after a command"
    correct: true
    feedback: Right, reading had stopped.
explanation: Slurm stops at the first command.
```
"""

COST = """\
---
id: C01-2
title: What it costs
minutes: 15
outcomes: [directives]
---
## The rule

$E = S/n$ is the efficiency.

```question
id: hours
type: number
points: 2
prompt: How many GPU-hours?
answer: 1250
unit: GPU-hours
tolerance: 1%
explanation: Ten GPUs for 125 hours.
```

```question
id: way
type: order
prompt: In which order?
options:
  - text: queue
  - text: prolog
  - text: run
explanation: As the log has it.
```

```question
id: command
type: text
prompt: Which command?
accept: ["sbatch( .*)?"]
example: sbatch job.sh
explanation: It submits.
```

```question
id: both
type: multiple
prompt: Which two?
options:
  - {text: srun, correct: true, feedback: It starts the secret tasks.}
  - {text: salloc, correct: true, feedback: It waits.}
  - {text: squeue, feedback: It only looks.}
explanation: Two of them allocate.
```
"""

LAB = """\
id: L04
title: Fix the first script
summary: Repair it.
minutes: 45
points: 6
names: [fixed]
modules: [machine]
files: [job.sh]
rubric:
  - id: reasoning
    cell: why
    title: Is the reasoning sound?
    levels:
      - {points: 0, text: No reason}
      - {points: 4, text: A reason}
"""


def cell(source: str, kind: str = "code", **marks: object) -> dict[str, object]:
    defaults = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    metadata = {"nbgrader": defaults | marks} if marks else {}
    outputs = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": metadata, "source": source.splitlines(keepends=True), **outputs}


def notebook(*cells: dict[str, object]) -> str:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}, indent=1)


CELLS = (
    cell("# Fix the first script\n\nA script that **fails**.", "markdown"),
    cell("### BEGIN SOLUTION\nfixed = 1\n### END SOLUTION", solution=True, grade_id="fix"),
    cell("assert fixed == 1, 'M1'", grade=True, locked=True, points=2, grade_id="test-fix"),
    cell("Because.", "markdown", grade=True, solution=True, points=4, grade_id="why"),
)

FILES = {
    "courses/tracks.yaml": TRACKS,
    "courses/readiness.yaml": READINESS,
    "courses/c01/course.md": COURSE,
    "courses/c01/01-anatomy.md": ANATOMY,
    "courses/c01/02-cost.md": COST,
    "courses/c01/images/stop-rule.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="32"></svg>',
    "labs/l04/lab.yaml": LAB,
    "labs/l04/lab.ipynb": notebook(*CELLS),
    "labs/l04/job.sh": "#!/bin/bash\n",
    "labs/machine/__init__.py": "",
}


def tree_of(files: dict[str, str]) -> Tree:
    return Tree({path: text.encode() for path, text in files.items()})


@dataclass(frozen=True)
class Broken:
    """The good tree with one text replaced by another in one file, files added and files left out."""

    path: str = ""
    old: str = ""
    new: str = ""
    add: tuple[tuple[str, str], ...] = ()
    without: str = ""

    def tree(self) -> Tree:
        files = {path: text for path, text in FILES.items() if path != self.without} | dict(self.add)
        if self.path:
            assert self.old in files[self.path], "the fixture has changed under this test"
            files[self.path] = files[self.path].replace(self.old, self.new, 1)
        return tree_of(files)


@pytest.fixture
def good() -> Tree:
    return tree_of(FILES)


@pytest.fixture
def lesson() -> Callable[[str], Tree]:
    """The good tree with another text in its first lesson, from line 10 on."""
    head = ANATOMY[: ANATOMY.index("A script has two readers.")]
    return lambda body: tree_of({**FILES, "courses/c01/01-anatomy.md": f"{head}\n\n{body}"})
