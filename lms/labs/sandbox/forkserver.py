"""A sandbox that lasts, with an interpreter in it that has everything loaded and copies itself for each job (see `inside.forkserver`).

Between two jobs of a server stand the same walls as between two sandboxes: every copy has namespaces, RAM disks, terminals, limits and a
control group of its own, no capabilities, and the filter. Common to them are only the user id on the host and the layout of memory.
"""

import json
import os
import select
import signal
import socket
import struct
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import Any, Self

from lms.content.model import Limits
from lms.errors import Unavailable

from . import seccomp
from .box import MB, Box, Role
from .bubble import Bubble
from .feed import Feed
from .host import Host
from .profile import SHM_MB, Profile

START_SECONDS = 30.0
BIRTH_SECONDS = 10.0
END_SECONDS = 10.0
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid
_SCM_CREDENTIALS = 2  # linux/socket.h


class ForkServer:
    """Serves one role. Any thread may ask. Ending it ends what it has forked."""

    def __init__(self, role: Role, bubble: Bubble, control: socket.socket) -> None:
        self.role, self._bubble, self._control = role, bubble, control
        self.jobs: set[ForkedBox] = set()  # that have not been ended

    @classmethod
    def start(cls, host: Host, profile: Profile, role: Role, preload: Sequence[str] = ()) -> Self:
        """`profile.forks` has to be set. Raise `Unavailable`, with what it complained of, when it does not come up."""
        filter_ = seccomp.descriptor()
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        errors, stderr = os.pipe()
        words = [str(theirs.fileno()), role, str(filter_), *preload]
        handed = (theirs.fileno(), filter_)
        try:
            bubble = Bubble.start(
                host,
                profile,
                "forkserver",
                words,
                stdin=subprocess.DEVNULL,
                stderr=stderr,
                descriptors=handed,
            )
        except BaseException:
            control.close()
            os.close(errors)
            raise
        finally:
            theirs.close()
            os.close(filter_)
            os.close(stderr)
        server = cls(role, bubble, control)
        with os.fdopen(errors, "rb") as complaints:
            if not server._comes_up():
                server.end()
                complaint = complaints.read(2000).decode("utf-8", "replace").strip()[-500:]
                raise Unavailable(
                    f"The fork-server for the {role}'s sandbox did not start. {complaint}".strip()
                )
        bubble.meet()
        return server

    def _comes_up(self) -> bool:
        self._control.settimeout(START_SECONDS)
        try:
            return self._control.recv(16) == b"ready"
        except OSError:
            return False

    @property
    def pid(self) -> int:
        return self._bubble.pid

    def is_running(self) -> bool:
        return self._bubble.is_running()

    def ends_within(self, seconds: float) -> bool:
        return self._bubble.wait(seconds) is not None

    def fork(self, disk_mb: int, descriptors: Sequence[int]) -> "ForkedBox":
        """A copy that is about to be born. Raise `Unavailable` when the server has ended."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # The kernel says who is at the other end, by our numbering: what a process in there says of itself is worth nothing.
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        stdin, feed = os.pipe()
        errors, stderr = os.pipe()
        request = json.dumps({"disk_bytes": disk_mb * MB, "shm_bytes": SHM_MB * MB}).encode()
        try:
            socket.send_fds(self._control, [request], [stdin, stderr, theirs.fileno(), *descriptors])
        except OSError as error:
            ours.close()
            os.close(feed)
            os.close(errors)
            raise Unavailable(f"The fork-server for the {self.role}'s sandbox has ended.") from error
        finally:
            os.close(stdin)
            os.close(stderr)
            theirs.close()
        return ForkedBox(self, ours, Feed(feed), errors)

    def end(self) -> None:
        self._control.close()
        self._bubble.end()


class ForkedBox(Box):
    """`line` leads to its first process, which waits there for our word and tells in the end how the job did."""

    def __init__(self, server: ForkServer, line: socket.socket, feed: Feed, stderr: int) -> None:
        stack = ExitStack()
        server.jobs.add(self)
        stack.callback(server.jobs.discard, self)
        stack.callback(line.close)
        super().__init__(server.role, feed, stderr, stack)
        self._server, self._line = server, line
        self._pid = 0
        self._first = -1  # process of the namespace, as a handle
        self._code: int | None = None

    def be_born(self) -> None:
        """Wait for its first process. Raise `Unavailable`, with what went wrong in there, when it does not come."""
        self._line.settimeout(BIRTH_SECONDS)
        word = b""
        ancillary: list[tuple[int, int, bytes]] = []
        with suppress(OSError):
            word, ancillary, _flags, _address = self._line.recvmsg(16, socket.CMSG_SPACE(_CREDENTIALS.size))
        for level, kind, data in ancillary:
            if word == b"born" and (level, kind) == (socket.SOL_SOCKET, _SCM_CREDENTIALS):
                self._pid = _CREDENTIALS.unpack(data)[0]
        if not self._pid:
            complaint = b""
            with suppress(BlockingIOError):
                complaint = os.read(self.stderr, 500)
            raise Unavailable(
                complaint.decode("utf-8", "replace").strip() or "The fork-server made no sandbox."
            )
        # It waits for our word: the number is another's only if it was killed in this very moment, and then our word goes nowhere.
        with suppress(ProcessLookupError):
            self._first = os.pidfd_open(self._pid)
        if self._first < 0:
            raise Unavailable("The fork-server's copy ended at once.")

    def give(self, job: Mapping[str, Any], limits: Limits) -> None:
        super().give(job, limits)
        with suppress(OSError):  # it has ended already, which shows soon enough
            self._line.send(b"go")

    @property
    def root(self) -> int:
        return self._pid

    def is_running(self) -> bool:
        return self._first >= 0 and not select.select([self._first], [], [], 0)[0]

    def was_abandoned(self) -> bool:
        # Its first process tells how a job ended, unless it was killed; and of a whole sandbox that is killed the jobs go first.
        return self._how_it_ended() == -signal.SIGKILL and self._server.ends_within(1.0)

    def wait(self, seconds: float) -> int | None:
        return self._how_it_ended() if select.select([self._first], [], [], seconds)[0] else None

    def _how_it_ended(self) -> int:
        """What its first process said; who is killed says nothing."""
        if self._code is None:
            self._code = -signal.SIGKILL
            self._line.setblocking(False)
            with suppress(OSError, ValueError):
                self._code = int(self._line.recv(16))
        return self._code

    def _processes(self) -> Sequence[int]:
        return [self._pid]

    def _kill(self) -> int:
        if self._first < 0:
            return -signal.SIGKILL
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._first, signal.SIGKILL)
        select.select([self._first], [], [], END_SECONDS)
        code = self._how_it_ended()
        os.close(self._first)
        return code
