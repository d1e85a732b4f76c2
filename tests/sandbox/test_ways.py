"""Ways to a pair of sandboxes: the best one is found by trying, servers that die are started again, and nothing outlives the grader."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lms.errors import Unavailable
from lms.labs.sandbox import bubble, ways
from lms.labs.sandbox.profile import Profile
from lms.labs.sandbox.usage import tree
from lms.labs.sandbox.ways import Forked, Fresh, Warm, open_ways
from tests.conftest import REPOSITORY
from tests.sandbox.conftest import QUICK, answer, check, grade, notebook

pytestmark = [pytest.mark.sandbox, pytest.mark.usefixtures("sandbox")]

ADDS = notebook(answer("def add(a, b): return a + b"), check("assert add(1, 2) == 3", "adds"))


def graded(sandboxes, source=ADDS, **exercise):
    return grade(source, source, sandboxes=sandboxes, names=("add",), limits=QUICK, **exercise)


@pytest.fixture
def forked():
    opened = Forked()
    yield opened
    opened.close()


@pytest.fixture
def closed_to_forks(monkeypatch):
    """A host where a sandbox may make no user namespaces."""
    real = bubble.arguments
    monkeypatch.setattr(
        bubble, "arguments", lambda *given, **named: [*real(*given, **named), "--disable-userns"]
    )


def test_the_best_way_is_found_by_trying():
    opened = open_ways()
    try:
        assert opened.name == "fork"
        assert graded(opened).score == 1
    finally:
        opened.close()


def test_where_sandboxes_may_make_none_within_them_they_are_started_ahead(closed_to_forks, caplog):
    opened = open_ways()
    try:
        assert opened.name == "warm"
        assert "unshare" in caplog.text
        assert graded(opened).score == 1
    finally:
        opened.close()


def test_a_way_that_was_asked_for_is_not_replaced_by_another(closed_to_forks):
    opened = open_ways("fork")
    with pytest.raises(Unavailable, match="unshare"):
        graded(opened)
    opened.close()


def test_a_server_that_died_is_started_again(forked):
    assert graded(forked).score == 1
    before = forked.processes
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    while any(
        Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() for pid in before
    ):
        time.sleep(0.01)
    assert graded(forked).score == 1
    assert not set(before) & set(forked.processes)


def test_a_server_that_dies_while_a_notebook_runs_is_our_fault(forked):
    source = notebook(answer("import time\ntime.sleep(30)\ndef add(a, b): return 3"))
    assert graded(forked).score == 1
    threading.Timer(1.0, lambda: os.kill(_first(forked.processes[0]), signal.SIGKILL)).start()
    with pytest.raises(Unavailable, match="graded again"):
        graded(forked, source)


def test_terminals_are_of_the_job_alone(sandboxes):
    source = notebook(
        answer(
            "import os, time\ntime.sleep(1.5)\nmaster, slave = os.openpty()\nos.write(slave, b'mine')\n"
            "found = os.read(master, 4), os.listdir('/dev/pts'), os.stat('/dev/pts').st_dev\n"
            "def add(a, b): return found"
        ),
        check(
            "said, names, device = add(1, 2)\nassert said == b'mine' and len(names) == 2\nassert False, f'{device}'",
            "t",
        ),
    )
    with ThreadPoolExecutor(2) as both:
        reports = both.map(lambda _: graded(sandboxes, source), range(2))
    devices = {report.cells[0].message for report in reports}
    assert all(device.isdecimal() for device in devices), devices
    assert len(devices) == 2


def test_what_one_job_leaves_behind_the_next_does_not_find(sandboxes):
    leaves = """
import builtins, sys, os, random
builtins.left = sys.left = 1
os.environ['LEFT'] = '1'
open('/tmp/left', 'w').write('1'); open('/dev/shm/left', 'w').write('1')
for name in list(sys.modules):
    if name.startswith(('json', 'inside')): del sys.modules[name]
def add(a, b): return 3"""
    finds = """
