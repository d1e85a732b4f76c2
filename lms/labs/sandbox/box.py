"""One running sandbox: given its job, watched, ended with everything in it. How it came to be is for `fresh` and `forkserver`."""

import base64
import json
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal

from lms.content.model import Limits

from . import cgroup
from .feed import Feed
from .usage import Usage, of_tree

Role = Literal["learner", "tester", "cluster"]
EXTRA_PROCESSES = 8  # bwrap's own, and the interpreter
MB = 1 << 20


class Box(ABC):
    """`feed` leads to its standard input. Errors it prints land in `stderr`, a pipe for us to read.

    Until it is given its job nothing untrusted runs in there.
    """

    def __init__(self, role: Role, feed: Feed, stderr: int, stack: ExitStack) -> None:
        self.role, self.feed, self.stderr = role, feed, stderr
        self.group: cgroup.Cgroup | None = None
        self._memory = 0
        self._stack = stack
        self._seen = Usage(0.0, 0, 0)
        os.set_blocking(stderr, False)

    @property
    @abstractmethod
    def root(self) -> int:
        """The process above all others in there, by our numbering."""

    @abstractmethod
    def is_running(self) -> bool: ...

    @abstractmethod
    def wait(self, seconds: float) -> int | None:
        """Until it has ended by itself, at most so long. How it had ended, as a shell would say; None while it has not."""

    def was_abandoned(self) -> bool:
        """Whether it may have ended because what keeps it has."""
        return False

    @abstractmethod
    def _processes(self) -> Sequence[int]:
        """Those that are there before the job is."""

    @abstractmethod
    def _kill(self) -> int:
        """End everything in it and wait until it is gone. How it had ended, as a shell would say; negative when we did it."""

    def give(self, job: Mapping[str, Any], limits: Limits) -> None:
        """The job it is there for, and the limits of it and of everything it starts."""
        name = f"slipway-{os.getpid()}-{self.role}-{time.monotonic_ns()}"
        self.group = cgroup.create(
            name, memory_mb=limits.memory_mb, processes=limits.processes + EXTRA_PROCESSES
        )
        if self.group is not None:
            self._stack.callback(self.group.close)
            for pid in self._processes():
                self.group.add(pid)
        self._memory = limits.memory_mb * MB
        self.feed.put(json.dumps({**job, "rlimits": rlimits(self.role, limits)}).encode())

    def look(self) -> Usage:
        """What it uses now. CPU time never goes down, though processes end that nobody waited for."""
        if self.is_running():
            seen = of_tree(self.root, self._memory, alone=self.group is None)
            cpu = self.group.cpu_seconds() if self.group is not None else None
            self._seen = Usage(
                max(cpu or 0.0, seen.cpu_seconds, self._seen.cpu_seconds), seen.memory_bytes, seen.processes
            )
        return self._seen

    def end(self) -> int:
        """Kill everything in it, wait until it is gone, give back what it held; return how it had ended."""
        with self._stack:
            self._stack.callback(os.close, self.stderr)
            self._stack.callback(self.feed.close)
            return self._kill()


def rlimits(role: Role, limits: Limits) -> dict[str, tuple[int, int]]:
    """For each process in there, soft and hard: the backstop to what is counted over all of them.

    A learner's program may reserve more addresses than it uses. The tests may not: given `range(10 ** 10)` to sort they have to fail
    with a MemoryError of their own, and not be ended by the kernel, which would look like our fault.
    """
    addresses = 2 * limits.memory_mb * MB + (1 << 30) if role != "tester" else limits.memory_mb * MB * 3 // 4
    cpu = (limits.cpu_seconds + 1, limits.cpu_seconds + 2)
    return {
        # Slurm writes a limit like this into every log; there the time of all processes together is judged, by looking.
        **({} if role == "cluster" else {"RLIMIT_CPU": cpu}),
        "RLIMIT_AS": (addresses, addresses),
        "RLIMIT_FSIZE": (limits.disk_mb * MB, limits.disk_mb * MB),
        "RLIMIT_NPROC": (limits.processes, limits.processes),
        "RLIMIT_NOFILE": (256, 256),
        "RLIMIT_SIGPENDING": (1024, 1024),
        "RLIMIT_MEMLOCK": (0, 0),
        "RLIMIT_MSGQUEUE": (0, 0),
    }


def packed(files: Mapping[str, bytes]) -> dict[str, str]:
    """Files for the working folder, as a job carries them. Names were checked by whoever read the lab; `..` ends here all the same."""
    for name in files:
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise ValueError(f"a lab's file cannot be called {name}")
    return {name: base64.b64encode(content).decode() for name, content in files.items()}
