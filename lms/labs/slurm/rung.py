"""A lab's rung on Slurm, climbed between the learner's cells and the tests: the script is asked about, run, and what was found handed to
the tests as plain data. What becomes of it never touches the score.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from lms.content.model import SlurmRung
from lms.errors import Unavailable
from lms.labs.report import OnSlurm, Proved, RungTest
from lms.labs.sandbox.collected import Collected

from .ask import Answer, ask
from .play import Played, play
from .present import missing

log = logging.getLogger(__name__)

MAX_SCRIPT = 64_000
MAX_WORDS = 6_000
NO_RUNG: tuple[Proved, None] = ("", None)


class Climb:
    """One submission's way up: what to collect of the learner's, the climb, and afterwards what to report of it."""

    def __init__(self, rung: SlurmRung, files: Mapping[str, bytes], *, seed: int) -> None:
        self._rung, self._files, self._seed = rung, files, seed
        self._unavailable = missing()
        self._script = ""
        self._asked: Answer | None = None
        self._played: Played | None = None

    @property
    def is_possible(self) -> bool:
        """Whether the tests of the rung can be run at all."""
        return not self._unavailable

    @property
    def tests(self) -> tuple[str, ...]:
        """The cells that decide it, by grade_id."""
        return self._rung.tests

    @property
    def texts(self) -> tuple[str, ...]:
        """The name of the learner's whose text is needed, if any."""
        return (self._rung.name,) if self._rung.name else ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """The learner's files that are needed."""
        run = self._rung.run
        return (*((self._rung.file,) if self._rung.file else ()), *(run.files if run else ()))

    def climb(self, collected: Collected) -> dict[str, Any]:
        """What the tests are given. Where Slurm fails after all, what it said until then: the rung is reported as not tried."""
        rung = self._rung
        self._script = self._text(collected)[:MAX_SCRIPT]
        if self._script.strip():
            try:
                if rung.test_only:
                    self._asked = ask(rung.machine, self._script)
                if rung.run is not None and (self._asked is None or self._asked.accepted):
                    theirs = {name: data for name, data in collected.files.items() if name in rung.run.files}
                    files = {**self._files, **theirs}
                    self._played = play(rung.machine, rung.run, self._script, files, seed=self._seed)
            except Unavailable as refusal:
                log.warning("the rung on Slurm could not be climbed: %s", refusal.message)
                self._unavailable = refusal.message
            except Exception:  # whatever happens to the rung, the score must not hear of it
                log.exception("the rung on Slurm could not be climbed")
                self._unavailable = "Something went wrong on our side."
        return {
            "script": self._script,
            "asked": asdict(self._asked) if self._asked else None,
            "ran": dict(self._played.claims) if self._played else {},
            "ended": self._played.ended if self._played else "",
        }

    def _text(self, collected: Collected) -> str:
        if self._rung.name:
            return collected.texts.get(self._rung.name, "")
        return collected.files.get(self._rung.file, b"").decode("utf-8", "replace")

    def report(self, verdicts: Mapping[str, Mapping[str, Any]], why: str) -> tuple[Proved, OnSlurm]:
        """`verdicts` are T's on all tests that ran, `why` says what kept some from it."""
        tests = tuple(self._judged(name, verdicts.get(name), why) for name in self._rung.tests)
        proved: Proved = "yes" if all(test.passed for test in tests) else "no"
        if self._unavailable:
            proved = "unavailable"
        return proved, OnSlurm(self._rung.machine.title, tests, self._words(), self._unavailable)

    def _judged(self, name: str, verdict: Mapping[str, Any] | None, why: str) -> RungTest:
        if self._unavailable or verdict is None:
            return RungTest(name, passed=False, message="" if self._unavailable else why or "not tested")
        return RungTest(name, passed=verdict["status"] == "pass", message=str(verdict["message"]))

    def _words(self) -> str:
        """What a learner would have seen in a terminal, cut to what a page bears."""
        lines: list[str] = []
        if self._asked is not None:
            lines += ["$ sbatch --test-only job.sh", self._asked.words]
        if self._played is not None:
            lines += _told(self._played.claims)
        return "\n".join(lines)[:MAX_WORDS].encode(errors="replace").decode()


def _told(claims: Mapping[str, Any]) -> Sequence[str]:
    lines: list[str] = []
    for number, said in claims["answers"].items():
        lines += [f"$ bash job.sh {number}", said["words"][:500]]
    if claims["words"]:
        lines += ["$ sbatch job.sh", claims["words"]]
    if job := claims["job"]:
        lines.append(f"# job {job['id']}, state by state")
        lines += [*(_named(*each) for each in job["states"]), f"ExitCode={job['exit_code']}"]
        lines.append(f"$ tail {job['facts'].get('StdOut', '').rpartition('/')[2]}")
        lines += job["log"].splitlines()[-30:]
    return lines


def _named(state: str, reason: str, restarts: int) -> str:
    told = f" ({reason})" if reason not in ("", "None") else ""
    return f"{state}{told}{f', restart {restarts}' if restarts else ''}"
