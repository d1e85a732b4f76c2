"""A thousand generated lessons: published for the first time, again with nothing changed, and with one lesson changed."""

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from lms import migrate
from lms import services as composition
from lms.content.tree import Tree
from lms.publishing import publish
from lms.settings import Settings

COURSES, LESSONS = 20, 50

LESSON = """---
id: {id}
title: Lesson {id}
minutes: 10
outcomes: [one]
---
{text}

```bash title="job.sh"
#!/bin/bash
#SBATCH --time={number}
srun python train.py
```

| partition | limit |
|---|---|
| small-g | {number} min |

```question
id: q
type: number
prompt: How many minutes?
answer: {number}
unit: min
explanation: As the directive says, $t = {number}$.
```
"""
PARAGRAPH = (
    "A batch script is a letter to somebody who reads it later. What it asks for is **reserved**, whether it is used or not, "
    "and `sbatch` answers with a number. Ask for what you *need*, and say how long. "
)


def tree_of_lessons(extra: str = "") -> Tree:
    """20 courses of 50 lessons, each of about 1,000 words, with code, a table, maths and a question."""
    files = {"courses/tracks.yaml": _tracks().encode()}
    for course in range(COURSES):
        folder = f"courses/course-{course:02}"
        files[f"{folder}/course.md"] = _course(course).encode()
        for lesson in range(LESSONS):
            text = "\n\n".join(f"## Part {part}\n\n{PARAGRAPH * 5}" for part in range(5))
            text += extra if (course, lesson) == (0, 0) else ""
            files[f"{folder}/{lesson + 1:02}-lesson.md"] = LESSON.format(
                id=f"G{course:02}-{lesson + 1}", text=text, number=lesson + 1
            ).encode()
    return Tree(files)


def _tracks() -> str:
    ids = ", ".join(f"G{course:02}" for course in range(COURSES))
    return f"tracks:\n  - id: all\n    title: All\n    summary: All of them.\n    roles: [everybody]\n    courses: [{ids}]\n"


def _course(number: int) -> str:
    return (
        f"---\nid: G{number:02}\ntitle: Course {number}\nsummary: Generated.\nlevel: introductory\nminutes: {10 * LESSONS}\n"
        "skills: [USE2.1]\nauthors: [Nobody]\noutcomes:\n  - id: one\n    text: Count\n---\nGenerated.\n"
    )


def run() -> None:
    with tempfile.TemporaryDirectory() as folder:
        services = composition.build(Settings(var=Path(folder), database_url=f"sqlite:///{folder}/bench.db"))
        migrate.upgrade(services.database)
        print(f"\nPublishing {COURSES * LESSONS} generated lessons")
        first = seconds(services, tree_of_lessons())
        same = seconds(services, tree_of_lessons())
        changed = seconds(services, tree_of_lessons("\n\nOne more sentence."))
        services.close()
    print(f"  the first time      {first:6.2f} s")
    print(f"  nothing changed     {same:6.2f} s   {same / first:.0%} of the first time")
    print(f"  one lesson changed  {changed:6.2f} s   {changed / first:.0%} of the first time")


def seconds(services, tree: Tree) -> float:
    started = time.perf_counter()
    outcome = publish(
        services, tree, source="bench", by=None, now=datetime.now(UTC), on_progress=lambda *_: None
    )
    assert outcome.release_id is not None, outcome.problems[:3]
    return time.perf_counter() - started
