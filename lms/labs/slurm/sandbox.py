"""One sandbox with a Slurm in it, run to its end: fed, watched, bounded in time, memory, disk, processes and in what it may say."""

import json
import os
import select
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from lms.content.model import Limits
from lms.labs.inside.boot import READY
from lms.labs.sandbox.box import MB, Box, packed
from lms.labs.sandbox.fresh import FreshBox
from lms.labs.sandbox.host import Host
from lms.labs.sandbox.profile import Profile

Ended = Literal["", "cpu", "wall", "memory", "output", "crashed"]
LOOK_EVERY = 0.05
MAX_SAID = 2 * MB
MAX_ERRORS = 1 << 16


@dataclass
class Told:
    """`facts` by thing, the first word on each. `ended` is what stopped it before it was through. Its `complaint` is for our log.

    `memory_bytes` is the most that was seen in use, `seconds` how long it all took.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    ended: Ended = ""
    complaint: str = ""
    memory_bytes: int = 0
    seconds: float = 0.0


def run(host: Host, job: Mapping[str, Any], files: Mapping[str, bytes], limits: Limits, *, gpus: int) -> Told:
    """`job` is what `inside.cluster` reads, `files` lie below its working folder."""
    told = Told()
    profile = Profile(limits.disk_mb, cluster=True, gpus=gpus)
    said, said_end = os.pipe()
    try:
        box = FreshBox.start(host, profile, "cluster", (said_end,))
    except BaseException:
        os.close(said)
        raise
    finally:
        os.close(said_end)
    started = time.monotonic()
    try:
        job = {**job, "files": packed(files), "seed": 0}
        _Watch(box, job, said, limits, told).loop(started + limits.wall_seconds)
    finally:
        told.seconds = time.monotonic() - started
        box.end()
        os.close(said)
    return told


class _Watch:
    def __init__(self, box: Box, job: Mapping[str, Any], said: int, limits: Limits, told: Told) -> None:
        self._box, self._job, self._said, self._limits, self._told = box, job, said, limits, told
        self._feeding = False
        self._buffer, self._read_so_far, self._errors = bytearray(), 0, bytearray()
        self._done = False
        os.set_blocking(said, False)

    def loop(self, deadline: float) -> None:
        reading, next_look = {self._said, self._box.stderr}, 0.0
        while not self._done and not self._told.ended:
            now = time.monotonic()
            if now >= next_look:
                self._judge(now, deadline)
                next_look = now + LOOK_EVERY
            readable, writable, _ = select.select(
                reading, [self._box.feed.number] if self._feeding else [], [], max(0.0, next_look - now)
            )
            if writable:
                self._feeding = self._box.feed.write()
            for number in readable:
                if not self._read(number):
                    reading.discard(number)
                    if number == self._said and not self._done:
                        self._told.ended = "crashed"
        self._told.complaint = self._errors.decode("utf-8", "replace")
        group = self._box.group
        if self._told.ended and group is not None and group.hit_memory_limit():
            self._told.ended = "memory"

    def _read(self, number: int) -> bool:
        """Whether there may be more."""
        try:
            part = os.read(number, 1 << 16)
        except BlockingIOError:
            return True
        if number != self._said:
            self._errors += part[: MAX_ERRORS - len(self._errors)]
            return bool(part)
        self._buffer += part
        self._read_so_far += len(part)
        while b"\n" in self._buffer and not self._done:
            line, _, rest = bytes(self._buffer).partition(b"\n")
            self._buffer[:] = rest
            self._line(line)
        if self._read_so_far > MAX_SAID:
            self._told.ended = "output"
        return bool(part)

    def _line(self, line: bytes) -> None:
        if line == READY.strip() and "hello" not in self._told.facts:
            self._box.give(self._job, self._limits)
            self._feeding = True
            return
        with suppress(ValueError, RecursionError):
            thing, value = json.loads(line)
            self._done = thing == "done"
            if isinstance(thing, str):
                self._told.facts.setdefault(thing, value)

    def _judge(self, now: float, deadline: float) -> None:
        usage = self._box.look()
        self._told.memory_bytes = max(self._told.memory_bytes, usage.memory_bytes)
        if now > deadline:
            self._told.ended = "wall"
        elif usage.cpu_seconds > self._limits.cpu_seconds:
            self._told.ended = "cpu"
        elif usage.memory_bytes > self._limits.memory_mb * MB:
            self._told.ended = "memory"
