"""A learner's job script, really run: on two nodes that exist for as long as it takes, with GPUs that are none.

Their job runs as the user of Slurm's daemons, so whatever is found afterwards, states and restarts included, is the learner's claim.
Only the author's `scene` is older than any line of theirs, and is told before one runs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lms.content.machine import Machine
from lms.content.model import Limits, SlurmRun
from lms.errors import Unavailable
from lms.labs.sandbox.host import this_host

from . import sandbox
from .machine import NODES, PORT, node_of, small
from .present import missing

MEMORY_MB = 768
PROCESSES = 256
DISK_MB = 96
# To come up, to prepare the scene, and to read what is left.
AROUND_SECONDS = 90
MAX_TEXT = 64_000
MAX_LINES = 200

_ENDINGS = {
    "": "",
    "cpu": "the job was stopped: it computed longer than a lab's cluster may",
    "wall": "the job was stopped: it took longer than a lab's cluster exists",
    "memory": "the job was stopped: it needed more memory than a lab's cluster has",
    "output": "the job was stopped: it wrote more than a lab's cluster keeps",
    "crashed": "the cluster ended in the middle of the job: does the job end processes that it did not start?",
}


@dataclass(frozen=True)
class Played:
    """`claims` are plain data of known shapes; `ended` is a sentence for the learner, "" when all went its way."""

    claims: Mapping[str, Any] = field(default_factory=dict)
    ended: str = ""
    seconds: float = 0.0
    memory_bytes: int = 0


def play(machine: Machine, plan: SlurmRun, script: str, files: Mapping[str, bytes], *, seed: int) -> Played:
    """Raise `Unavailable` where there is no Slurm, or it does not come up before a line of the learner's runs."""
    if absent := missing():
        raise Unavailable(absent)
    name = "job.sh"
    job = {
        "conf": small(machine),
        "nodes": list(NODES),
        "port": PORT,
        "seed": seed,
        "ask": "",
        "plan": {
            "script": name,
            "folders": list(plan.folders),
            "scene": plan.scene,
            "command": plan.command,
            "signals": [{"when": each.when, "signal": each.signal} for each in plan.signals],
            "outputs": list(plan.outputs),
            "seconds": plan.seconds,
        },
    }
    laid = {f"work/{each}": content for each, content in files.items()} | {f"work/{name}": script.encode()}
    limits = Limits(
        cpu_seconds=plan.seconds + AROUND_SECONDS,
        wall_seconds=plan.seconds + AROUND_SECONDS,
        memory_mb=MEMORY_MB,
        processes=PROCESSES,
        disk_mb=DISK_MB,
    )
    told = sandbox.run(this_host(), job, laid, limits, gpus=node_of(machine).gpus)
    if "up" not in told.facts or "not ready" in told.facts:
        why = told.facts.get("not ready") or told.ended or told.complaint[-500:]
        raise Unavailable(f"The cluster of this lab did not come up ({why}). Run: lms doctor")
    return Played(claims(told.facts), _ENDINGS[told.ended], told.seconds, told.memory_bytes)


def claims(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What the cluster told, in shapes that a test may rely on; whatever has another shape was not told."""
    followed = _dict(facts.get("followed"))
    job = _dict(followed.get("job"))
    return {
        "submitted": followed.get("submitted") is True,
        "words": _text(followed.get("words")),
        "job": _job(job) if job else None,
        "scene": [
            [_text(each[0]), _text(each[1])]
            for each in _list(facts.get("scene"))
            if isinstance(each, list) and len(each) == 2
        ],
        "answers": {
            _text(key): {"code": _whole(_dict(value).get("code")), "words": _text(_dict(value).get("words"))}
            for key, value in list(_dict(facts.get("answers")).items())[:MAX_LINES]
        },
        "files": {
            _text(key): _text(value) for key, value in list(_dict(facts.get("files")).items())[:MAX_LINES]
        },
        "accounting": [_text(line) for line in _list(facts.get("accounting"))],
    }


def _job(job: Mapping[str, Any]) -> dict[str, Any]:
    texts = ("state", "reason", "exit_code", "log", "errors")
    return {
        "id": _whole(job.get("id")),
        "restarts": _whole(job.get("restarts")),
        "states": [
            [_text(each[0]), _text(each[1]), _whole(each[2])]
            for each in _list(job.get("states"))
            if isinstance(each, list) and len(each) >= 3
        ],
        "signals": [_text(each) for each in _list(job.get("signals"))],
        "facts": {
            _text(key): _text(value) for key, value in list(_dict(job.get("facts")).items())[:MAX_LINES]
        },
        **{name: _text(job.get(name)) for name in texts},
    }


def _text(value: Any) -> str:
    return value[:MAX_TEXT] if isinstance(value, str) else ""


def _whole(value: Any) -> int:
    return value if type(value) is int and abs(value) < 1 << 31 else 0


def _list(value: Any) -> list[Any]:
    return value[:MAX_LINES] if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
