"""A real Slurm in a sandbox: what it says of a script, what the script does on it, and what a hostile script cannot do.

Where Slurm is missing these tests are skipped with the reason, unless LMS_TEST_STRICT=1.
"""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from lms.content.gathering import Gathering
from lms.content.machines import read_machines
from lms.content.model import SlurmRun, SlurmSignal
from lms.content.tree import Tree
from lms.labs.slurm import play as playing
from lms.labs.slurm import probe
from lms.labs.slurm.ask import ask, told
from lms.labs.slurm.play import play
from lms.labs.slurm.present import missing

pytestmark = pytest.mark.sandbox

MACHINES = read_machines(Tree.from_folder(Path(__file__).parents[2]).files, Gathering())
BOREAS = MACHINES["boreas"]
GOOD = "-A project_465000042 -p small-g -N1 --gpus-per-node=4 --ntasks-per-node=4 -c14 --mem=400G -t 2:00:00"
RUN = SlurmRun(seconds=20)


@pytest.fixture(autouse=True)
def slurm():
    if absent := missing():
        pytest.fail(absent) if os.environ.get("LMS_TEST_STRICT") == "1" else pytest.skip(absent)


def script(options, commands="hostname"):
    return f"#!/bin/bash\n#SBATCH {options}\n{commands}\n"


def job(commands, options="-A project_465000042 -p small-g -N1 -t 1 --mem=1G", run=RUN, **files):
    played = play(
        BOREAS, run, script(options, commands), {name: text.encode() for name, text in files.items()}, seed=1
    )
    return played, played.claims.get("job")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (GOOD.replace("small-g", "gpu"), "invalid partition specified: gpu"),
        (GOOD.replace("400G", "481G"), "Requested node configuration is not available"),
        (GOOD.replace("-c14", "-c15"), "Requested node configuration is not available"),
        (GOOD.replace("node=4 ", "node=5 ", 1), "Requested node configuration is not available"),
        (GOOD.replace("2:00:00", "2-0"), "Requested time limit is invalid (missing or exceeds some limit)"),
        (GOOD.replace("-N1", "-N5"), "Node count specification invalid"),
        (GOOD.replace("-t 2:00:00", ""), "a time limit is required"),
        (GOOD.replace("-A project_465000042", ""), "an account like project_465000NNN is required"),
        (GOOD.replace("-A project_465000042", "-A mine"), "Invalid account or account/partition combination"),
        (GOOD.replace("2:00:00", "2h"), "Invalid --time specification"),
        (f"{GOOD} --nope=3", "unrecognized option '--nope=3'"),
    ],
)
def test_slurm_refuses_in_its_own_words_what_the_machine_does_not_have(options, words):
    answer = ask(BOREAS, script(options))
    assert not answer.accepted
    assert words in answer.words


def test_slurm_says_when_a_good_script_would_start():
    answer = ask(BOREAS, script(GOOD))
    assert answer.accepted
    assert answer.words.startswith("sbatch: Job 1 to start at ")
    assert answer.words.endswith("using 56 processors on nodes nid001001 in partition small-g")


def test_a_script_that_is_none_is_refused_as_slurm_refuses_it():
    assert "This does not look like a batch script" in ask(BOREAS, "hostname\n").words
    assert "DOS line breaks" in ask(BOREAS, script(GOOD).replace("\n", "\r\n")).words


def test_nothing_of_a_script_runs_when_it_is_only_asked_about():
    before = time.monotonic()
    assert ask(BOREAS, script(GOOD, "sleep 60")).accepted
    assert time.monotonic() - before < 15


def test_a_machine_of_lumis_size_answers_in_a_small_sandbox():
    lumi = MACHINES["lumi-g"]
    answer, done = told(lumi, script("-p standard-g -N 1000 --gpus-per-node=8 -t 60"))
    assert answer.accepted
    assert "in partition standard-g" in answer.words
    assert done.memory_bytes < 128 << 20
    assert not ask(lumi, script("-p standard-g -N 1025 -t 60")).accepted


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_every_shipped_machine_comes_up_and_refuses_a_partition_it_does_not_have(name):
    assert (
        "invalid partition specified: nowhere"
        in ask(MACHINES[name], script("-A project_465000042 -p nowhere -t 1")).words
    )


