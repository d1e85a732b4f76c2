"""What this host allows, in plain words: for `lms doctor`, and for the message when grading cannot start."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lms.content.model import Limits
from lms.errors import Unavailable

from . import cgroup, seccomp, supervisor
from .host import find_bwrap, find_interpreter, find_kernel
from .ways import Fresh


@dataclass(frozen=True)
class Check:
    """`good` of None is advice: things work, and could work better."""

    name: str
    good: bool | None
    text: str


def checks() -> Iterator[Check]:
    """From the ground up; what is below a failure is not tried."""
    found: tuple[tuple[str, Callable[[], object]], ...] = (
        ("bubblewrap", find_bwrap),
        ("interpreter", lambda: find_interpreter()[1] or find_interpreter()[0]),
        ("packages for notebooks", find_kernel),
        ("system call filter", lambda: f"{len(seccomp.program()) // 8} instructions"),
    )
    for name, find in found:
        try:
            yield Check(name, good=True, text=str(find()))
        except Unavailable as missing:
            yield Check(name, good=False, text=missing.message)
            return
    yield _namespaces()
    yield _memory()
    yield _grading()


def _namespaces() -> Check:
    command = [
        str(find_bwrap()),
        "--unshare-all",
        "--unshare-user",
        "--disable-userns",
        "--ro-bind",
        "/",
        "/",
        "/bin/true",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)  # noqa: S603 (fixed)
    if done.returncode == 0:
        return Check(
            "namespaces",
            good=True,
            text="bubblewrap can make them" + (" as root" if os.geteuid() == 0 else ""),
        )
    return Check("namespaces", good=False, text=f"{done.stderr.strip()[:300]} {_advice()}")


def _advice() -> str:
    restricted = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
    if restricted.exists() and restricted.read_text().strip() == "1":
        return (
            "AppArmor forbids user namespaces here (Ubuntu 24.04 does). Install the profile for bwrap: "
            "apt install apparmor-profiles, or sysctl kernel.apparmor_restrict_unprivileged_userns=0"
        )
    clone = Path("/proc/sys/kernel/unprivileged_userns_clone")
    if clone.exists() and clone.read_text().strip() == "0":
        return "User namespaces are switched off: sysctl kernel.unprivileged_userns_clone=1"
    maximum = Path("/proc/sys/user/max_user_namespaces")
    if maximum.exists() and maximum.read_text().strip() == "0":
        return "User namespaces are switched off: sysctl user.max_user_namespaces=15000"
    return (
        "In a container its own rules forbid it: run the worker outside, or allow it with "
        "docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined"
    )


def _memory() -> Check:
    group = cgroup.create(f"slipway-probe-{os.getpid()}", memory_mb=64, processes=8)
    if group is None:
        text = "no control group can be made; memory is watched twenty times a second instead. For a service: Delegate=yes"
        return Check("memory limit", good=None, text=text)
    group.close()
    return Check("memory limit", good=True, text="by control group")


def _grading() -> Check:
    test = {"id": "works", "source": "assert twice(21) == 42", "points": 1.0, "hidden": []}
    work = supervisor.Work(cells=["def twice(n): return 2 * n"], tests=[test], names=["twice"])
    started = time.perf_counter()
    try:
        found = supervisor.run(Fresh(), work, Limits(), lambda _phase: None)
    except Unavailable as error:
        return Check("grading", good=False, text=error.message)
    if found.verdicts.get("works", {}).get("status") != "pass":
        return Check(
            "grading",
            good=False,
            text=f"a right answer did not pass: {found.ended} {found.complaint[-300:]}".strip(),
        )
    return Check("grading", good=True, text=f"a notebook in {(time.perf_counter() - started) * 1000:.0f} ms")
