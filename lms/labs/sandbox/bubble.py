"""bwrap, started and ended: what a sandbox for one job and a fork-server that lasts have in common."""

import json
import os
import resource
import select
import signal
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Self

from . import seccomp
from .host import Host
from .profile import Profile, arguments
from .slots import slot
from .usage import tree

# No site-packages of the system: what may be imported is what the lab says. The environment is all ours, and -E is left out for the
# sake of PYTHONHASHSEED in it: sets in the same order for the same grading.
PYTHON = ("-P", "-s", "-S", "-B", "-c")
START = "import sys; sys.path += ['/kernel', '/grader']; from inside.{program} import main; main()"


class Bubble:
    """`status` is where bwrap reports what it started."""

    def __init__(self, process: subprocess.Popen[bytes], status: int, stack: ExitStack) -> None:
        self._process, self._status, self._stack = process, status, stack
        self._first: int | None = None  # process of the namespace, as a handle

    @classmethod
    def start(
        cls,
        host: Host,
        profile: Profile,
        program: str,
        words: Sequence[str],
        *,
        stdin: int,
        stderr: int,
        descriptors: Sequence[int],
    ) -> Self:
        """`program` is a module of `inside`, `words` are its arguments; `descriptors` are handed down under the same numbers."""
        _leave_no_core()
        with ExitStack() as stack, ExitStack() as handed:
            uid = stack.enter_context(slot())
            filter_ = seccomp.descriptor(cluster=profile.cluster)
            handed.callback(os.close, filter_)
            listed = os.memfd_create("arguments")
            handed.callback(os.close, listed)
            status, status_end = os.pipe()
            handed.callback(os.close, status_end)
            stack.callback(os.close, status)
            told = arguments(host, profile, seccomp=filter_, status=status_end)
            os.write(listed, b"".join(word.encode() + b"\0" for word in told))
            os.lseek(listed, 0, os.SEEK_SET)
            inside = [str(host.interpreter), *PYTHON, START.format(program=program), *words]
            process = subprocess.Popen(  # noqa: S603 (a fixed program; nothing of the learner's is in its arguments)
                [str(host.bwrap), "--args", str(listed), "--", *inside],
                stdin=stdin,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                pass_fds=(filter_, status_end, listed, *descriptors),
                start_new_session=True,
                env={"PATH": "/usr/bin:/bin"},
                cwd="/",
                user=uid,
                group=uid,
                extra_groups=None if uid is None else [],
            )
            return cls(process, status, stack.pop_all())

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_running(self) -> bool:
        return self._process.poll() is None

    def wait(self, seconds: float) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(seconds)
        return None

    def processes(self) -> Sequence[int]:
        self.meet()
        return tree(self._process.pid)

    def meet(self) -> None:
        """Get hold of the namespace's first process, as bwrap reported it. Call it when something in there has spoken: bwrap may end
        before everything in there has, and then nobody could tell any more when it is gone.

        Numbers of processes are used again: it has to be bwrap's child still, or we would kill somebody else.
        """
        if self._first is not None or not select.select([self._status], [], [], 0)[0]:
            return
        with suppress(ValueError, KeyError, IndexError, OSError):
            pid = int(json.loads(os.read(self._status, 4096).splitlines()[0])["child-pid"])
            handle = os.pidfd_open(pid)
            if int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1]) == self._process.pid:
                self._first = handle
            else:
                os.close(handle)

    def end(self) -> int:
        """Kill everything in it, wait until it is gone, give back its user id; return how it had ended (negative: by a signal).

        When the first process of a PID namespace dies the kernel kills the rest, and reports that death only when all are gone.
        """
        code = self._process.poll()
        if code is None:
            self.meet()
            os.killpg(self._process.pid, signal.SIGKILL)
        if self._first is not None:
            with suppress(ProcessLookupError, PermissionError):
                signal.pidfd_send_signal(self._first, signal.SIGKILL)
            select.select([self._first], [], [], 10.0)
            os.close(self._first)
        with self._stack:
            self._process.wait(timeout=10)
        return self._process.returncode if code is None else code


def _leave_no_core() -> None:
    """Where the host hands crashes to a program, that program runs as root with the crashed process's memory, outside of every
    namespace, and a limit of 0 does not stop it: the kernel takes only a limit of 1 for "no". A sandbox inherits ours and may not
    change it. (That the grader itself leaves no core either is as well: it holds hidden tests.)
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if hard != 0:
        resource.setrlimit(resource.RLIMIT_CORE, (1, hard))
