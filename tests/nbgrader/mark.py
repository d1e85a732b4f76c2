"""Makes marks.json anew: `python -m tests.nbgrader.mark PATH/TO/bin/nbgrader`, with an nbgrader of any environment (0.9.6 gave what is recorded).

Each assignment is a course of its own: `generate_assignment`, every submission laid where a student would leave it, `autograde`, and the marks
read from nbgrader's own gradebook.
"""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.nbgrader.assignments import ASSIGNMENTS

MARKS = Path(__file__).parent / "marks.json"


def main(nbgrader):
    version = subprocess.run(
        [nbgrader, "--version"], capture_output=True, text=True, check=True
    ).stdout.split()[-1]
    marks = {}
    for assignment in ASSIGNMENTS:
        with tempfile.TemporaryDirectory() as folder:
            marks[assignment.name] = marked(nbgrader, assignment, Path(folder))
    MARKS.write_text(json.dumps({"nbgrader": version, "marks": marks}, indent=1, sort_keys=True) + "\n")


def marked(nbgrader, assignment, course):
    """The marks by submission and cell; None where nbgrader leaves it to a person, "failed" for a submission that it could not grade."""
    source = course / "source" / "ps"
    source.mkdir(parents=True)
    (source / "lab.ipynb").write_bytes(assignment.source())
    _run(nbgrader, "generate_assignment", course)
    names = {}
    for number, (name, notebook) in enumerate(assignment.submissions()):
        names[f"s{number}"] = name
        folder = course / "submitted" / f"s{number}" / "ps"
        folder.mkdir(parents=True)
        (folder / "lab.ipynb").write_bytes(notebook)
    _run(nbgrader, "autograde", course, check=False)
    found = {}
    for student, name in names.items():
        done = (course / "autograded" / student / "ps" / "lab.ipynb").exists()
        found[name] = _grades(course, student) if done else "failed"
        print(f"{assignment.name}: {name}: {found[name]}")
    return found


def _grades(course, student):
    with sqlite3.connect(course / "gradebook.db") as book:
        rows = book.execute(
            "SELECT base_cell.name, grade.auto_score FROM grade JOIN base_cell ON base_cell.id = grade.cell_id "
            "JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id "
            "JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id "
            "WHERE submitted_assignment.student_id = ?",
            (student,),
        )
        return dict(rows.fetchall())


def _run(nbgrader, command, course, *, check=True):
    path = f"{Path(nbgrader).parent}:{os.environ['PATH']}"  # it calls alembic by name
    command = [nbgrader, command, "ps", f"--course-dir={course}"]
    done = subprocess.run(
        command, check=False, cwd=course, capture_output=True, text=True, env={**os.environ, "PATH": path}
    )
    if check and done.returncode:
        sys.exit(f"{command}: {done.stderr[-3000:]}")


if __name__ == "__main__":
    main(sys.argv[1])
