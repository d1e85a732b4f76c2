"""What a notebook may use, and what happens when it wants more: it is stopped, the learner is told, the machine does not notice."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from lms.labs.sandbox import supervisor
from tests.sandbox.conftest import QUICK, check

pytestmark = pytest.mark.sandbox


def test_an_endless_loop_is_stopped_by_cpu_time(exam):
    report = exam.grade("while True: pass", limits=replace(QUICK, cpu_seconds=1))
    assert (report.outcome, report.score) == ("timeout", 0)
    assert "1 seconds of computing" in report.notes[0]


def test_cpu_time_is_judged_over_all_processes(exam):
    spread = """
import os
for _ in range(8):
    if os.fork() == 0:
        while True: pass
import time; time.sleep(60)"""
    report = exam.grade(spread, limits=replace(QUICK, cpu_seconds=1))
    assert "1 seconds of computing" in report.notes[0]


def test_sleeping_is_stopped_by_the_clock_on_the_wall(exam):
    report = exam.grade("import time; time.sleep(1000)", limits=replace(QUICK, wall_seconds=1))
    assert (report.outcome, report.score) == ("timeout", 0)
    assert "on the clock" in report.notes[0]


def test_too_much_memory_ends_the_notebook_and_is_told(exam):
    report = exam.grade("kept = bytearray(b'x' * (400 << 20))\nimport time; time.sleep(5)")
    assert (report.outcome, report.score) == ("memory", 0)
    assert "256 MB" in report.notes[0]


def test_disks_are_small_and_the_rest_is_read_only(exam):
    report = exam.grade("""
import os
for folder in ('/box', '/tmp', '/dev/shm', '/dev', '/', '/run', '/modules', '/usr', '/kernel', '/grader', '/etc'):
    written = 0
    try:
        for number in range(60):
            with open(f'{folder}/f{number}', 'wb') as file: file.write(b'x' * (1 << 20))
            written += 1
    except OSError as error: pass
    print(folder, written)""")
    written = dict(line.split() for line in exam.output_of(report).splitlines())
    assert int(written.pop("/box")) <= 8
    assert int(written.pop("/tmp")) <= 16
    assert int(written.pop("/dev/shm")) <= 16
    assert set(written.values()) == {"0"}


@pytest.mark.parametrize(
    "flood", ["while True: print('A' * 1000)", "import os\nos.write(1, b'A' * (1 << 20))", "'A' * 1_000_000"]
)
def test_an_output_flood_is_cut_and_told(exam, flood):
    report = exam.grade(flood)
    assert (report.outcome, report.score) == ("output", 0)
    assert "256 kB" in report.notes[0]
    assert len(str(report.executed)) < 600_000


def test_why_a_notebook_ended_is_known_however_late_it_is_read(exam, monkeypatch):
    """On a machine so busy that a notebook has said its last and ended before we read it."""
    look = supervisor._Run._judge

    def late(self, now):
        time.sleep(0.3)
        look(self, now)

    monkeypatch.setattr(supervisor, "LOOK_EVERY", 0.0)
    monkeypatch.setattr(supervisor._Run, "_judge", late)
    assert exam.grade("print('A' * 1_000_000)").outcome == "output"


def test_nothing_outlives_the_grading(exam):
    report = exam.grade("""
import os, time
open('/proc/self/comm', 'w').write('outliver')
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in range(64):
            try: os.close(number)
            except OSError: pass
        time.sleep(987)
    os._exit(0)
time.sleep(0.2)
print('left')""")
    assert "left" in exam.output_of(report)
    assert not [path for path in Path("/proc").glob("[0-9]*/comm") if _read(path) == b"outliver\n"]


def test_a_test_that_never_ends_is_named_and_the_rest_is_graded(exam):
    slow = "def mean(xs):\n    while True: pass\ndef primes(n): return n"
    asked = (check("mean([1])", "endless"), check("assert primes(3) == 3", "after"))
    report = exam.grade(slow, tests=asked)
    assert [(cell.grade_id, cell.points) for cell in report.cells] == [("endless", 0), ("after", 1)]
    assert "loop without an end" in report.cells[0].message


def test_a_learner_that_will_not_be_interrupted_loses_the_rest_and_is_told_why(exam):
    stubborn = """
import signal
def mean(xs):
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    while True: pass
def primes(n): return n"""
    asked = (check("mean([1])", "endless"), check("assert primes(3) == 3", "after"))
    report = exam.grade(stubborn, tests=asked, limits=replace(QUICK, cpu_seconds=10))
    assert (report.outcome, report.score) == ("timeout", 0)
    assert "“endless”" in report.cells[1].message


def _read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""
