"""Which system calls a sandbox may make: all but those on the kernel's attack surface (a list like Docker's and Flatpak's),
compiled by libseccomp to the BPF program that bwrap loads.
"""

import errno
import os
import resource
import socket
import struct
import tempfile
from functools import cache
from typing import Any

from lms.errors import Unavailable

# Debugging others, the kernel's newest doors, keys, mounts, namespaces, modules, clocks. Shared memory that belongs to no file or
# process: without a memory cgroup nobody would count memfd_create's and shmget's. And what is scarce on the whole machine: contexts
# for asynchronous reading (a database beside us needs them too), watches on files (which also see other sandboxes use /usr).
DENIED = tuple(
    """
    ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd perf_event_open bpf userfaultfd
    io_uring_setup io_uring_enter io_uring_register keyctl add_key request_key
    mount umount umount2 pivot_root chroot move_mount open_tree fsopen fsconfig fsmount fspick mount_setattr
    unshare setns swapon swapoff reboot init_module finit_module delete_module kexec_load kexec_file_load
    open_by_handle_at name_to_handle_at acct quotactl quotactl_fd syslog settimeofday clock_settime clock_settime64
    adjtimex clock_adjtime personality modify_ldt iopl ioperm lookup_dcookie vhangup mbind migrate_pages move_pages
    set_mempolicy nfsservctl uselib ustat sysfs _sysctl fanotify_init
    shmget msgget semget mq_open memfd_create memfd_secret io_setup inotify_init inotify_init1
    """.split()  # noqa: SIM905 (a list of sixty quoted words cannot be read)
)
# Calls have had the same number on every architecture since 424: these are shut by number where libseccomp is too old to know the name.
NUMBERS = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "clone3": 435,
    "pidfd_getfd": 438,
    "process_madvise": 440,
    "mount_setattr": 442,
    "quotactl_fd": 443,
    "memfd_secret": 447,
}
# What is newer than this nobody here has looked at. libseccomp cannot name it, and a list of what is denied would let it through.
LAST_KNOWN = 450
CLONE_NEW = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x00000080)
# Typing into a terminal, and having the kernel load a line discipline.
REQUESTS = (0x5412, 0x541C, 0x5423)  # TIOCSTI, TIOCLINUX, TIOCSETD
MAP_HUGETLB = 0x40000
# The filter sees 64 bits of each argument, and the kernel takes 32 of an int: the upper half must not make a difference.
INT = 0xFFFFFFFF


@cache
def program(*, cluster: bool = False) -> bytes:
    """The BPF program. Raise `Unavailable` where libseccomp is missing.

    In a `cluster` Slurm's daemons talk over the sandbox's own loopback, so the internet's families are allowed; there is no way out of
    there with them. And dropping groups succeeds without doing anything, because a namespace made without root has no such call.
    """
    try:
        import pyseccomp  # noqa: PLC0415 (loads libseccomp, which may be missing: doctor must be able to say so)
    except (ImportError, RuntimeError, OSError) as error:
        raise Unavailable(
            f"The sandbox needs libseccomp and it did not load ({error}). Install it: apt install libseccomp2"
        ) from error
    rules = pyseccomp.SyscallFilter(defaction=pyseccomp.ALLOW)
    for name in DENIED:
        _deny(rules, name, pyseccomp.ERRNO(errno.EPERM))
    for flag in CLONE_NEW:
        _deny(rules, "clone", pyseccomp.ERRNO(errno.EPERM), pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
    # clone3 keeps its flags in memory where a filter cannot look; told that it does not exist, glibc uses clone.
    _deny(rules, "clone3", pyseccomp.ERRNO(errno.ENOSYS))
    # Of forty families of sockets most are a kernel module that the first call loads. One is of use without a network.
    families = [pyseccomp.Arg(0, pyseccomp.NE, int(socket.AF_UNIX))]
    if cluster:
        families = [pyseccomp.Arg(0, pyseccomp.EQ, family) for family in range(3, socket.AF_INET6)]
        families.append(pyseccomp.Arg(0, pyseccomp.GT, int(socket.AF_INET6)))
        rules.add_rule(pyseccomp.ERRNO(0), "setgroups")
    for family in families:
        _deny(rules, "socket", pyseccomp.ERRNO(errno.EACCES), family)
        _deny(rules, "socketpair", pyseccomp.ERRNO(errno.EACCES), family)
    for request in REQUESTS:
        asked = pyseccomp.Arg(1, pyseccomp.MASKED_EQ, INT, request)
        _deny(rules, "ioctl", pyseccomp.ERRNO(errno.EPERM), asked)
    # The machine's huge pages are counted in no process's memory.
    huge = pyseccomp.Arg(3, pyseccomp.MASKED_EQ, MAP_HUGETLB, MAP_HUGETLB)
    _deny(rules, "mmap", pyseccomp.ERRNO(errno.EPERM), huge)
    # Nor is what waits in a socket: `usage` reckons with the buffer one gets unasked.
    larger = (
        pyseccomp.Arg(1, pyseccomp.MASKED_EQ, INT, socket.SOL_SOCKET),
        pyseccomp.Arg(2, pyseccomp.MASKED_EQ, INT, socket.SO_SNDBUF),
    )
    _deny(rules, "setsockopt", pyseccomp.ERRNO(errno.EPERM), *larger)
    # A limit of one byte, set in `bubble`, alone keeps a crash from the host's own handler of crashes: it may not be changed.
    core = (
        pyseccomp.Arg(1, pyseccomp.MASKED_EQ, INT, resource.RLIMIT_CORE),
        pyseccomp.Arg(2, pyseccomp.NE, 0),
    )
    _deny(rules, "prlimit64", pyseccomp.ERRNO(errno.EPERM), *core)
    _deny(
        rules,
        "setrlimit",
        pyseccomp.ERRNO(errno.EPERM),
        pyseccomp.Arg(0, pyseccomp.MASKED_EQ, INT, resource.RLIMIT_CORE),
    )
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return _unknown_refused() + file.read()


def _deny(rules: Any, name: str, action: Any, *conditions: Any) -> None:
    for call in filter(None, (name, NUMBERS.get(name))):
        try:
            rules.add_rule(action, call, *conditions)
        except (ValueError, OSError, RuntimeError):
            # This architecture, or this libseccomp, has no call of that name: then it is shut by its number, or nobody can make it.
            continue
        return


def _unknown_refused() -> bytes:
    """Three instructions before the rest: a call above `LAST_KNOWN` "does not exist", and libraries then use its elder."""
    load_number, jump_if_greater, answer = 0x20, 0x25, 0x06
    return b"".join(
        struct.pack("HBBI", code, yes, no, value)
        for code, yes, no, value in (
            (load_number, 0, 0, 0),
            (jump_if_greater, 0, 1, LAST_KNOWN),
            (answer, 0, 0, 0x00050000 | errno.ENOSYS),
        )
    )


def descriptor(*, cluster: bool = False) -> int:
    """The program in a file without a name; the caller closes it."""
    number = os.memfd_create("seccomp")
    os.write(number, program(cluster=cluster))
    os.lseek(number, 0, os.SEEK_SET)
    return number
