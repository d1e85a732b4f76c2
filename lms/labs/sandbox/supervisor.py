"""The learner's sandbox L and the tests' sandbox T, side by side: one loop that feeds both, reads what they say and ends them.

    grader --job--> L --executed cells--> grader        L <--socket--> T        grader --job, go--> T --verdicts--> grader

T begins only when the grader says go, and it says so after it has closed every way back from L. What L learns from the tests'
questions (hidden inputs among it) has nowhere to go.
"""

import json
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from lms.content.model import Limits
from lms.errors import Unavailable

from .box import MB, Box, packed
from .host import Host
from .profile import Profile
from .staging import readable

Ended = Literal["", "cpu", "wall", "memory", "output", "crashed", "busy", "nonsense", "tester"]
LOOK_EVERY = 0.05
MAX_VERDICTS = 4 * MB
MAX_ERRORS = 1 << 16
TESTER_LEAST_MB = 1024
TESTER_LEAST_SECONDS = 10
AFTERMATH_SECONDS = 3.0
EXHAUSTED = 128 + signal.SIGXCPU  # how bwrap reports it


@dataclass(frozen=True)
class Work:
    """What to run: the learner's cells; the tests as `{"id", "source", "points", "hidden"}`; what tests may fetch; files; modules.

    `prelude` are statements of the author's for T alone, each run if it can be.
    """

    cells: list[str]
    tests: list[dict[str, Any]]
    names: list[str]
    files: Mapping[str, bytes] = field(default_factory=dict)
    modules: Mapping[str, Path] = field(default_factory=dict)
    prelude: Sequence[str] = ()


@dataclass
class Found:
    """`cells` maps a cell's index to its outputs; `verdicts` a test's id to its verdict.

    `ended` says what ended L before the tests were through, `cpu_seconds` what it had used by then.
    `complaint` is what T or bwrap printed, for our log and never for a learner.
    """

    cells: dict[int, dict[str, Any]] = field(default_factory=dict)
    verdicts: dict[str, dict[str, Any]] = field(default_factory=dict)
    ended: Ended = ""
    cpu_seconds: float = 0.0
    complaint: str = ""


def run(host: Host, work: Work, limits: Limits, on_phase: Callable[[str], None]) -> Found:
    """`on_phase` is told "test" when the tests begin. Raise `Unavailable` when no sandbox can be made;
    whatever happens inside is in what is returned.
    """
    with ExitStack() as stack:
        return _Run(host, work, limits, on_phase, stack).loop()


