"""Slurm, spoken to with its own commands: submit an array, ask what became of its tasks, cancel some.

Everybody on a cluster may read a job's name, command line, comment and paths (`scontrol show job`); its environment and script only their
owner. So tokens travel in the environment alone: not in the script, which `sacct` may keep, nor in an argument, which `ps` shows.
"""

import os
import re
import shlex
import subprocess
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from lms.errors import Unavailable

from .node import SITE, TOKENS

PREFIX = "slipway-"
CARRIED = ("PATH", "HOME", "USER", "SLURM_CONF", "SSL_CERT_FILE")
COMMAND_SECONDS = 20
_UNREACHABLE = re.compile(
    r"unable to contact|connection (refused|timed out|reset)|socket timed out|zero bytes were transmitted|standby mode"
    r"|temporarily unable|temporarily unavailable|configuration source|unable to process configuration",
    re.IGNORECASE,
)
_WAITING = {
    "PENDING",
    "CONFIGURING",
    "REQUEUED",
    "REQUEUE_FED",
    "REQUEUE_HOLD",
    "SPECIAL_EXIT",
    "RESV_DEL_HOLD",
}
_ENDED = {
    "BOOT_FAIL",
    "CANCELLED",
    "COMPLETED",
    "DEADLINE",
    "FAILED",
    "NODE_FAIL",
    "OUT_OF_MEMORY",
    "PREEMPTED",
    "REVOKED",
    "TIMEOUT",
}

Stage = Literal["waiting", "running", "ended"]


class Unreachable(Unavailable):
    """The controller does not answer: nothing is known, and nothing is lost by waiting."""


class Refused(Unavailable):
    """Slurm will not have the array, and says why. Asking again without changing something is of little use."""


@dataclass(frozen=True)
class Asked:
    """What each task of an array asks of the cluster. `options` are sbatch's own, after ours, so that they win; `avoid` are nodes."""

    partition: str = ""
    account: str = ""
    minutes: int = 10
    memory_mb: int = 1024
    options: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()


@dataclass(frozen=True)
class Array:
    """A batch of gradings to submit: its public name and a token for each task, 0, 1, 2, …"""

    batch: str
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class SlurmTask:
    """A task as Slurm sees it. `batch` and `number` are ours, `id` is Slurm's: "1234_7". `state` is Slurm's word, `node` may be empty."""

    batch: str
    number: int
    id: str
    state: str
    node: str = ""

    @property
    def stage(self) -> Stage:
        """Whatever Slurm calls it: a state this does not know (COMPLETING, SUSPENDED, STAGE_OUT, …) has begun and is not over."""
        return "waiting" if self.state in _WAITING else "ended" if self.state in _ENDED else "running"


class Cluster(Protocol):
    """What the dispatcher needs of Slurm. All raise Unreachable when the controller does not answer."""

    def submit(self, array: Array, asked: Asked) -> None:
        """Raises Refused with Slurm's own words. After Unreachable the array may have been submitted, or not: `tasks` will tell."""

    def tasks(self) -> list[SlurmTask]:
        """Every task of this user's grading arrays that Slurm remembers."""

    def cancel(self, tasks: Collection[SlurmTask], *, waiting_only: bool = False) -> None:
        """End them; with `waiting_only` those that have not begun by the time Slurm reads this."""


@dataclass(frozen=True)
class Commands:
    """sbatch, squeue and scancel of this host. `lms` is the program on the nodes, `site` the address by which they reach us."""

    lms: Path
    site: str

    def submit(self, array: Array, asked: Asked) -> None:
        self._run(
            [
                "sbatch",
                "--parsable",
                "--export=ALL",  # the little there is: a list of names would have each node run a login shell first
                "--output=/dev/null",
                "--chdir=/",
                "--no-requeue",  # we resubmit, with a new token
                "--ntasks=1",
                f"--job-name={PREFIX}{array.batch}",
                f"--array=0-{len(array.tokens) - 1}",
                f"--time={asked.minutes}",
                f"--mem={asked.memory_mb}M",
                *([f"--partition={asked.partition}"] if asked.partition else ()),
                *([f"--account={asked.account}"] if asked.account else ()),
                *([f"--exclude={','.join(asked.avoid)}"] if asked.avoid else ()),
                *asked.options,
            ],
            script=script(self.lms),
            extra={SITE: self.site, TOKENS: " ".join(array.tokens)},
        )

    def tasks(self) -> list[SlurmTask]:
        told = self._run(
            [
                "squeue",
                "--noheader",
                "--array",
                "--states=all",
                f"--user={os.geteuid()}",
                "--format=%j|%F|%K|%T|%N",
            ]
        )
        return [task for line in told.splitlines() if (task := _task(line)) is not None]

    def cancel(self, tasks: Collection[SlurmTask], *, waiting_only: bool = False) -> None:
        if tasks:
            only = ["--state=PENDING"] if waiting_only else []
            self._run(["scancel", "--quiet", *only, *(task.id for task in tasks)])

    def _run(
        self, command: Sequence[str], script: str | None = None, extra: Mapping[str, str] | None = None
    ) -> str:
        # Slurm carries this environment to the node: none of our settings, secrets among them, belongs there.
        kept = {name: os.environ[name] for name in CARRIED if name in os.environ}
        try:
            done = subprocess.run(  # noqa: S603 - our own commands, no shell
                command,
                input=script,
                capture_output=True,
                text=True,
                timeout=COMMAND_SECONDS,
                check=False,
                env={"LANG": "C.UTF-8", **kept, **(extra or {})},
            )
        except FileNotFoundError:
            raise Refused(
                f"{command[0]} is not installed here: LMS_ENGINE=slurm needs Slurm's client commands on this host."
            ) from None
        except subprocess.TimeoutExpired:
            raise Unreachable(f"{command[0]} did not answer within {COMMAND_SECONDS} seconds.") from None
        if done.returncode == 0:
            return done.stdout
        said = " ".join(done.stderr.split())[:400] or f"{command[0]} ended with status {done.returncode}"
        raise (Unreachable if _UNREACHABLE.search(said) else Refused)(said)


def script(lms: Path) -> str:
    """What every task runs. Each finds its own token by its number."""
    return f"#!/bin/sh\nexec {shlex.quote(str(lms))} grade-task\n"


def _task(line: str) -> SlurmTask | None:
    """A line of squeue, if it is a task of ours."""
    name, array, number, state, node = (*line.split("|"), "", "", "", "")[:5]
    if not name.startswith(PREFIX) or not number.isdecimal():
        return None
    return SlurmTask(name.removeprefix(PREFIX), int(number), f"{array}_{number}", state, node)
