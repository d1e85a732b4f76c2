"""What tests of the rung on Slurm are given under the name `slurm`. Values only, made of plain data, in T.

`asked` is what the machine's own Slurm said of the script, before anything of it ran: a fact. All that is known because the script ran
is the learner's claim, as everything is that their code had a hand in: let a test read the script itself and compare what it brought forth.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Asked:
    """`sbatch --test-only`: whether Slurm would take the script, its exit code, and its words."""

    accepted: bool = False
    code: int = 1
    words: str = ""


@dataclass(frozen=True)
class Job:
    """A job that was followed to its end. `states` are (state, reason, restarts so far), in order; `log` is the end of its output,
    `errors` of its error file if that is another. `facts` is what `scontrol show job` said last, key by key.
    """

    id: int
    state: str
    reason: str
    exit_code: str
    restarts: int
    states: tuple[tuple[str, str, int], ...]
    signals: tuple[str, ...]
    log: str
    errors: str
    facts: Mapping[str, str]


@dataclass(frozen=True)
class Slurm:
    """`script` is "" where none was handed in. `job` is None where nothing was run, or sbatch refused it with these `words`.

    `scene` maps the number of each job that the author prepared to the author's word for it, and `answers` to what the learner's script
    printed about it. `files` are those that the lab reads afterwards, as text; `accounting` the lines of jobcomp. `ended` says, in a
    sentence, what kept the run from its end.
    """

    script: str
    asked: Asked
    words: str
    job: Job | None
    scene: Mapping[str, str]
    answers: Mapping[str, str]
    files: Mapping[str, str]
    accounting: tuple[str, ...]
    ended: str


def made(data: Mapping[str, Any]) -> Slurm:
    """Of what `labs.slurm.rung` found, which has been checked for its shape."""
    asked, ran = data["asked"], data["ran"]
    job = ran.get("job")
    return Slurm(
        script=data["script"],
        asked=Asked(**asked) if asked else Asked(),
        words=ran.get("words", ""),
        job=_job(job) if job else None,
        scene=dict(ran.get("scene", ())),
        answers={number: said["words"] for number, said in ran.get("answers", {}).items()},
        files=ran.get("files", {}),
        accounting=tuple(ran.get("accounting", ())),
        ended=data["ended"],
    )


def _job(job: Mapping[str, Any]) -> Job:
    states = tuple((state, reason, restarts) for state, reason, restarts in job["states"])
    return Job(**{**job, "states": states, "signals": tuple(job["signals"])})