class _Run:
    def __init__(
        self, host: Host, work: Work, limits: Limits, on_phase: Callable[[str], None], stack: ExitStack
    ) -> None:
        self._limits = limits
        self._on_phase = on_phase
        self._found = Found()
        self._started = time.monotonic()
        self._deadline = self._started + limits.wall_seconds
        self._selector = stack.enter_context(selectors.DefaultSelector())
        self._buffers = {name: bytearray() for name in ("executed", "verdicts", "learner", "tester")}
        self._learner_ended = False
        self._tests, self._tested = len(work.tests), False
        self._indexes, self._heard = range(len(work.cells)), 0
        self._greeted: set[str] = set()

        modules = {name: readable(path) for name, path in work.modules.items()}
        profile, files = Profile(limits.disk_mb, modules), packed(work.files)
        ours, theirs = socket.socketpair()
        executed, executed_end = os.pipe()
        verdicts, verdicts_end = os.pipe()
        go_end, self._go = os.pipe()
        self._pipes = {"executed": executed, "verdicts": verdicts}
        stack.callback(self._close_pipes)
        try:
            self._learner = Box.start(
                host,
                profile,
                "learner",
                {"cells": work.cells, "files": files, "output_limit": limits.output_kb << 10},
                limits,
                descriptors=(executed_end, ours.fileno()),
            )
            self._stdin = self._learner.stdin
            stack.callback(self._end_learner, "")
            # The tests' own arithmetic is not the learner's fault: T gets at least a gigabyte and twice the time.
            roomy = replace(
                limits,
                memory_mb=max(limits.memory_mb, TESTER_LEAST_MB),
                cpu_seconds=2 * limits.cpu_seconds + TESTER_LEAST_SECONDS,
            )
            self._tester = Box.start(
                host,
                profile,
                "tester",
                {
                    "tests": work.tests,
                    "prelude": list(work.prelude),
                    "names": work.names,
                    "files": files,
                    "test_seconds": limits.test_seconds,
                },
                roomy,
                descriptors=(theirs.fileno(), verdicts_end, go_end),
            )
            stack.callback(self._tester.end)
        finally:
            for number in (executed_end, verdicts_end, go_end):
                os.close(number)
            ours.close()
            theirs.close()
        for name, number in (
            *self._pipes.items(),
            ("learner", self._learner.stderr),
            ("tester", self._tester.stderr),
        ):
            os.set_blocking(number, False)
            self._selector.register(number, selectors.EVENT_READ, name)
        for box in (self._learner, self._tester):
            self._selector.register(box.stdin, selectors.EVENT_WRITE, box)

    def loop(self) -> Found:
        next_look = self._started + LOOK_EVERY
        while "verdicts" in self._pipes:
            now = time.monotonic()
            if now >= next_look:
                self._judge(now)
                next_look = now + LOOK_EVERY
            for key, _ in self._selector.select(max(0.0, next_look - now)):
                # An event before this one may have closed it, and its number may be somebody else's by now.
                if self._selector.get_map().get(key.fd) is not key:
                    continue
                if not isinstance(key.data, Box):
                    self._read(key.data, key.fd)
                elif not key.data.write():
                    self._forget(key.fd)
        self._settle()
        if not self._learner_ended:
            self._found.cpu_seconds = self._learner.look().cpu_seconds
        self._found.complaint = bytes(self._buffers["tester"] or self._buffers["learner"]).decode(
            "utf-8", "replace"
        )
        if (
            "executed" not in self._greeted
        ):  # nothing of the learner's ran: bwrap or the interpreter could not start
            raise Unavailable(
                f"The sandbox could not be started. {self._found.complaint[:500].strip()} Run: lms doctor"
            )
        return self._found

    def _settle(self) -> None:
        """T has said its last: whose doing was it, where that is not all verdicts?"""
        if any(verdict.get("status") == "gone" for verdict in self._found.verdicts.values()):
            # T noticed before we did: let the end of it be known before it is asked for its reason.
            with suppress(subprocess.TimeoutExpired):
                self._learner.process.wait(0.5)
            self._end_learner("crashed")
        elif self._found.ended == "crashed" and self._tested and len(self._found.verdicts) == self._tests:
            # L ends by itself when T is through, and we may see that before T's last verdicts: nobody crashed.
            self._found.ended = ""
        if self._tested and not self._found.ended and len(self._found.verdicts) < self._tests:
            # The lab was proved with its author's answers, so what the tests cannot compute with is the learner's (150,000
            # numbers of one hash, say). Called our fault it would cost no attempt, and tell how the earlier tests went each time.
            with suppress(subprocess.TimeoutExpired):
                if self._tester.process.wait(1) == EXHAUSTED:
                    self._end_learner("busy")

    def _read(self, name: str, number: int) -> None:
        try:
            part = os.read(number, 1 << 16)
        except BlockingIOError:
            return
        buffer = self._buffers[name]
        if not part:
            self._forget(number)
            self._at_end(name)
            return
        if name in ("learner", "tester"):
            buffer += part[: MAX_ERRORS - len(buffer)]
            if name == "learner" and len(buffer) == MAX_ERRORS:
                self._end_learner("output")
            return
        if name == "executed":
            # JSON may write a character as six; whoever sends more than that does not send what our runner sends. All that
            # came counts, not only what is an unfinished line: a flood of short lines would fill our memory and take our time.
            self._heard += len(part)
            if self._heard > 8 * (self._limits.output_kb << 10) + MB:
                self._end_learner("output")
                return
        *lines, rest = bytes(buffer + part).split(b"\n")
        buffer[:] = rest
        for line in lines:
            if name in self._pipes:
                self._line(name, line)
        if name == "verdicts" and len(buffer) > MAX_VERDICTS:
            self._at_end(name)

    def _line(self, name: str, line: bytes) -> None:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            return
        if value == "hello":
            self._greeted.add(name)
            (self._learner if name == "executed" else self._tester).meet()
        elif name == "verdicts":
            self._found.verdicts.setdefault(value["id"], value)
        elif value == "done":
            self._begin_tests()
        elif value == "output":
            self._end_learner("output")
        elif (
            isinstance(value, list)
            and len(value) == 2
            and type(value[0]) is int
            and value[0] in self._indexes
            and isinstance(value[1], dict)
        ):
            self._found.cells.setdefault(value[0], value[1])

    def _begin_tests(self) -> None:
        """Close the ways back from L, then let T begin."""
        self._tested = True
        self._close("executed")
        self._forget(self._learner.stderr)
        with suppress(OSError):
            os.write(self._go, b"g")
        self._on_phase("test")

    def _at_end(self, name: str) -> None:
        if name == "executed":
            self._end_learner("crashed")
        elif name == "verdicts":
            self._close("verdicts")

    def _judge(self, now: float) -> None:
        """CPU time judges the learner; the clock on the wall only protects the machine."""
        if now > self._deadline:
            if self._learner_ended:
                self._found.ended = "tester" if not self._found.ended else self._found.ended
                self._close("verdicts")
            else:
                self._end_learner("wall")
            return
        if self._learner_ended:
            return
        usage = self._learner.look()
        if usage.cpu_seconds > self._limits.cpu_seconds:
            self._end_learner("cpu")
        elif usage.memory_bytes > self._limits.memory_mb * MB:
            self._end_learner("memory")
        elif self._learner.process.poll() is not None:
            self._end_learner("crashed")

    def _end_learner(self, why: Ended) -> None:
        """End L. Without its cells run there is nothing to test; in the middle of the tests T says which were left."""
        if self._learner_ended:
            return
        self._learner_ended = True
        self._found.cpu_seconds = self._learner.look().cpu_seconds
        if self._learner.group is not None and self._learner.group.hit_memory_limit():
            why = "memory" if why else why
        for number in (self._learner.stderr, self._stdin):
            self._forget(number)
        code = self._learner.end()
        # The limit on a single process was faster than our look at all of them.
        self._found.ended = "cpu" if why == "crashed" and code == EXHAUSTED else why
        if "executed" in self._pipes:
            self._close("executed")
            self._close("verdicts")
        self._deadline = min(self._deadline, time.monotonic() + AFTERMATH_SECONDS + self._limits.test_seconds)

    def _close(self, name: str) -> None:
        number = self._pipes.pop(name, None)
        if number is not None:
            self._forget(number)
            os.close(number)

    def _forget(self, number: int) -> None:
        with suppress(KeyError):
            self._selector.unregister(number)

    def _close_pipes(self) -> None:
        for name in tuple(self._pipes):
            self._close(name)
        os.close(self._go)
