"""The learner's sandbox L and the tests' sandbox T, side by side: one loop that feeds both, reads what they say and ends them.

    grader --job--> L --executed cells, files--> grader      L <--socket--> T      grader --job, files--> T --verdicts--> grader

T begins only when the grader lets it, after every way back from L is closed. What L learns from the tests' questions (hidden inputs
among it) has nowhere to go.
"""

import json
import os
import selectors
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import Any

from lms.content.model import Limits
from lms.errors import Unavailable
from lms.labs.inside.collect import MOST_BYTES

from .between import Between, Meanwhile
from .box import MB, Box, packed
from .collected import read_collected
from .pair import Pair
from .profile import Profile
from .staging import readable
from .ways import Sandboxes
from .work import Ended, Found, Work

LOOK_EVERY = 0.05
MAX_VERDICTS = 4 * MB
MAX_ERRORS = 1 << 16
TESTER_LEAST_MB = 1024
TESTER_LEAST_SECONDS = 10
AFTERMATH_SECONDS = 3.0
EXHAUSTED = 128 + signal.SIGXCPU  # how a sandbox reports it


def run(
    sandboxes: Sandboxes,
    work: Work,
    limits: Limits,
    on_phase: Callable[[str], None],
    between: Between | None = None,
) -> Found:
    """`on_phase` is told when what is between begins, and "test" when the tests do. Raise `Unavailable` when no sandbox can be made;
    whatever happens inside is in what is returned.
    """
    modules = {name: readable(path) for name, path in work.modules.items()}
    profile = Profile(limits.disk_mb, modules)
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        pair = sandboxes.pair(profile, work.preload)
        return _Run(pair, work, limits, on_phase, between, stack, selector).loop()


