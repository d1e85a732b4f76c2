"""A Slurm to throw away: its daemons run as the only user of this sandbox, on a loopback that nobody else is on.

Descriptors: 0 the job, `argv[1]` a pipe for what is found, one JSON line a fact. Facts come as soon as they are known, and the first
word on a thing counts: what was said before a line of the learner's ran cannot be unsaid by it. What is said afterwards is a claim,
because their job runs as the same user as the daemons, and could do to them what it likes.
"""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import boot

STATE = Path("/box/.slurm")
WORK = Path("/box/work")
COMMAND_SECONDS = 10.0
ANSWER_SECONDS = 5.0
MAX_WORDS = 4_000
MAX_TEXT = 64_000
MAX_LINES = 200
STUCK_SECONDS = 10.0
LOOK_EVERY = 0.1
CLEARED_SECONDS = 1.2
READY_SECONDS = 15.0
ENDED = {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL", "DEADLINE", "BOOT_FAIL"}
# What waits for its turn, or for a moment, may still come to run.
HOPEFUL = {"None", "Priority", "Resources", "BeginTime", "Cleaning", "Prolog"}
_FIELD = re.compile(r"(?:^| )([A-Z][A-Za-z/:]*)=(.*?)(?= [A-Z][A-Za-z/:]*=|$)")
_TO_START = re.compile(r"^sbatch: Job [0-9]+ to start at ", re.MULTILINE)


class NotReadyError(Exception):
    """Slurm did not come up: our fault, or the host's."""


class Slurm:
    """The daemons, and their commands."""

    def __init__(self, work: dict[str, Any]) -> None:
        self._nodes: list[str] = work["nodes"]
        self._port: int = work["port"]
        for folder in ("state", "bin", *self._nodes):
            (STATE / folder).mkdir(parents=True, exist_ok=True)
        for name, text in work["conf"].items():
            (STATE / name).write_text(text)
        # Learners write `python`, which Debian does not have.
        for name in ("python", "python3"):
            (STATE / "bin" / name).symlink_to(sys.executable)
        path = f"{STATE}/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        self.environment = {
            **os.environ,
            "SLURM_CONF": f"{STATE}/slurm.conf",
            "PATH": path,
            "HOME": str(WORK),
        }
        self.environment["SEED"] = str(work["seed"])

    def start(self) -> None:
        """Up and idle, or `NotReadyError` with what the daemons wrote."""
        deadline = time.monotonic() + READY_SECONDS
        self.say("slurmctld", "-c", "-f", f"{STATE}/slurm.conf")
        for node in self._nodes:
            self.say("slurmd", "-N", node, "-f", f"{STATE}/slurm.conf")
        # A client that finds nobody waits a second before it tries again: knock first.
        while not self._answers() and time.monotonic() < deadline:
            time.sleep(0.005)
        while time.monotonic() < deadline:
            _, idle = self.say("sinfo", "-h", "-N", "-t", "idle", "-o", "%N")
            if idle and set(self._nodes) <= set(idle.split()):
                return
            time.sleep(0.02)
        raise NotReadyError("\n".join(filter(None, map(self._complaint, sorted(STATE.glob("*.log"))))))

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), 0.2):
            return True
        return False

    @staticmethod
    def _complaint(log: Path) -> str:
        lines = [
            line
            for line in log.read_text(errors="replace").splitlines()
            if "error" in line or "fatal" in line
        ]
        return "\n".join(lines[-5:])

    def say(self, *command: str, seconds: float = COMMAND_SECONDS) -> tuple[int, str]:
        """A command, how it ended (124: it had to be stopped) and all it said, cut to a bearable length.

        It writes to a file rather than a pipe: what it leaves running would hold a pipe open.
        """
        path = STATE / "said"
        with path.open("wb") as said:
            try:
                done = subprocess.run(  # noqa: S603 (the learner's script is an argument, and this is a sandbox)
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=subprocess.STDOUT,
                    env=self.environment,
                    check=False,
                    timeout=seconds,
                    start_new_session=True,
                )
                code = done.returncode
            except subprocess.TimeoutExpired:
                code = 124
            except OSError as error:
                return 127, str(error)
        return code, read_text(path, MAX_WORDS).strip()

    def ask(self, script: str) -> dict[str, Any]:
        """What `sbatch --test-only` says of it. Nothing of the script runs."""
        started = time.monotonic()
        code, words = self.say("sbatch", "--test-only", script)
        return {
            "accepted": code == 0 and bool(_TO_START.search(words)),
            "code": code,
            "words": words,
            "milliseconds": round((time.monotonic() - started) * 1000),
        }

    def job(self, number: int) -> dict[str, str]:
        """What `scontrol` knows of a job, key by key; nothing once it has forgotten it."""
        code, words = self.say("scontrol", "-o", "show", "job", str(number))
        return dict(_FIELD.findall(words.partition("\n")[0])) if code == 0 else {}


