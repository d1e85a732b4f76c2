"""Hostile notebooks in the real sandbox. Where there is none these tests are skipped with the reason, unless LMS_TEST_STRICT=1."""

import os
import shutil

import pytest

from lms.content.model import Limits
from lms.errors import Unavailable
from lms.labs.exercise import Exercise
from lms.labs.grade import grade as grade_exercise
from lms.labs.grade import no_matter
from lms.labs.notebook import dump, read_source
from lms.labs.sandbox.probe import checks
from lms.labs.sandbox.profile import Profile
from lms.labs.sandbox.ways import WAYS, open_ways
from tests.sandbox.guards import Without

QUICK = Limits(
    cpu_seconds=3, wall_seconds=30, test_seconds=2, memory_mb=256, processes=40, disk_mb=8, output_kb=256
)


def code(source, **marks):
    """A code cell; `marks` are nbgrader's."""
    cell = {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
    if marks:
        defaults = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
        cell["metadata"] = {"nbgrader": {**defaults, **marks}}
    return cell


def answer(source, grade_id="answer"):
    return code(source, grade_id=grade_id, solution=True)


def check(source, grade_id, points=1):
    return code(source, grade_id=grade_id, grade=True, locked=True, points=points)


def notebook(*cells):
    return dump({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def grade(source, submission, *, sandboxes=None, seed=0, on_phase=no_matter, **exercise):
    """`source` are the bytes of an author's notebook; `exercise` what else the lab says."""
    whole = Exercise(read_source(source), **exercise)
    return grade_exercise(whole, submission, seed=seed, sandboxes=sandboxes, on_phase=on_phase)


def run_cells(*sources, limits=QUICK, names=(), tests=(), **exercise):
    """What each cell printed, or what ended it, in a list; and the report."""
    cells = [answer(source, f"cell{number}") for number, source in enumerate(sources)]
    source = notebook(*cells, *tests)
    report = grade(source, source, limits=limits, names=names, **exercise)
    return [_text(cell["outputs"]) for cell in report.executed["cells"][: len(cells)]], report


def _text(outputs):
    return "".join(output.get("text", "") + output.get("evalue", "") for output in outputs)


class Exam:
    """Four hidden tests of four functions, and whatever a learner hands in for them."""

    names = ("mean", "variance", "primes", "matmul")
    tests = (
        check("assert mean([1, 2, 3, 6]) == 3", "q0"),
        check("assert abs(variance([1, 3]) - 1) < 1e-9", "q1"),
        check("assert primes(12) == [2, 3, 5, 7, 11]\nassert len(primes(100)) == 25", "q2"),
        check("assert matmul([[1, 2]], [[3], [4]]) == [[11]], 'one row by one column'", "q3"),
    )

    def __init__(self, sandboxes):
        self.sandboxes = sandboxes

    def grade(self, answered, limits=QUICK, **options):
        source = notebook(answer("### BEGIN SOLUTION\n### END SOLUTION"), *options.pop("tests", self.tests))
        return grade(
            source,
            notebook(answer(answered)),
            sandboxes=self.sandboxes,
            names=self.names,
            limits=limits,
            **options,
        )

    def output_of(self, report):
        """What the learner's cell printed, as text."""
        return _text(report.executed["cells"][0]["outputs"])


@pytest.fixture(scope="session")
def sandbox():
    """What grading needs, or a skip that says what is missing."""
    try:
        missing = [check.text for check in checks() if check.good is False]
    except Unavailable as error:
        missing = [error.message]
    if missing:
        reason = f"no sandbox on this host: {missing[0]}"
        pytest.fail(reason) if os.environ.get("LMS_TEST_STRICT") == "1" else pytest.skip(reason)


@pytest.fixture(scope="session", params=WAYS)
def sandboxes(request, sandbox):
    """Every way to a pair of sandboxes that this host has: all of them are held to the same tests."""
    opened = open_ways(request.param)
    try:
        opened.pair(Profile(1)).end()
    except Unavailable as error:
        opened.close()
        reason = f"no sandboxes by way of {request.param!r} on this host: {error.message}"
        pytest.fail(reason) if os.environ.get("LMS_TEST_STRICT") == "1" else pytest.skip(reason)
    yield opened
    opened.close()


@pytest.fixture
def without(sandbox, monkeypatch, tmp_path):
    """Takes guards off, in a fresh sandbox, until the test ends."""
    opened = Without(monkeypatch, tmp_path)

    def take_off(*guards):
        for guard in guards:
            opened.take_off(guard)
        return opened

    yield take_off
    if opened.shared is not None:
        shutil.rmtree(opened.shared)


@pytest.fixture
def exam(sandboxes):
    return Exam(sandboxes)
