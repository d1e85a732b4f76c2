"""Grading on a real Slurm, whatever becomes of its nodes, of its controller, of the dispatcher and of the tasks themselves."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest

from lms.labs.engines.cluster import Commands, Refused, Unreachable
from lms.labs.engines.rest import Rest
from lms.labs.files import executed
from tests.conftest import REPOSITORY, new_person, unavailable
from tests.slurm.little_cluster import LMS, PATH
from tests.steps import hand_in, notebook

pytestmark = [pytest.mark.slurm, pytest.mark.sandbox, pytest.mark.xdist_group("slurm")]
SPYING = """return a + b
import glob
for each in glob.glob('/proc/*/environ'):
    try:
        print('I saw', open(each, 'rb').read())
    except OSError:
        pass"""
SLOW = "return a + b\nimport time\ntime.sleep(2)"


def hand_in_several(yard, *answers):
    return [
        hand_in(yard.site, new_person(yard.site, f"P{number}"), notebook(answer))
        for number, answer in enumerate(answers)
    ]


def all_done(yard, submissions):
    return lambda: yard.states(submissions) == {"done"}


def begun(yard):
    return lambda: any(ticket.started_at for ticket in yard.tickets())


def test_an_array_is_graded_on_nodes_that_have_only_the_sites_address(yard):
    everything = hand_in_several(yard, "return a + b", "return a - b", "pass\nimport os\nos._exit(0)")
    dispatcher = yard.dispatcher()
    assert dispatcher.work_once()
    assert not dispatcher.work_once()
    yard.until(all_done(yard, everything), dispatcher)
    found = [yard.grading(each) for each in everything]
    assert [(each.outcome, each.score) for each in found] == [("graded", 6), ("graded", 0), ("crashed", 0)]
    assert all(each.delivery == 1 for each in found)
    assert [name for name, _at in found[0].phases] == ["queued", "graft", "run", "test"]
    with yard.site.database.reading() as session:
        assert b'"cells"' in executed(session, found[0].id)
    tickets = yard.tickets()
    assert len({ticket.batch for ticket in tickets}) == 1
    assert all(ticket.node in ("n1", "n2") for ticket in tickets)
    assert {ticket.trouble for ticket in tickets} == {""}


def test_what_everybody_on_the_cluster_and_the_notebook_itself_can_read_holds_no_token(yard, monkeypatch):
    tokens = []
    submit = Commands.submit
    monkeypatch.setattr(
        Commands,
        "submit",
        lambda self, array, asked: (tokens.extend(array.tokens), submit(self, array, asked)),
    )
    submissions = hand_in_several(yard, SLOW, SPYING)
    dispatcher = yard.dispatcher()
    yard.until(begun(yard), dispatcher)
    assert len(tokens) == 2
    shown = yard.cluster.run("scontrol", "-dd", "show", "job")
    shown += yard.cluster.run(
        "squeue", "--array", "-t", "all", "-O", "name:99,command:199,comment:199,stdout:199"
    )
    shown += subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    assert "grade-task" in shown
    yard.until(all_done(yard, submissions), dispatcher)
    shown += yard.told() + yard.cluster.logs()
    with yard.site.database.reading() as session:
        seen = executed(session, yard.grading(submissions[1]).id).decode()
    assert "I saw b'" in seen
    shown += seen
    assert not [token for token in tokens if token in shown]
    with yard.site.database.engine.connect() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM ticket").all())
    assert not [token for token in tokens if token in kept]


@pytest.mark.parametrize("lease", [2])
def test_a_task_that_falls_silent_is_replaced_and_cancelled_though_slurm_says_it_runs(yard):
    (submission,) = hand_in_several(yard, SLOW)
    dispatcher = yard.dispatcher()
    yard.until(lambda: begun(yard)() and yard.tasks(), dispatcher)
    for task, watcher in yard.tasks().items():
        for pid in (watcher, task):
            os.kill(pid, signal.SIGKILL)
    first = yard.tickets()[0].batch
    yard.until(lambda: yard.grading(submission).delivery == 2, dispatcher)
    yard.until(all_done(yard, [submission]), dispatcher)
    assert (yard.grading(submission).score, yard.grading(submission).delivery) == (6, 2)
    old = [each.state for each in Commands(LMS, yard.address).tasks() if each.batch == first]
    assert old != ["RUNNING"]


def test_what_ran_on_a_node_that_failed_is_submitted_again_before_its_lease_lapses(yard):
    (submission,) = hand_in_several(yard, SLOW)
    dispatcher = yard.dispatcher()
    yard.until(begun(yard), dispatcher)
    node = yard.tickets()[0].node
    yard.cluster.set_nodes("down", node)
    yard.until(all_done(yard, [submission]), dispatcher)
    graded, (first, second) = yard.grading(submission), yard.tickets()
    assert (graded.score, graded.delivery, graded.spared) == (6, 2, 0)
    assert "NODE_FAIL" in first.trouble
    assert node in first.trouble
    assert second.node != node


def test_a_task_that_slurm_puts_back_into_its_queue_is_submitted_anew(yard):
    (submission,) = hand_in_several(yard, SLOW)
    dispatcher = yard.dispatcher(asked={"options": ("--requeue", f"--output={yard.log}")})
    yard.until(begun(yard), dispatcher)
    (task,) = yard.in_slurm()
    yard.cluster.run("scontrol", "requeue", task.id)
    yard.until(lambda: len(yard.tickets()) == 2, dispatcher)
    yard.until(all_done(yard, [submission]), dispatcher)
    assert "back into its queue" in yard.tickets()[0].trouble
    assert yard.grading(submission).score == 6


@pytest.mark.parametrize("lease", [2])
def test_what_waits_in_slurms_queue_is_kept_however_long_and_whoever_dispatches(yard):
    """Longer than the lease, while one dispatcher is killed and another comes."""
    submissions = hand_in_several(yard, "return a + b", "return a + b")
    yard.cluster.set_nodes("drain")
    environment = {
        **yard.cluster.environment,
        "LMS_ENGINE": "slurm",
        "LMS_SLURM_SITE": yard.address,
        "LMS_DATABASE_URL": yard.site.settings.url,
        "LMS_VAR": str(yard.site.settings.var),
        "LMS_LEASE_SECONDS": "2",
    }
    killed = subprocess.Popen(
        [sys.executable, "-m", "lms.cli.main", "worker"], cwd=REPOSITORY, env=environment
    )
    deadline = time.monotonic() + 20
    while len(yard.in_slurm()) < 2:
        assert time.monotonic() < deadline
        assert killed.poll() is None
        time.sleep(0.1)
    killed.kill()
    killed.wait()
    time.sleep(2.5)  # both leases have lapsed, and nobody was there to see it
    another = yard.dispatcher(name="another")
    started = time.monotonic()
    yard.until(lambda: time.monotonic() > started + 3, another)
    waiting = [yard.grading(each) for each in submissions]
    assert [(each.state, each.delivery) for each in waiting] == [("running", 1)] * 2
    yard.cluster.set_nodes("resume")
    yard.until(all_done(yard, submissions), another)
    assert [yard.grading(each).score for each in submissions] == [6, 6]


def test_a_dispatcher_that_is_stopped_takes_back_what_has_not_begun_and_leaves_the_rest(yard):
    yard.cluster.set_nodes("drain", "n2")
    (slow,) = hand_in_several(yard, SLOW)
    dispatcher = yard.dispatcher(asked={"options": ("--exclusive",)})
    yard.until(begun(yard), dispatcher)
    waiting = hand_in(yard.site, new_person(yard.site, "Eve"))
    assert dispatcher.work_once()
    thread = threading.Thread(target=dispatcher.run)
    thread.start()
    dispatcher.stop()
    thread.join(20)
    assert not thread.is_alive()
    assert (yard.grading(waiting).state, yard.grading(waiting).spared) == ("queued", 1)
    deadline = time.monotonic() + 20
    while yard.grading(slow).state != "done":
        assert time.monotonic() < deadline, yard.told()
        time.sleep(0.1)
    yard.until(all_done(yard, [waiting]), yard.dispatcher(name="next"))
    assert yard.grading(slow).delivery == 1


def test_what_slurm_refuses_goes_back_with_slurms_own_words_and_costs_nothing(yard):
    (submission,) = hand_in_several(yard, "return a + b")
    wrong = yard.dispatcher(asked={"partition": "nowhere"})
    assert not wrong.work_once()
    refused = yard.grading(submission)
    assert (refused.state, refused.delivery, refused.spared) == ("queued", 1, 1)
    assert "invalid partition specified: nowhere" in yard.tickets()[0].trouble
    assert not wrong.work_once()
    assert len(yard.tickets()) == 1, "it waits before it asks again"
    yard.until(all_done(yard, [submission]), yard.dispatcher())
    assert yard.grading(submission).score == 6


def test_a_controller_that_is_away_is_waited_for(yard, monkeypatch):
    monkeypatch.setattr("lms.labs.engines.cluster.COMMAND_SECONDS", 1)
    (submission,) = hand_in_several(yard, "return a + b")
    dispatcher = yard.dispatcher()
    yard.cluster.control_down()
    try:
        assert not dispatcher.work_once()
        with pytest.raises(Unreachable):
            Commands(LMS, yard.address).tasks()
    finally:
        yard.cluster.control_up()
    assert yard.grading(submission).state == "queued"
    assert not dispatcher.work_once(), "it waits before it asks again"
    yard.until(all_done(yard, [submission]), yard.dispatcher(name="next"))
    assert yard.grading(submission).score == 6


def test_a_host_without_slurms_commands_is_told_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused, match="squeue is not installed here"):
        Commands(LMS, "http://127.0.0.1:1").tasks()


@pytest.fixture
def slurmrestd(cluster):
    """The socket of one, or a skip."""
    if shutil.which("slurmrestd", path=PATH) is None:
        unavailable("no slurmrestd is installed (apt install slurmrestd)")
    path = cluster.folder / "rest.sock"
    process = subprocess.Popen(
        [
            "slurmrestd",
            "-f",
            str(cluster.conf),
            "-a",
            "rest_auth/local",
            "-s",
            "openapi/v0.0.38",
            f"unix:{path}",
        ],
        env={**cluster.environment, "SLURMRESTD_SECURITY": "disable_user_check"},  # tests may run as root
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 10
    while not path.exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield path
    process.terminate()
    process.wait(10)


def test_slurmrestd_does_instead_of_slurms_commands(yard, slurmrestd):
    rest = Rest(slurmrestd, LMS, yard.address)
    graded = hand_in_several(yard, "return a + b", "return a - b")
    dispatcher = yard.dispatcher(cluster=rest)
    yard.until(all_done(yard, graded), dispatcher)
    assert [(each.score, each.delivery) for each in map(yard.grading, graded)] == [(6, 1), (0, 1)]

    wrong = yard.dispatcher(cluster=rest, asked={"partition": "nowhere"})
    waiting = [hand_in(yard.site, new_person(yard.site, name)) for name in ("Eve", "Mallory")]
    assert not wrong.work_once()
    assert "Invalid partition name specified" in yard.tickets()[-1].trouble

    yard.cluster.set_nodes("drain")
    stopped = yard.dispatcher(name="stopped", cluster=rest)
    assert stopped.work_once()
    assert [(task.stage, task.number) for task in yard.in_slurm(rest)] == [("waiting", 0), ("waiting", 1)]
    stopped.stop()
    stopped.run()
    assert yard.states(waiting) == {"queued"}
    assert {task.stage for task in yard.in_slurm(rest)} <= {"ended"}


def test_a_socket_without_slurmrestd_is_waited_for(tmp_path):
    with pytest.raises(Unreachable, match="does not answer"):
        Rest(tmp_path / "nothing", LMS, "http://127.0.0.1:1").tasks()