class Following:
    """One job from its submission to its end, with the signals it is to be sent."""

    def __init__(self, slurm: Slurm, number: int, signals: list[dict[str, str]]) -> None:
        self._slurm = slurm
        self._number = number
        self._signals = list(signals)
        self._sent: list[str] = []
        self._started = time.monotonic()
        self._states: list[list[Any]] = []
        self._requeued = self._released = 0
        self._left_at = 0.0
        self.facts: dict[str, str] = {}

    def until(self, deadline: float) -> dict[str, Any]:
        """Follow it until it has ended, cannot start any more, or the time is up."""
        while True:
            self.facts = self._slurm.job(self._number) or self.facts
            state = self.facts.get("JobState", "")
            self._note(state)
            if state in ENDED or time.monotonic() > deadline or self._stuck(state):
                break
            if state == "RUNNING":
                self._signal()
            elif state == "PENDING":
                self._release()
            time.sleep(LOOK_EVERY)
        return {
            "id": self._number,
            "state": state,
            "reason": self.facts.get("Reason", ""),
            "exit_code": self.facts.get("ExitCode", ""),
            "restarts": _whole(self.facts.get("Restarts", "0")),
            "states": self._states[:MAX_LINES],
            "signals": self._sent,
            "log": read_text(Path(self.facts.get("StdOut", "")), MAX_TEXT),
            "errors": "" if self._one_log() else read_text(Path(self.facts.get("StdErr", "")), MAX_TEXT),
            "facts": {key: value[:500] for key, value in list(self.facts.items())[:80]},
        }

    def _one_log(self) -> bool:
        return self.facts.get("StdErr") == self.facts.get("StdOut")

    def _note(self, state: str) -> None:
        seen = [state, self.facts.get("Reason", ""), _whole(self.facts.get("Restarts", "0"))]
        if not self._states or self._states[-1][:3] != seen:
            self._states.append([*seen, round(time.monotonic() - self._started, 1)])

    def _stuck(self, state: str) -> bool:
        """Waiting for what will not come."""
        waited = time.monotonic() - self._started - self._states[-1][3]
        return state == "PENDING" and self.facts.get("Reason") not in HOPEFUL and waited > STUCK_SECONDS

    def _signal(self) -> None:
        """What Slurm would do some time before the limit, done when the job has written a certain text: nobody waits for the clock,
        and the same step is met every time.
        """
        if self._signals and self._signals[0]["when"] in read_text(
            Path(self.facts.get("StdOut", "")), MAX_TEXT
        ):
            due = self._signals.pop(0)
            self._slurm.say("scancel", "--batch", "-s", due["signal"], str(self._number))
            self._sent.append(due["signal"])

    def _release(self) -> None:
        """Slurm holds a requeued job back for two minutes, so that its last start is surely gone: here that can be seen. And a node
        refuses for the rest of the second to start a job that it has just been told to end.
        """
        restarts, now = _whole(self.facts.get("Restarts", "0")), time.monotonic()
        if self.facts.get("Reason") != "BeginTime" or restarts <= self._released:
            return
        if restarts > self._requeued or self._is_left():
            self._requeued, self._left_at = restarts, now
        elif now - self._left_at > CLEARED_SECONDS:
            self._released = restarts
            self._slurm.say("scontrol", "update", f"JobId={self._number}", "StartTime=now")

    def _is_left(self) -> bool:
        """Whether a step of the job still has its keeper, which calls itself "slurmstepd: [JOB.STEP]"."""
        title = f"slurmstepd: [{self._number}.".encode()
        for process in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                if process.read_bytes().startswith(title):
                    return True
        return False


