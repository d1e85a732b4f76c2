"""One notebook of twelve code cells, four of them tests, graded in every way there is: bare, by us, and by the graders everyone uses."""

import json
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lms.errors import Unavailable
from lms.labs.exercise import Exercise
from lms.labs.grade import grade
from lms.labs.notebook import dump, read_source
from lms.labs.sandbox.ways import WAYS, open_ways
from tests.benchmarks import graders

ROUNDS, SLOW_ROUNDS, MANY, STUDENTS = 15, 3, 60, 10
BARE = "import json, sys\nspace = {}\nfor cell in json.load(sys.stdin): exec(compile(cell, 'cell', 'exec'), space)"


def run() -> None:
    cells = _cells()
    source = _notebook(cells)
    exercise = Exercise(read_source(source), tuple(f"f{number}" for number in range(4)))
    texts = [text for _, text in cells]
    print("\nGrading 12 code cells, 4 of them tests; medians (and minima), two at once on this machine")
    bare = _told("bare, in a process that is there", _times(lambda: _execute(texts), ROUNDS))
    fresh = _told("bare, in a new interpreter", _times(lambda: _interpreter(texts), ROUNDS))
    ours = {name: _ours(name, exercise, source, bare) for name in WAYS}
    if not graders.is_there():
        print("  other graders are not installed: make bench")
        return
    theirs = _theirs(cells, source)
    best = min(median for median in ours.values() if median)
    print(f"  the best of ours takes {best / fresh:.1f} times a bare new interpreter; times as long take:")
    print("   ", ", ".join(f"{name} {median / best:.0f}" for name, median in theirs.items()))


def _ours(name, exercise, source, bare):
    """The median of one way, or 0 where this host has it not."""
    try:
        sandboxes = open_ways(name)
        _grade(exercise, source, sandboxes)
    except Unavailable as refusal:
        print(f"  ours, {name:26} cannot be had here: {refusal.message[:60]}")
        return 0.0
    try:
        time.sleep(1)  # what is started ahead is there
        median = _told(f"ours, {name}", _times(lambda: _grade(exercise, source, sandboxes), ROUNDS))
        started = time.perf_counter()
        with ThreadPoolExecutor(2) as both:
            list(both.map(lambda _: _grade(exercise, source, sandboxes), range(MANY)))
        rate = MANY * 60 / (time.perf_counter() - started)
        idle = _idle_megabytes(sandboxes)
        print(f"{'':36}{rate:6.0f} a minute, {median / bare:.0f} times bare in process{idle}")
        return median
    finally:
        sandboxes.close()


def _idle_megabytes(sandboxes) -> str:
    """Of a fork-server that waits: proportional set size of it and its sandbox."""
    servers = getattr(sandboxes, "processes", [])
    if not servers:
        return ""
    sizes = [sum(map(_pss, _tree(pid))) / 1024 for pid in servers]
    return f", {statistics.mean(sizes):.1f} MiB for an idle fork-server"


def _theirs(cells, source):
    """Medians by name, in seconds for a submission."""
    found = {"nbclient": _told("nbclient, without a sandbox", graders.nbclient(source, SLOW_ROUNDS))}
    one, two = (graders.Nbgrader(source, source, 1) for _ in range(2))
    found["nbgrader"] = _told("nbgrader autograde, one", _times(one.autograde, SLOW_ROUNDS, timed=True))
    many, more = (graders.Nbgrader(source, source, STUDENTS) for _ in range(2))
    ten = [seconds / STUDENTS for seconds in _times(many.autograde, 1, timed=True)]
    found["nbgrader of ten"] = _told(f"nbgrader autograde, each of {STUDENTS}", ten)
    rate = 2 * STUDENTS * 60 / graders.two_at_once(many.autograde, more.autograde)
    print(f"{'':36}{rate:6.0f} a minute")
    plain = [text for kind, text in cells if kind != "tests"]
    doctests = {f"q{number}": f">>> f{number}(5)\n{5 * number}" for number in range(4)}
    otter = graders.Otter(plain, doctests)
    found["otter"] = _told("otter run", _times(otter.run, SLOW_ROUNDS, timed=True))
    rate = 2 * 60 / graders.two_at_once(lambda: otter.run(1), lambda: otter.run(2))
    print(f"{'':36}{rate:6.0f} a minute")
    for made in (one, two, many, more, otter):
        made.close()
    return found


def _cells():
    """(kind, text): four times code that is given, an answer and a test of it."""
    cells = []
    for number in range(4):
        cells += [
            ("given", f"data{number} = [i * {number} for i in range(1000)]\nsum(data{number})"),
            ("solution", f"def f{number}(n):\n    total = 0\n    for _ in range(n):\n        total += {number}\n    return total"),
            ("tests", f"for n in range(20):\n    assert f{number}(n) == n * {number}, 'not so many times'"),
        ]  # fmt: skip
    return cells


def _notebook(cells):
    flags = {
        "given": {"locked": True},
        "solution": {"solution": True},
        "tests": {"grade": True, "locked": True},
    }
    made = []
    for number, (kind, text) in enumerate(cells):
        marks = {
            "schema_version": 3,
            "grade_id": f"c{number}",
            "grade": False,
            "solution": False,
            "locked": False,
        }
        marks |= flags[kind] | ({"points": 1} if kind == "tests" else {})
        cell = {"cell_type": "code", "id": f"c{number}", "metadata": {"nbgrader": marks}, "source": text}
        made.append(cell | {"outputs": [], "execution_count": None})
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return dump({"cells": made, "metadata": spec, "nbformat": 4, "nbformat_minor": 5})


def _grade(exercise, source, sandboxes):
    report = grade(exercise, source, sandboxes=sandboxes)
    assert report.score == report.max_score == 4, report


def _execute(texts):
    space = {}
    for text in texts:
        exec(compile(text, "cell", "exec"), space)


def _interpreter(texts):
    subprocess.run([sys.executable, "-I", "-c", BARE], input=json.dumps(texts), text=True, check=True)


def _times(action, rounds, *, timed=False):
    """Seconds of each; `timed` actions time themselves."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        said = action()
        times.append(said if timed else time.perf_counter() - started)
    return times


def _told(what, times):
    median = statistics.median(times)
    print(f"  {what:34}{median * 1000:9.1f} ms ({min(times) * 1000:.1f})")
    return median


def _tree(pid):
    """A process and all it started."""
    found = [pid]
    for each in found:
        children = Path(f"/proc/{each}/task/{each}/children")
        if children.exists():
            found += [int(child) for child in children.read_text().split()]
    return found


def _pss(pid):
    """KiB."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)
