"""Which system calls a sandbox may make: all but those on the kernel's attack surface (a list like Docker's and Flatpak's),
compiled by libseccomp to the BPF program that bwrap loads.
"""

import errno
import os
import socket
import tempfile
from functools import cache
from typing import Any

from lms.errors import Unavailable

# Debugging others, the kernel's newest doors, keys, mounts, namespaces, modules, clocks. And shared memory that belongs to
# no file or process: without a memory cgroup nobody would count memfd_create's and shmget's.
DENIED = tuple(
    """
    ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd perf_event_open bpf userfaultfd
    io_uring_setup io_uring_enter io_uring_register keyctl add_key request_key
    mount umount umount2 pivot_root chroot move_mount open_tree fsopen fsconfig fsmount fspick mount_setattr
    unshare setns swapon swapoff reboot init_module finit_module delete_module kexec_load kexec_file_load
    open_by_handle_at name_to_handle_at acct quotactl quotactl_fd syslog settimeofday clock_settime clock_settime64
    adjtimex clock_adjtime personality modify_ldt iopl ioperm lookup_dcookie vhangup mbind migrate_pages move_pages
    set_mempolicy nfsservctl uselib ustat sysfs _sysctl fanotify_init
    shmget msgget semget mq_open memfd_create memfd_secret
    """.split()  # noqa: SIM905 (a list of sixty quoted words cannot be read)
)
CLONE_NEW = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x00000080)
# By number where Python has no name: packet, Bluetooth, algorithms, vsock.
FAMILIES = (socket.AF_INET, socket.AF_INET6, 16, 17, 31, 38, 40)
TIOCSTI, TIOCLINUX = 0x5412, 0x541C


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
        _deny(pyseccomp, rules, name, errno.EPERM)
    for flag in CLONE_NEW:
        rules.add_rule(
            pyseccomp.ERRNO(errno.EPERM), "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag)
        )
    # clone3 keeps its flags in memory where a filter cannot look; told that it does not exist, glibc uses clone.
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    for family in FAMILIES[2:] if cluster else FAMILIES:
        rules.add_rule(pyseccomp.ERRNO(errno.EACCES), "socket", pyseccomp.Arg(0, pyseccomp.EQ, int(family)))
    for request in (TIOCSTI, TIOCLINUX):
        rules.add_rule(
            pyseccomp.ERRNO(errno.EPERM), "ioctl", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, 0xFFFFFFFF, request)
        )
    if cluster:
        rules.add_rule(pyseccomp.ERRNO(0), "setgroups")
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def _deny(pyseccomp: Any, rules: Any, name: str, code: int) -> None:
    try:
        rules.add_rule(pyseccomp.ERRNO(code), name)
    except (ValueError, OSError, RuntimeError):
        # This architecture, or this libseccomp, has no call of that name: then nobody can make it.
        return


def descriptor(*, cluster: bool = False) -> int:
    """The program in a file without a name; the caller closes it."""
    number = os.memfd_create("seccomp")
    os.write(number, program(cluster=cluster))
    os.lseek(number, 0, os.SEEK_SET)
    return number
