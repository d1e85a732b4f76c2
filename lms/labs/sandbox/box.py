"""One running sandbox: started, fed its job, watched, ended with everything in it.

It is born behind a gate: a shell of its own user that waits for a line before it becomes bwrap, so that it can be put into its control
group before there is anything to escape from it. (A `preexec_fn` could do the same and can deadlock in a process with threads.)
"""

import base64
import json
import os
import resource
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from lms.content.model import Limits

from . import cgroup, seccomp
from .host import Host
from .profile import Profile, arguments
from .slots import slot
from .usage import Usage, of_tree

Role = Literal["learner", "tester", "cluster"]
# Isolated, without site-packages of the system: what may be imported is what the lab says.
START = "import sys; sys.path += ['/kernel', '/grader']; from inside.{role} import main; main()"
EXTRA_PROCESSES = 8  # bwrap's own, and the interpreter
MB = 1 << 20


@dataclass
class Box:
    """`feed` is what still has to be written to its standard input. Errors it prints land in `stderr`, a pipe for us to read."""

    process: subprocess.Popen[bytes]
    limits: Limits
    group: cgroup.Cgroup | None
    status: int
    feed: bytes
    _stack: ExitStack
    _init: int | None = None
    _seen: Usage = field(default_factory=lambda: Usage(0.0, 0, 0))

    @classmethod
    def start(
        cls,
        host: Host,
        profile: Profile,
        role: Role,
        job: Mapping[str, Any],
        limits: Limits,
        *,
        descriptors: Sequence[int],
    ) -> Self:
        """`descriptors` are handed down, and their numbers are the program's arguments, in this order."""
        _leave_no_core()
        with ExitStack() as stack:
            uid = stack.enter_context(slot())
            name = f"slipway-{os.getpid()}-{role}-{time.monotonic_ns()}"
            group = cgroup.create(
                name, memory_mb=limits.memory_mb, processes=limits.processes + EXTRA_PROCESSES
            )
            if group is not None:
                stack.callback(group.close)
            filter_, (status, status_end), listed = (
                seccomp.descriptor(cluster=profile.cluster),
                os.pipe(),
                os.memfd_create("arguments"),
            )
            words = arguments(host, profile, seccomp=filter_, status=status_end)
            os.write(listed, b"".join(word.encode() + b"\0" for word in words))
            os.lseek(listed, 0, os.SEEK_SET)
            command = [
                str(host.interpreter),
                "-I",
                "-S",
                "-B",
                "-c",
                START.format(role=role),
                *map(str, descriptors),
            ]
            try:
                process = subprocess.Popen(  # noqa: S603 (a fixed program; nothing of the learner's is in its arguments)
                    [
                        "/bin/sh",
                        "-c",
                        'read -r _ && exec "$@"',
                        "sh",
                        str(host.bwrap),
                        "--args",
                        str(listed),
                        "--",
                        *command,
                    ],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    pass_fds=(filter_, status_end, listed, *descriptors),
                    start_new_session=True,
                    env={"PATH": "/usr/bin:/bin"},
                    cwd="/",
                    user=uid,
                    group=uid,
                    extra_groups=None if uid is None else [],
                )
            finally:
                for number in (filter_, status_end, listed):
                    os.close(number)
            if group is not None:
                group.add(process.pid)
            for stream in (process.stdin, process.stderr):
                assert stream is not None
                os.set_blocking(stream.fileno(), False)
            feed = b"go\n" + json.dumps({**job, "rlimits": rlimits(role, limits)}).encode()
            return cls(process, limits, group, status, feed, stack.pop_all())

    @property
    def stdin(self) -> int:
        assert self.process.stdin is not None
        return self.process.stdin.fileno()

    @property
    def stderr(self) -> int:
        assert self.process.stderr is not None
        return self.process.stderr.fileno()

    def write(self) -> bool:
        """Feed on; return whether there is more. A sandbox that has ended wants no more."""
        try:
            self.feed = self.feed[os.write(self.stdin, self.feed[: 1 << 16]) :]
        except BlockingIOError:
            return True
        except OSError:
            self.feed = b""
        if self.feed:
            return True
        assert self.process.stdin is not None
        with suppress(OSError):
            self.process.stdin.close()
        return False

    def look(self) -> Usage:
        """What it uses now. CPU time never goes down, though processes end that nobody waited for."""
        if self.process.returncode is not None:  # its number may be another process's by now
            return self._seen
        seen = of_tree(self.process.pid, self.limits.memory_mb * MB, alone=self.group is None)
        cpu = self.group.cpu_seconds() if self.group is not None else None
        self._seen = Usage(
            max(cpu or 0.0, seen.cpu_seconds, self._seen.cpu_seconds), seen.memory_bytes, seen.processes
        )
        return self._seen

    def end(self) -> int:
        """Kill everything in it, wait until it is gone, give back its user id; return how it had ended (negative: by a signal).

        When the first process of a PID namespace dies the kernel kills the rest, and reports that death only when all are gone.
        """
        code = self.process.poll()
        if code is None:
            self.meet()
        if code is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        if self._init is not None:
            with suppress(ProcessLookupError, PermissionError):
                signal.pidfd_send_signal(self._init, signal.SIGKILL)
            select.select([self._init], [], [], 10.0)
            os.close(self._init)
        self.process.wait(timeout=10)
        for stream in (self.process.stdin, self.process.stderr):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        os.close(self.status)
        self._stack.close()
        return self.process.returncode if code is None else code

    def meet(self) -> None:
        """Get hold of the namespace's first process, as bwrap reported it. Call it when the sandbox has said hello: bwrap may end
        before everything in there has, and then nobody could tell any more when it is gone.

        Numbers of processes are used again: it has to be bwrap's child still, or we would kill somebody else.
        """
        if self._init is not None or not select.select([self.status], [], [], 0)[0]:
            return
        with suppress(ValueError, KeyError, IndexError, OSError):
            pid = int(json.loads(os.read(self.status, 4096).splitlines()[0])["child-pid"])
            handle = os.pidfd_open(pid)
            if int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1]) == self.process.pid:
                self._init = handle
            else:
                os.close(handle)


def _leave_no_core() -> None:
    """Where the host hands crashes to a program, that program runs as root with the crashed process's memory, outside of every
    namespace, and a limit of 0 does not stop it: the kernel takes only a limit of 1 for "no". A sandbox inherits ours and may not
    change it. (That the grader itself leaves no core either is as well: it holds hidden tests.)
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if hard != 0:
        resource.setrlimit(resource.RLIMIT_CORE, (1, hard))


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
