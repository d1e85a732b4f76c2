"""Other graders, at the same notebook: nbclient, nbgrader and otter, from the environment that `make bench` makes for them.

Each is run the way its users run it. Nothing of them is imported here.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

BENCH = Path(__file__).parents[2] / ".bench" / "bin"
# Timed within, without its imports: how it goes in a service that lasts.
NBCLIENT = """
import json, sys, time
import nbformat
from nbclient import NotebookClient
times = []
for _ in range(int(sys.argv[2])):
    notebook = nbformat.read(sys.argv[1], as_version=4)
    started = time.perf_counter()
    NotebookClient(notebook, kernel_name="python3", allow_errors=True).execute()
    times.append(time.perf_counter() - started)
print(json.dumps(times))
"""
OTTER_TEST = """OK_FORMAT = True
test = {{"name": {name!r}, "points": 1, "suites": [{{"cases": [{{"code": {code!r}, "hidden": True, "locked": False}}],
    "scored": True, "setup": "", "teardown": "", "type": "doctest"}}]}}
"""


def is_there():
    return (BENCH / "nbgrader").exists()


def nbclient(notebook, rounds):
    """Seconds of each run, every one with a kernel of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "lab.ipynb")
        path.write_bytes(notebook)
        done = _run(Path(folder), "python", "-c", NBCLIENT, str(path), str(rounds))
        return json.loads(done.stdout)


class Nbgrader:
    """A course with `students` who all hand in the same."""

    def __init__(self, source, submission, students):
        self._course = Path(tempfile.mkdtemp())
        self._write("source/ps/lab.ipynb", source)
        for number in range(students):
            self._write(f"submitted/s{number}/ps/lab.ipynb", submission)
        self._call("generate_assignment")

    def autograde(self):
        """Seconds for all of them, from nothing graded."""
        shutil.rmtree(self._course / "autograded", ignore_errors=True)
        started = time.perf_counter()
        self._call("autograde")
        return time.perf_counter() - started

    def close(self):
        shutil.rmtree(self._course)

    def _write(self, name, data):
        path = self._course / name
        path.parent.mkdir(parents=True)
        path.write_bytes(data)

    def _call(self, command):
        _run(self._course, "nbgrader", command, "ps", f"--course-dir={self._course}")


class Otter:
    """`cells` are those of the notebook without its tests; `tests` maps a name to a doctest."""

    def __init__(self, cells, tests):
        self._folder = Path(tempfile.mkdtemp())
        (self._folder / "tests").mkdir()
        for name, code in tests.items():
            (self._folder / "tests" / f"{name}.py").write_text(OTTER_TEST.format(name=name, code=code))
        checks = [f"grader.check({name!r})" for name in tests]
        sources = ["import otter\ngrader = otter.Notebook()", *cells, *checks]
        made = [
            {"cell_type": "code", "id": f"c{number}", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
            for number, source in enumerate(sources)
        ]  # fmt: skip
        metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        notebook = {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
        (self._folder / "lab.ipynb").write_text(json.dumps(notebook))
        _run(self._folder, "otter", "generate", "-t", "tests", "-o", "autograder.zip", "--no-environment")

    def run(self, number=0):
        """Seconds for one submission."""
        out = self._folder / f"out{number}"
        out.mkdir(exist_ok=True)
        started = time.perf_counter()
        _run(self._folder, "otter", "run", "lab.ipynb", "-a", "autograder.zip", "-o", str(out))
        passed = [test.get("score") for test in json.loads((out / "results.json").read_text())["tests"]]
        assert passed.count(1.0) == 4, passed
        return time.perf_counter() - started

    def close(self):
        shutil.rmtree(self._folder)


def two_at_once(first, second):
    """Seconds until both are done."""
    started = time.perf_counter()
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda action: action(), (first, second)))
    return time.perf_counter() - started


def _run(folder, command, *arguments):
    environment = {**os.environ, "PATH": f"{BENCH}:{os.environ['PATH']}", "HOME": str(folder)}
    return subprocess.run(
        [BENCH / command, *arguments], cwd=folder, env=environment, check=True, capture_output=True, text=True
    )