def read_text(path: Path, most: int) -> str:
    """The end of a plain file, as text. Whatever else has that name (a pipe that nobody writes to, a device) is as good as nothing."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return ""
    with os.fdopen(number, "rb") as file:
        found = os.fstat(number)
        if not stat.S_ISREG(found.st_mode):
            return ""
        file.seek(max(0, found.st_size - most))
        return file.read(most).decode("utf-8", "replace")


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 else 0


def scene(slurm: Slurm, text: str) -> list[list[str]]:
    """What the author's script prepares before the learner's comes to it: it prints a line "JOBID WORD" for each job it leaves."""
    path = STATE / "scene"
    path.write_text(text)
    code, words = slurm.say("/bin/bash", str(path), seconds=60.0)
    path.unlink()
    if code != 0:
        raise NotReadyError(f"the scene ended with {code}: {words[-500:]}")
    return [line.split() for line in words.splitlines() if len(line.split()) == 2]


def answers(slurm: Slurm, script: str, prepared: list[list[str]]) -> dict[str, dict[str, Any]]:
    """The learner's script run as a command, once for each job of the scene, with its number."""
    said = {}
    for number, _ in prepared:
        code, words = slurm.say("/bin/bash", script, number, seconds=ANSWER_SECONDS)
        said[number] = {"code": code, "words": words}
    return said


def followed(slurm: Slurm, plan: dict[str, Any]) -> dict[str, Any]:
    """The learner's script submitted and followed to its end."""
    deadline = time.monotonic() + plan["seconds"]
    code, words = slurm.say("sbatch", plan["script"])
    number = re.search(r"Submitted batch job ([0-9]{1,9})", words) if code == 0 else None
    told: dict[str, Any] = {"submitted": number is not None, "code": code, "words": words, "job": None}
    if number is not None:
        told["job"] = Following(slurm, int(number[1]), plan["signals"]).until(deadline)
    return told


def perform(slurm: Slurm, plan: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What there is to say, thing by thing."""
    for folder in plan["folders"]:
        (WORK / folder).mkdir(parents=True, exist_ok=True)
    prepared: list[list[str]] = []
    if plan["scene"]:
        prepared = scene(slurm, plan["scene"])
        yield "scene", prepared
    if plan["command"]:
        yield "answers", answers(slurm, plan["script"], prepared)
    else:
        yield "followed", followed(slurm, plan)
    yield (
        "files",
        {name: read_text(WORK / name, MAX_TEXT) for name in plan["outputs"] if (WORK / name).is_file()},
    )
    yield "accounting", read_text(STATE / "jobcomp.txt", MAX_TEXT).splitlines()[-MAX_LINES:]


def main() -> None:
    pipe = int(sys.argv[1])
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)

    def tell(thing: str, value: Any) -> None:
        line = json.dumps([thing, value]).encode() + b"\n"
        while line:
            line = line[os.write(pipe, line) :]

    os.write(pipe, boot.READY)
    work = boot.job()
    tell("hello", None)
    WORK.mkdir(exist_ok=True)
    os.chdir(WORK)
    slurm = Slurm(work)
    started = time.monotonic()
    try:
        slurm.start()
        tell("up", round((time.monotonic() - started) * 1000))
        if work["ask"]:
            tell("asked", slurm.ask(work["ask"]))
        if work["plan"] is not None:
            for thing, value in perform(slurm, work["plan"]):
                tell(thing, value)
    except NotReadyError as error:
        tell("not ready", str(error)[:MAX_WORDS])
    tell("done", None)
    os._exit(0)