def test_a_job_runs_on_two_nodes_with_four_gpus_each():
    options = "-A project_465000042 -p small-g -N2 --ntasks-per-node=1 --gpus-per-node=4 --mem=1G -t 1 -o out-%j.txt"
    commands = "srun bash -c 'echo rank $SLURM_PROCID on $SLURMD_NODENAME sees $CUDA_VISIBLE_DEVICES'"
    played, done = job(commands, options, replace(RUN, outputs=("out-1.txt",)))
    assert (done["state"], done["exit_code"], played.ended) == ("COMPLETED", "0:0", "")
    assert sorted(line for line in done["log"].splitlines() if line.startswith("rank")) == [
        "rank 0 on n1 sees 0,1,2,3",
        "rank 1 on n2 sees 0,1,2,3",
    ]
    assert played.claims["files"]["out-1.txt"] == done["log"]
    assert "JobState=COMPLETED" in played.claims["accounting"][0]


def test_a_signal_is_sent_at_a_word_of_the_log_and_a_requeued_job_is_not_held_back():
    commands = """
trap 'echo saved; touch saved; scontrol requeue $SLURM_JOB_ID' USR1
if [ -e saved ]; then echo resumed; exit 0; fi
echo working
sleep 100 & wait"""
    options = "-A project_465000042 -p small-g -N1 -t 2 --mem=1G --requeue --open-mode=append"
    run = replace(RUN, signals=(SlurmSignal("working", "USR1"),), seconds=40)
    _, done = job(commands, options, run)
    assert (done["state"], done["restarts"], done["signals"]) == ("COMPLETED", 1, ["USR1"])
    words = [line for line in done["log"].splitlines() if line in ("working", "saved", "resumed")]
    assert words == ["working", "saved", "resumed"]
    assert next(state for state, _, _ in done["states"]) == "PENDING"


def test_files_of_the_lab_lie_beside_the_script_and_python_is_there():
    _, done = job("python train.py", **{"train.py": "print(6 * 7)"})
    assert done["log"].splitlines()[-1] == "42"


def test_a_scene_is_told_before_a_line_of_the_learners_runs():
    scene = """
id=$(sbatch --parsable -A project_465000001 -p cpu -t 1 --mem=100M --wrap 'exit 3')
for i in $(seq 100); do scontrol show job $id | grep -q FAILED && break; sleep 0.1; done
echo $id PROGRAM
"""
    diagnose = "#!/bin/bash\nscontrol show job $1 | grep -q ExitCode=3:0 && echo PROGRAM\n"
    played = play(BOREAS, replace(RUN, scene=scene, command=True), diagnose, {}, seed=1)
    assert played.claims["scene"] == [["1", "PROGRAM"]]
    assert played.claims["answers"] == {"1": {"code": 0, "words": "PROGRAM"}}


def test_the_doctor_tries_it_and_tells_how_to_get_it(monkeypatch):
    found = probe.slurm_check()
    assert (found.good, found.name) == (True, "Slurm for labs"), found.text
    monkeypatch.setattr(
        probe, "missing", lambda: "Slurm is not installed here. Install it: apt install slurm-wlm"
    )
    found = probe.slurm_check()
    assert found.good is None
    assert "apt install slurm-wlm" in found.text


# Hostile scripts: each does its worst, and the sandbox around the cluster holds.


def test_a_fork_bomb_in_a_job_is_stopped(monkeypatch):
    monkeypatch.setattr(playing, "AROUND_SECONDS", 5)
    played, _ = job("bomb() { bomb | bomb & }; bomb; sleep 20", run=replace(RUN, seconds=5))
    assert played.seconds < 20


