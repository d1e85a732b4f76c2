"""For `lms doctor`: whether labs can be proved on Slurm here, by doing it."""

import time

from lms.content.machine import Machine, NodeKind, Partition
from lms.content.model import SlurmRun
from lms.errors import Unavailable
from lms.labs.sandbox.probe import Check

from .ask import ask
from .play import play
from .present import missing

NAME = "Slurm for labs"
SMALL = Machine(
    id="probe",
    title="A machine to try with",
    invented=True,
    checked_on="2026-11-25",
    sources=(),
    unverified=(),
    account="probe_N",
    time_limit_required=True,
    nodes=(NodeKind("gpu", "p[1-9]", 9, 8, 1, 16_384, 4, ""),),
    partitions=(Partition("probe", ("gpu",), 60, None, whole_nodes=False, default=True),),
)
SCRIPT = """\
#!/bin/bash
#SBATCH --account=probe_1 --nodes=2 --ntasks-per-node=1 --gpus-per-node=4 --time=1
srun echo works
"""


def slurm_check() -> Check:
    """Advice rather than a failure where it cannot be: labs grade without it, and say that the rung was not tried."""
    if absent := missing():
        return Check(NAME, good=None, text=f"labs are graded, and not proved on Slurm. {absent}")
    started = time.perf_counter()
    try:
        answer = ask(SMALL, SCRIPT)
        asked = time.perf_counter()
        played = play(SMALL, SlurmRun(), SCRIPT, {}, seed=0)
    except Unavailable as refusal:
        return Check(NAME, good=None, text=f"labs are graded, and not proved on Slurm. {refusal.message}")
    job = played.claims["job"]
    if not answer.accepted or job is None or job["log"].count("works") != 2:
        text = f"a good script did not run: {answer.words or played.ended or played.claims['words']}"[:300]
        return Check(NAME, good=None, text=text)
    took = time.perf_counter() - asked
    return Check(
        NAME,
        good=True,
        text=f"a script judged in {(asked - started) * 1000:.0f} ms, run on two nodes in {took:.1f} s",
    )
