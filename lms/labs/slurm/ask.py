"""`sbatch --test-only` for a learner's script, answered by a lone slurmctld that knows the machine, in Slurm's own words.

Nothing of the script runs there: sbatch reads it, the controller judges the request. So the answer is a fact, and no claim.
"""

from dataclasses import dataclass

from lms.content.machine import Machine
from lms.content.model import Limits
from lms.errors import Unavailable
from lms.labs.sandbox.host import this_host

from . import sandbox
from .machine import PORT, described
from .present import missing

SCRIPT = "script.sh"
# A machine of LUMI's size takes a second and forty megabytes of it.
LIMITS = Limits(cpu_seconds=20, wall_seconds=30, memory_mb=512, processes=128, disk_mb=32)


@dataclass(frozen=True)
class Answer:
    """`code` is sbatch's exit code (124: it had to be stopped), `words` what it printed."""

    accepted: bool
    code: int
    words: str


def ask(machine: Machine, script: str) -> Answer:
    """What the machine's Slurm says of `script`. Raise `Unavailable` where there is no Slurm, or it does not come up."""
    return told(machine, script)[0]


def told(machine: Machine, script: str) -> tuple[Answer, sandbox.Told]:
    """The answer, and what it cost."""
    if absent := missing():
        raise Unavailable(absent)
    job = {"conf": described(machine), "nodes": [], "port": PORT, "seed": 0, "ask": SCRIPT, "plan": None}
    done = sandbox.run(this_host(), job, {f"work/{SCRIPT}": script.encode()}, LIMITS, gpus=0)
    said = done.facts.get("asked")
    if not isinstance(said, dict):
        why = done.facts.get("not ready") or done.ended or done.complaint[-500:]
        raise Unavailable(f"The Slurm of {machine.id} did not answer ({why}). Run: lms doctor")
    return Answer(said["accepted"] is True, int(said["code"]), str(said["words"])), done
