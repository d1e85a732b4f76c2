"""Whether this host has the Slurm that the rung needs. It has to lie below /usr, which is all of the host that a sandbox sees."""

import shutil
from functools import cache
from pathlib import Path

DAEMONS = ("slurmctld", "slurmd", "slurmstepd")
COMMANDS = ("sbatch", "srun", "scontrol", "scancel", "squeue", "sinfo")
ADVICE = "Install it: apt install slurm-wlm (its services need not run; disable them with systemctl disable slurmctld slurmd)."


@cache
def missing() -> str:
    """A sentence on what is not there and how to get it; nothing where everything is."""
    absent = [name for name in (*DAEMONS, *COMMANDS) if not _below_usr(name)]
    return f"Slurm is not installed here ({', '.join(absent)}). {ADVICE}" if absent else ""


def _below_usr(name: str) -> bool:
    found = shutil.which(name, path="/usr/sbin:/usr/bin")
    return found is not None and Path(found).resolve().is_relative_to("/usr")