import builtins, sys, os
found = [name for name, is_there in {
    'builtins': hasattr(builtins, 'left'), 'sys': hasattr(sys, 'left'), 'environment': 'LEFT' in os.environ,
    'tmp': os.path.exists('/tmp/left'), 'shm': os.path.exists('/dev/shm/left'), 'names': 'left' in globals(),
}.items() if is_there]
def add(a, b): return found"""
    source = notebook(answer(leaves), check("assert add(1, 2) == 3", "left"))
    assert graded(sandboxes, source).score == 1
    source = notebook(answer(finds), check("assert add(1, 2) == []", "found"))
    assert graded(sandboxes, source).score == 1


def test_the_first_cell_of_a_learner_is_the_first_cell(sandboxes):
    source = notebook(
        answer("history = [_, __, In[1:], sorted(Out)]\ndef add(a, b): return history"),
        check(
            "_, __, cells, results = add(1, 2)\nassert (_, __, len(cells), results) == ('', '', 1, [])",
            "first",
        ),
    )
    report = graded(sandboxes, source)
    assert report.score == 1, report
    assert report.executed["cells"][0]["execution_count"] == 1


def test_every_way_gives_the_same_report_for_the_same_seed():
    drawn = """
import random
print(random.random(), {'b', 'a', 'c'}, id)
def add(a, b): return a + b + random.random()"""
    source = notebook(
        answer(drawn), check("import random\nassert add(1, 2) == random.random(), f'{random.random()}'", "t")
    )
    reports = []
    for way in (Forked, Warm, Fresh):
        opened = way()
        reports.append(grade(source, source, sandboxes=opened, names=("add",), seed=11, limits=QUICK))
        opened.close()
    first, *others = ((report.cells, report.executed, report.notes) for report in reports)
    assert others == [first, first]


def test_many_gradings_at_once_leave_nothing_open(sandboxes):
    graded(sandboxes)
    time.sleep(1.5)  # what is started ahead is there again
    before = len(list(Path("/proc/self/fd").iterdir())), threading.active_count()
    reports = []
    threads = [
        threading.Thread(target=lambda: reports.extend(graded(sandboxes) for _ in range(4))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [report.score for report in reports] == [1] * 16
    deadline = time.monotonic() + 20
    while (
        len(list(Path("/proc/self/fd").iterdir())),
        threading.active_count(),
    ) != before and time.monotonic() < deadline:
        time.sleep(0.1)
    assert (len(list(Path("/proc/self/fd").iterdir())), threading.active_count()) == before


def test_servers_that_nobody_asked_lately_are_ended(forked, tmp_path, monkeypatch):
    monkeypatch.setattr(ways, "MOST_SERVERS", 2)
    for path in (tmp_path, *tmp_path.parents):
        if path.stat().st_uid == os.geteuid() and path != path.parent:
            path.chmod(path.stat().st_mode | 0o011)
    for number in range(4):
        module = tmp_path / f"machine{number}.py"
        module.write_text("x = 1")
        forked.pair(Profile(1, {module.stem: module})).end()
    assert len(forked.processes) == 4


@pytest.mark.parametrize("way", ["fork", "warm", "fresh"])
def test_nothing_outlives_a_grader_that_is_killed(way):
    """The learner's code, the fork-servers, and what was started ahead."""
    program = f"""
import sys
sys.path.insert(0, {str(REPOSITORY)!r})
from lms.labs.sandbox.ways import open_ways
from tests.sandbox.conftest import QUICK, answer, grade, notebook
from dataclasses import replace
print("starting", flush=True)
endless = notebook(answer("while True: pass"))
grade(endless, endless, sandboxes=open_ways({way!r}), limits=replace(QUICK, cpu_seconds=60, wall_seconds=60))
"""
    grader = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert grader.stdout.readline() == "starting\n"
    deadline = time.monotonic() + 30
    busy = []
    while not busy and time.monotonic() < deadline:
        time.sleep(0.2)
        busy = [pid for pid in tree(grader.pid) if pid != grader.pid and _cpu_ticks(pid) > 20]
    everything = [_identity(pid) for pid in tree(grader.pid)]
    assert busy
    grader.kill()
    grader.wait()
    grader.stdout.close()
    deadline = time.monotonic() + 10
    while (
        left := [pid for pid, started in everything if _identity(pid) == (pid, started)]
    ) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def _first(server):
    """The first process of its namespace: with it everything in there ends."""
    return next(pid for pid in tree(server) if int(_stat(pid)[1]) == server)


def _stat(pid):
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()


def _cpu_ticks(pid):
    try:
        return int(_stat(pid)[11])
    except (OSError, IndexError):
        return 0


def _identity(pid):
    """A process that has ended and that nobody waited for is gone, too."""
    try:
        found = _stat(pid)
    except (OSError, IndexError):
        return None
    return None if found[0] in "ZX" else (pid, found[19])
