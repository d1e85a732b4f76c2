"""What a notebook may use, and what happens when it wants more: it is stopped, the learner is told, the machine does not notice."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from lms.labs.sandbox import cgroup
from tests.sandbox.conftest import QUICK, check

pytestmark = pytest.mark.sandbox


@pytest.fixture(params=["by control group", "by looking"])
def watched(request, exam, monkeypatch):
    """Limits hold with a control group and, where none can be made, without."""
    if request.param == "by looking":
        monkeypatch.setattr(cgroup, "create", lambda *_, **__: None)
    elif (group := cgroup.create(f"slipway-test-{os.getpid()}", memory_mb=64, processes=8)) is None:
        pytest.skip("no control group can be made here")
    else:
        group.close()
    return exam


def test_an_endless_loop_is_stopped_by_cpu_time(watched):
    report = watched.grade("while True: pass", limits=replace(QUICK, cpu_seconds=1))
    assert (report.outcome, report.score) == ("timeout", 0)
    assert "1 seconds of computing" in report.notes[0]


def test_ignoring_every_signal_does_not_help(watched):
    loop = """
import signal
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
while True:
    try:
        while True: pass
    except BaseException: pass"""
    assert watched.grade(loop, limits=replace(QUICK, cpu_seconds=1)).outcome == "timeout"


def test_cpu_time_is_judged_over_all_processes(watched):
    spread = """
import os
for _ in range(8):
    if os.fork() == 0:
        while True: pass
import time; time.sleep(60)"""
    report = watched.grade(spread, limits=replace(QUICK, cpu_seconds=2))
    assert "2 seconds of computing" in report.notes[0]


def test_sleeping_is_stopped_by_the_clock_on_the_wall(exam):
    report = exam.grade("import time; time.sleep(1000)", limits=replace(QUICK, wall_seconds=1))
    assert (report.outcome, report.score) == ("timeout", 0)
    assert "on the clock" in report.notes[0]


@pytest.mark.parametrize(
    "bomb",
    [
        "kept = []\nwhile True: kept.append(bytearray(16 << 20))",
        "import os, time\nfor _ in range(8):\n    if os.fork() == 0:\n        kept = os.urandom(60 << 20); time.sleep(60)\ntime.sleep(60)",
    ],
    ids=["one process", "eight processes"],
)
def test_a_memory_bomb_is_stopped(watched, bomb):
    report = watched.grade(bomb)
    assert report.score == 0
    assert report.outcome in ("memory", "graded")  # a MemoryError inside the cell is an end too
    if report.outcome == "memory":
        assert "256 MB" in report.notes[0]


def test_a_million_empty_files_count_as_memory(watched):
    flood = """
import os
for number in range(2_000_000): os.close(os.open(f'/box/{number}', os.O_CREAT | os.O_WRONLY))
print('SURVIVED')"""
    report = watched.grade(flood, limits=replace(QUICK, memory_mb=128, cpu_seconds=10, wall_seconds=40))
    assert report.outcome in ("memory", "graded")  # or the kernel refused the next file
    assert "SURVIVED" not in watched.output_of(report)


def test_a_fork_bomb_and_a_thread_bomb_hit_the_limit_of_processes(watched):
    report = watched.grade("""
import os, time, threading
count = 0
try:
    while True:
        if os.fork() == 0: time.sleep(60)
        count += 1
except OSError as error: print('forks ended', count <= 64)
try:
    while True: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
except RuntimeError: print('threads ended')""")
    assert "forks ended True\nthreads ended" in watched.output_of(report)


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