def test_a_job_reaches_no_network():
    commands = """
for address in 169.254.169.254:80 1.1.1.1:443 10.0.0.1:22; do
    timeout 3 bash -c "exec 3<>/dev/tcp/${address%:*}/${address#*:}" 2>&1 && echo REACHED
done
cat /proc/net/route | wc -l; ls /sys/class/net 2>/dev/null; echo finished"""
    _, done = job(commands)
    assert "finished" in done["log"]
    assert "REACHED" not in done["log"]
    assert "Network is unreachable" in done["log"]


def test_a_job_cannot_fill_the_machines_memory_with_files():
    _, done = job(
        "for place in /box /tmp /dev /dev/shm / /etc /usr; do head -c 3G /dev/zero > $place/fill 2>&1; done; du -sm /box"
    )
    played, done = job("head -c 3G /dev/zero > fill; ls -s fill; echo more > more && echo written")
    assert played.memory_bytes < (playing.MEMORY_MB + 64) << 20
    assert done is None or "written" not in done["log"]


def test_a_job_that_takes_too_much_memory_is_ended():
    commands = "python -c 'keep = [bytearray(1 << 20) for _ in range(4000)]; print(*[\"all\", len(keep)])'"
    options = "-A project_465000042 -p small-g -N1 -t 1 --mem=400G"
    played, done = job(commands, options)
    assert played.memory_bytes < (playing.MEMORY_MB + 200) << 20
    assert done is None or "all 4000" not in done["log"]


def test_a_job_sees_nothing_of_the_host_and_is_root_of_nothing():
    commands = """
cat /etc/shadow 2>&1; ls /home /root /work 2>&1; mount -t tmpfs none /mnt 2>&1; chown 1000 /box/work 2>&1
unshare -U true 2>&1; grep CapEff /proc/self/status; ps ax | wc -l"""
    _, done = job(commands)
    assert "root:" not in done["log"]
    assert "CapEff:\t0000000000000000" in done["log"]
    assert done["log"].count("No such file or directory") >= 3


def test_killing_the_controller_ends_the_cluster_and_nothing_else():
    before = time.monotonic()
    _played, done = job("pkill -9 slurmctld; pkill -9 slurmd; sleep 1", run=replace(RUN, seconds=8))
    assert done is None or done["state"] != "COMPLETED"
    assert time.monotonic() - before < 60
    again, done = job("echo fine")
    assert done["state"] == "COMPLETED"
    assert again.ended == ""


def test_killing_everything_is_told_as_what_it_is():
    played, done = job("kill -9 -1")
    assert done is None
    assert played.ended.startswith("the cluster ended in the middle of the job")


def test_forged_accounts_stay_claims_and_cannot_rewrite_what_was_told_before():
    """The job shares the daemons' user, so it can write what it likes into their records. What the author's scene said stands."""
    run = replace(RUN, scene="echo 7 PROGRAM", command=True)
    forger = "#!/bin/bash\necho 'JobId=1 JobState=COMPLETED ExitCode=0:0 forged' >> /box/.slurm/jobcomp.txt\n"
    played = play(BOREAS, run, forger, {}, seed=1)
    assert any("forged" in line for line in played.claims["accounting"])
    # Their word on every pipe there is: ours among them, and those by which the daemons live, which may be the end of the cluster.
    louder = """#!/bin/bash
for fd in /proc/[0-9]*/fd/*; do [ -p $fd ] && echo '["scene", [["7", "FORGED"]]]' > $fd; done 2>/dev/null
echo FORGED"""
    assert play(BOREAS, run, louder, {}, seed=1).claims["scene"] == [["7", "PROGRAM"]]


def test_nonsense_on_every_pipe_is_not_believed_and_not_kept():
    flood = """
for fd in /proc/[0-9]*/fd/*; do [ -p $fd ] && (yes '["followed", {"job": {"state": 7, "log": [1]}}]' > $fd &) ; done 2>/dev/null
sleep 20"""
    played, done = job(flood, run=replace(RUN, seconds=8))
    assert done is None or isinstance(done["state"], str)
    assert played.memory_bytes < (playing.MEMORY_MB + 200) << 20
