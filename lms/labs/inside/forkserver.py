"""A process that has everything prepared and makes a copy of itself for each job, in namespaces of the copy's own.

It runs in a sandbox that lasts, reads no job, and never runs a line of anybody's code but ours. For each request on its control socket:

    server -fork-> child: new user, mount, PID, IPC, UTS, network and cgroup namespaces -fork-> init: says that it is born, waits for
    the word, mounts RAM disks and /proc of its own, gives up every capability, loads the filter -fork-> the job, as everywhere else

init stays behind to bury orphans and to tell how the job ended. Whoever kills init kills everything in its namespace.

Arguments: the control socket, the role, the descriptor of the filter, modules to import beforehand.
"""

import array
import ctypes
import gc
import importlib
import json
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

# linux/sched.h, linux/mount.h, linux/prctl.h, linux/capability.h
NEW_NAMESPACES = 0x10000000 | 0x00020000 | 0x20000000 | 0x08000000 | 0x04000000 | 0x40000000 | 0x02000000
NOSUID, NODEV, NOEXEC, RECURSIVE, PRIVATE = 2, 4, 8, 16384, 1 << 18
SET_DUMPABLE, SET_SECCOMP, BOUNDING_DROP, SET_NO_NEW_PRIVS, AMBIENT = 4, 22, 24, 38, 47
CAPABILITY_VERSION, LAST_CAPABILITY = 0x20080522, 63
DESCRIPTORS = (
    3  # that come with every request before those of the role: the job, its errors, the birth socket
)

libc = ctypes.CDLL(None, use_errno=True)


class Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("program", ctypes.c_void_p))


def main() -> NoReturn:
    control, filter_ = socket.socket(fileno=int(sys.argv[1])), int(sys.argv[3])
    role = importlib.import_module(f"inside.{sys.argv[2]}")
    with os.fdopen(filter_, "rb") as file:
        program = file.read()
    prepared = role.prepare(sys.argv[4:])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a child here
    gc.collect()
    gc.freeze()  # the collector would touch, and so unshare, every page that the copies share
    control.send(b"ready")
    while True:
        request, ancillary, _flags, _address = control.recvmsg(4096, socket.CMSG_SPACE(4 * 16))
        if not request:  # whoever asked has ended, and nobody waits for the jobs any more
            with suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
            os._exit(0)
        received = _descriptors(ancillary)
        try:
            is_copy = os.fork() == 0
        except (
            OSError
        ) as error:  # too many processes, or too little memory, for the moment: the other jobs live on
            os.write(received[1], f"the fork-server could not fork: {error.strerror}\n".encode())
            is_copy = False
        if is_copy:
            control.close()
            _child(role, prepared, program, json.loads(request), received)
        for number in received:
            os.close(number)


def _descriptors(ancillary: list[tuple[int, int, bytes]]) -> list[int]:
    numbers = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            numbers.frombytes(data[: len(data) - len(data) % numbers.itemsize])
    return list(numbers)


def _child(
    role: Any, prepared: Any, program: bytes, request: dict[str, int], received: list[int]
) -> NoReturn:
    job, errors, birth = received[:DESCRIPTORS]
    os.dup2(errors, 2)
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _enter_namespaces()
        if os.fork():
            os._exit(0)
        _init(birth, request, program)
        os.dup2(job, 0)
        _close_all_but(received[DESCRIPTORS:])
        role.run(prepared, *received[DESCRIPTORS:])
    except BaseException as error:  # noqa: BLE001 (nothing may come back from here into the server's loop)
        os.write(2, f"the fork-server could not make a sandbox: {type(error).__name__}: {error}\n".encode())
    os._exit(1)


def _enter_namespaces() -> None:
    user, group = os.getuid(), os.getgid()
    _check(libc.unshare(NEW_NAMESPACES), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _init(birth: int, request: dict[str, int], program: bytes) -> None:
    """The first process of the new namespace. Returns in the job's process only."""
    os.setsid()
    with socket.socket(fileno=os.dup(birth)) as line:
        line.send(b"born")
        if (
            line.recv(8) != b"go"
        ):  # it has been put into its control group by now, or nobody wants it any more
            os._exit(1)
    _furnish(request["disk_bytes"], request["shm_bytes"])
    _renounce(program)
    job = os.fork()
    if job:
        libc.prctl(SET_DUMPABLE, 0, 0, 0, 0)  # the job is of the same user: it may not look into this process
        _bury(job, birth)


def _furnish(disk: int, shm: int) -> None:
    _check(libc.mount(None, b"/", None, PRIVATE | RECURSIVE, None), "make mounts private")
    for folder, size in ((b"/box", disk), (b"/tmp", shm), (b"/dev/shm", shm)):
        options = f"size={size},mode=0755".encode()
        _check(libc.mount(b"tmpfs", folder, b"tmpfs", NOSUID | NODEV, options), f"mount {folder.decode()}")
    # The server's terminals would be common to all its copies: what one types another could read.
    terminals = b"newinstance,ptmxmode=0666,mode=620"
    _check(libc.mount(b"devpts", b"/dev/pts", b"devpts", NOSUID | NOEXEC, terminals), "mount /dev/pts")
    _check(libc.mount(b"proc", b"/proc", b"proc", NOSUID | NODEV | NOEXEC, None), "mount /proc")
    with suppress(OSError):  # the filter forbids it anyway
        Path("/proc/sys/user/max_user_namespaces").write_text("0")
    os.chdir("/box")


def _renounce(program: bytes) -> None:
    """Every capability, for good, then every system call that the filter does not allow."""
    for capability in range(LAST_CAPABILITY + 1):
        libc.prctl(BOUNDING_DROP, capability, 0, 0, 0)
    _check(
        libc.capset((ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0), (ctypes.c_uint32 * 6)()),
        "drop capabilities",
    )
    libc.prctl(AMBIENT, 4, 0, 0, 0)  # clear them all
    _check(libc.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
    buffer = ctypes.create_string_buffer(program, len(program))
    filter_ = Filter(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    _check(libc.prctl(SET_SECCOMP, 2, ctypes.byref(filter_), 0, 0), "load the system call filter")


def _bury(job: int, birth: int) -> NoReturn:
    """Wait for every process that has no parent any more; tell how the job ended, as a shell would (128 + signal), and end with it."""
    _close_all_but([birth])
    while True:
        pid, status = os.wait()
        if pid == job:
            code = os.waitstatus_to_exitcode(status)
            with suppress(OSError):
                os.write(birth, str(code if code >= 0 else 128 - code).encode())
            os._exit(0)


def _close_all_but(kept: list[int]) -> None:
    low = 3
    for number in sorted(kept):
        os.closerange(low, number)
        low = number + 1
    os.closerange(low, 1 << 16)


def _check(result: int, what: str) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
