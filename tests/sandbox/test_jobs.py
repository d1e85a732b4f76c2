"""Two notebooks on one machine, at once or one after the other, know nothing of each other: in every way of getting sandboxes."""

import threading
import time

import pytest

from tests.sandbox.attacks import FIND, LEAVE, OTHER_JOBS, TOOLS, VICTIM
from tests.sandbox.conftest import Exam, run_cells
from tests.sandbox.forgeries import RIGHT

# One process runs them all: without namespaces a notebook would find the victim of another test.
pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("victims")]
BESIDE = {attack.what: attack for attack in OTHER_JOBS}


def beside_a_victim(cells, seconds, **options):
    """What each of the attacker's cells printed while a victim ran, and what the victim printed in the end."""
    said = []
    victim = VICTIM.replace("{seconds}", str(seconds))
    thread = threading.Thread(target=lambda: said.extend(run_cells(TOOLS, victim, **options)[0]))
    thread.start()
    time.sleep(seconds / 4)
    found, _ = run_cells(TOOLS, *cells, **options)
    thread.join()
    return found[1:], said[1]


@pytest.fixture(scope="session")
def tried(sandboxes):
    return beside_a_victim([attack.code for attack in OTHER_JOBS], 6, sandboxes=sandboxes)


@pytest.mark.parametrize("what", BESIDE)
def test_a_notebook_reaches_no_other_that_runs_beside_it(tried, what):
    came, victim = tried
    assert "WORKED" not in came[list(BESIDE).index(what)]
    assert victim == "undisturbed\n"


@pytest.mark.parametrize("what", BESIDE)
def test_without_the_guard_it_would(without, what):
    without(*BESIDE[what].guards)
    (came,), _ = beside_a_victim([BESIDE[what].code], 6)
    assert "WORKED" in came


def test_nothing_of_one_notebook_is_left_for_the_next(sandboxes):
    run_cells(TOOLS, LEAVE, sandboxes=sandboxes)
    (_, found), _ = run_cells(TOOLS, FIND, sandboxes=sandboxes)
    assert found == "[]\n"


def test_everything_of_one_would_be_there_where_notebooks_share_a_process():
    (_, _, found), _ = run_cells(TOOLS, LEAVE, FIND)
    assert found.strip() == str(
        ["/box", "/tmp", "/dev/shm", "module", "builtins", "environment", "signals", "process"]
    )


def test_a_notebook_holds_its_job_its_errors_its_line_to_the_tests_and_no_other_descriptor(sandboxes):
    (_, said), _ = run_cells(
        TOOLS,
        """
numbers = [name for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{name}")]
kinds = [os.readlink(f"/proc/self/fd/{name}").partition(":")[0] for name in numbers]
print(sorted({kind for kind in kinds if '(deleted)' not in kind}), kinds.count('socket'))""",
        sandboxes=sandboxes,
    )
    assert said == "['/dev/null', 'pipe', 'socket'] 1\n"


def test_chance_differs_between_notebooks_and_what_is_seeded_follows_the_seed(sandboxes):
    draw = "import random, secrets, uuid\nprint(secrets.token_hex(8), uuid.uuid4(), random.random())"
    drawn = [run_cells(TOOLS, draw, sandboxes=sandboxes, seed=seed)[0][1].split() for seed in (1, 1, 2)]
    (secret, name, seeded), (secret_2, name_2, seeded_2), (_, _, seeded_3) = drawn
    assert (secret, name) != (secret_2, name_2)
    assert seeded == seeded_2 != seeded_3


def test_a_notebook_that_kills_all_it_can_harms_itself_alone(sandboxes):
    run_cells(
        TOOLS,
        "for pid in (1, os.getppid(), *others(), -1):\n    try: os.kill(pid, 9)\n    except OSError: pass",
        sandboxes=sandboxes,
    )
    assert Exam(sandboxes).grade(RIGHT).score == 4


def test_processes_of_one_notebook_do_not_count_for_another(sandboxes):
    many = """
made = 0
try:
    for _ in range(30):
        if os.fork() == 0: time.sleep(60)
        made += 1
except OSError: pass
time.sleep(1.5)
print(made)"""
    said = []
    threads = [
        threading.Thread(target=lambda: said.append(run_cells(TOOLS, many, sandboxes=sandboxes)[0][1]))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == ["30\n", "30\n"]
