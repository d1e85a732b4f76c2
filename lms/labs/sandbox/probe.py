"""What this host allows, in plain words: for `lms doctor`, and for the message when grading cannot start."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lms.content.model import Limits
from lms.errors import Unavailable

from . import cgroup, seccomp, supervisor
from .host import find_bwrap, find_interpreter, find_kernel
from .slots import SLOTS, private_folder, slot
from .ways import Fresh, Sandboxes, open_ways
from .work import Work

STAGED_MB = 500


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
    namespaces = _namespaces()
    yield namespaces
    if not namespaces.good:
        return
    yield _kernel()
    yield _users()
    if os.geteuid() == 0:  # nobody else needs copies
        yield _room()
    yield _memory()
    yield _grading()


def thorough() -> Iterator[Check]:
    """The same, and which way gradings will go: starting fork-servers takes a second or two."""
    sick = False
    for check in checks():
        sick = sick or check.good is False
        yield check
    if not sick:
        yield _way()


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


def _kernel() -> Check:
    """The filter is of use only where the kernel loads it, which bwrap would tell at the first grading."""
    modes = Path("/proc/sys/kernel/seccomp/actions_avail")
    if modes.exists() and "errno" in modes.read_text():
        return Check("system calls", good=True, text="this kernel filters them")
    return Check(
        "system calls",
        good=False,
        text="this kernel cannot filter system calls (CONFIG_SECCOMP_FILTER), and notebooks are never run without: use a "
        "distribution's own kernel",
    )


def _users() -> Check:
    if os.geteuid() != 0:
        return Check(
            "user ids",
            good=None,
            text="sandboxes run as the user of the grader, who had best own nothing else; as root each gets an id of its own",
        )
    try:
        with slot() as uid:
            return Check("user ids", good=True, text=f"{SLOTS} of its own for sandboxes, from {uid}")
    except Unavailable as missing:
        return Check("user ids", good=False, text=missing.message)


def _room() -> Check:
    """For copies of what only root can read, made once (see `staging`)."""
    try:
        folder = private_folder("/var/cache", "staged")
    except Unavailable as missing:
        return Check("room for copies", good=False, text=missing.message)
    free = shutil.disk_usage(folder).free >> 20
    if free < STAGED_MB:
        text = f"{folder} has {free} MB free and may need {STAGED_MB}: make room there"
        return Check("room for copies", good=None, text=text)
    return Check("room for copies", good=True, text=f"{free} MB free in {folder}")


def _way() -> Check:
    """What `open_ways` will choose, and the better of two gradings: the first waits for what the others find ready."""
    sandboxes = open_ways()
    try:
        _graded(sandboxes)
        started = time.perf_counter()
        trouble = _graded(sandboxes)
        took = f"{(time.perf_counter() - started) * 1000:.0f} ms for a notebook"
    except Unavailable as error:
        return Check("way", good=False, text=error.message)
    finally:
        sandboxes.close()
    if trouble:
        return Check("way", good=False, text=f"{sandboxes.name}: {trouble}")
    if sandboxes.name == "fork":
        return Check("way", good=True, text=f"fork-servers, {took}")
    return Check(
        "way",
        good=None,
        text=f"sandboxes started ahead, {took}. Fork-servers are quicker and need user namespaces within user namespaces: "
        f"{_advice()}",
    )


def _memory() -> Check:
    group = cgroup.create(f"slipway-probe-{os.getpid()}", memory_mb=64, processes=8)
    if group is None:
        text = "no control group can be made; memory is watched twenty times a second instead. For a service: Delegate=yes"
        return Check("memory limit", good=None, text=text)
    group.close()
    version = 2 if (cgroup.ROOT / "cgroup.controllers").exists() else 1
    return Check("memory limit", good=True, text=f"by control group (v{version})")


def _grading() -> Check:
    started = time.perf_counter()
    try:
        trouble = _graded(Fresh())
    except Unavailable as error:
        return Check("grading", good=False, text=error.message)
    if trouble:
        return Check("grading", good=False, text=trouble)
    return Check("grading", good=True, text=f"a notebook in {(time.perf_counter() - started) * 1000:.0f} ms")


def _graded(sandboxes: Sandboxes) -> str:
    """What is wrong with how a right answer is graded; empty is good. Raise `Unavailable` when no sandbox can be made."""
    test = {"id": "works", "source": "assert twice(21) == 42", "points": 1.0, "hidden": []}
    work = Work(cells=["def twice(n): return 2 * n"], tests=[test], names=["twice"])
    found = supervisor.run(sandboxes, work, Limits(), lambda _phase: None)
    if found.verdicts.get("works", {}).get("status") == "pass":
        return ""
    return f"a right answer did not pass: {found.ended} {found.complaint[-300:]}".strip()