class _Run:
    def __init__(
        self,
        pair: Pair,
        work: Work,
        limits: Limits,
        on_phase: Callable[[str], None],
        between: Between | None,
        stack: ExitStack,
        selector: selectors.BaseSelector,
    ) -> None:
        self._pair, self._work, self._limits = pair, work, limits
        self._learner, self._tester = pair.learner, pair.tester
        self._on_phase, self._between = on_phase, between
        self._found = Found()
        self._started = time.monotonic()
        self._deadline = self._started + limits.wall_seconds
        self._buffers = {name: bytearray() for name in ("executed", "verdicts", "learner", "tester")}
        self._pipes = {"executed": pair.executed, "verdicts": pair.verdicts}
        self._learner_ended = self._tested = self._is_gone = False
        self._heard, self._most = 0, 8 * (limits.output_kb << 10) + MB
        if work.outputs or work.texts:
            self._most += 2 * MOST_BYTES
        self._greeted: set[str] = set()
        self._meanwhile: Meanwhile | None = None

        self._stack, self._selector = stack, selector
        stack.callback(self._close_pipes)
        stack.callback(self._tester.end)
        stack.callback(self._end_learner, "")
        for name, number in (
            *self._pipes.items(),
            ("learner", self._learner.stderr),
            ("tester", self._tester.stderr),
        ):
            self._selector.register(number, selectors.EVENT_READ, name)
        if pair.is_ready:
            self._give("executed")
            self._give("verdicts")

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
                if isinstance(key.data, str):
                    self._read(key.data, key.fd)
                elif isinstance(key.data, Meanwhile):
                    self._meanwhile_is_over(key.data)
                elif not key.data.write():
                    self._forget(key.fd)
        self._settle()
        if not self._learner_ended:
            self._found.cpu_seconds = self._learner.look().cpu_seconds
        self._drain("tester", self._tester.stderr)
        complaint = bytes(self._buffers["tester"] or self._buffers["learner"]).decode("utf-8", "replace")
        self._found.complaint = complaint
        if (
            "executed" not in self._greeted
        ):  # nothing of the learner's ran: bwrap or the interpreter could not start
            raise Unavailable(f"The sandbox could not be started. {complaint[:500].strip()} Run: lms doctor")
        return self._found

    def _settle(self) -> None:
        """T has said its last: whose doing was it, where that is not all verdicts?"""
        found, tests = self._found, len(self._work.tests)
        if any(verdict.get("status") == "gone" for verdict in found.verdicts.values()):
            # T noticed before we did: let the end of it be known before it is asked for its reason.
            if not self._learner_ended:
                self._learner.wait(0.5)
            self._end_learner("crashed")
        elif found.ended == "crashed" and self._tested and len(found.verdicts) == tests:
            # L ends by itself when T is through, and we may see that before T's last verdicts: nobody crashed.
            found.ended = ""
        # The lab was proved with its author's answers, so what the tests cannot compute with is the learner's (150,000
        # numbers of one hash, say). Called our fault it would cost no attempt, and tell how the earlier tests went each time.
        if (
            self._tested
            and not found.ended
            and len(found.verdicts) < tests
            and self._tester.wait(1) == EXHAUSTED
        ):
            self._end_learner("busy")
        if found.ended == "crashed" and self._learner.was_abandoned():
            raise Unavailable("The fork-server ended while a notebook ran: it will be graded again.")

    def _give(self, name: str) -> None:
        """Its job to the sandbox that has just said that it is ready."""
        work, limits = self._work, self._limits
        shared = {"files": packed(work.files), "seed": work.seed}
        box: Box
        job: dict[str, Any]
        if name == "executed":
            box = self._learner
            job = {"cells": work.cells, "outputs": list(work.outputs), "texts": list(work.texts)}
            job |= {"names": work.names, "moments": sorted({test.get("after", -1) for test in work.tests})}
            box.give({**shared, **job, "output_limit": limits.output_kb << 10}, limits)
        else:
            box = self._tester
            job = {"tests": work.tests, "prelude": list(work.prelude), "names": work.names}
            # The tests' own arithmetic is not the learner's fault: T gets at least a gigabyte and twice the time.
            roomy = replace(
                limits,
                memory_mb=max(limits.memory_mb, TESTER_LEAST_MB),
                cpu_seconds=2 * limits.cpu_seconds + TESTER_LEAST_SECONDS,
            )
            box.give({**shared, **job, "test_seconds": limits.test_seconds}, roomy)
        self._selector.register(box.feed.number, selectors.EVENT_WRITE, box.feed)

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
            if self._heard > self._most:
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
            if b"\\ud" in line.lower():
                value = _writable(value)
        except (ValueError, RecursionError):
            return
        match value:
            case "ready" if not self._pair.is_ready and name not in self._greeted:
                self._give(name)
            case "hello":
                self._greeted.add(name)
            case {"id": str(test)} if name == "verdicts":
                self._found.verdicts.setdefault(test, value)
            case "done":
                self._cells_are_run()
            case "output":
                self._end_learner("output")
            case {"collected": dict(claim)}:
                self._found.collected = read_collected(claim, self._work.outputs, self._work.texts)
            case [index, dict(result)] if type(index) is int and 0 <= index < len(self._work.cells):
                self._found.cells.setdefault(index, result)

    def _cells_are_run(self) -> None:
        """Close the ways back from L; then the tests, or what comes before them."""
        self._close("executed")
        self._forget(self._learner.stderr)
        if self._between is None:
            self._begin_tests()
            return
        self._on_phase(self._between.phase)
        self._deadline -= time.monotonic()  # what is left of it, until the time counts again
        self._meanwhile = Meanwhile(self._between, self._found.collected)
        self._stack.callback(self._meanwhile.end)
        self._selector.register(self._meanwhile.over, selectors.EVENT_READ, self._meanwhile)

    def _meanwhile_is_over(self, meanwhile: Meanwhile) -> None:
        self._forget(meanwhile.over)
        self._meanwhile = None
        self._deadline += time.monotonic()
        self._found.facts = meanwhile.result()
        self._begin_tests()

    def _begin_tests(self) -> None:
        self._tested = True
        self._on_phase("test")
        files = packed(self._found.collected.files)
        self._pair.go.put(json.dumps({"files": files, "facts": self._found.facts}).encode())
        self._selector.register(self._pair.go.number, selectors.EVENT_WRITE, self._pair.go)

    def _at_end(self, name: str) -> None:
        if name == "executed":
            self._end_learner("crashed")
        elif name == "verdicts":
            self._close("verdicts")

    def _judge(self, now: float) -> None:
        """CPU time judges the learner; the clock on the wall only protects the machine."""
        if self._meanwhile is None and now > self._deadline:
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
        elif not self._learner.is_running():
            if self._is_gone:
                self._end_learner("crashed")
            self._is_gone = True  # why may stand in a pipe that is still to be read: told at the next look

    def _end_learner(self, why: Ended) -> None:
        """End L. Without its cells run there is nothing to test; in the middle of the tests T says which were left."""
        if self._learner_ended:
            return
        self._learner_ended = True
        self._found.cpu_seconds = self._learner.look().cpu_seconds
        if self._learner.group is not None and self._learner.group.hit_memory_limit():
            why = "memory" if why else why
        for number in (self._learner.stderr, self._learner.feed.number):
            self._forget(number)
        if not self._found.cells:  # what bwrap says when it cannot start must not be lost
            self._drain("learner", self._learner.stderr)
        code = self._learner.end()
        # The limit on a single process was faster than our look at all of them.
        self._found.ended = "cpu" if why == "crashed" and code == EXHAUSTED else why
        if "executed" in self._pipes:
            self._close("executed")
            self._close("verdicts")
        self._deadline = time.monotonic() + AFTERMATH_SECONDS + self._limits.test_seconds

    def _drain(self, name: str, stderr: int) -> None:
        with suppress(BlockingIOError):
            self._buffers[name] += os.read(stderr, MAX_ERRORS)

    def _close(self, name: str) -> None:
        number = self._pipes.pop(name, None)
        if number is not None:
            self._forget(number)
            os.close(number)

    def _forget(self, number: int) -> None:
        with suppress(KeyError, ValueError):  # it was never there, or is closed already
            self._selector.unregister(number)

    def _close_pipes(self) -> None:
        for name in tuple(self._pipes):
            self._close(name)
        self._pair.go.close()


def _writable(value: Any) -> Any:
    """The same with a question mark for each half of a surrogate pair, which JSON can say and nobody can store or show."""
    match value:
        case str():
            return value.encode(errors="replace").decode()
        case list():
            return [_writable(each) for each in value]
        case dict():
            return {_writable(key): _writable(each) for key, each in value.items()}
        case _:
            return value
