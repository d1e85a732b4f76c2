"""A control group for one sandbox, v1 or v2, where this process may make one: memory and processes are then capped, and CPU time
counted, by the kernel. Where it may not, `usage` looks for itself.
"""

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Cgroup:
    """The folders of one group: one under v2, one a controller under v1."""

    folders: tuple[Path, ...]

    def add(self, pid: int) -> None:
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(pid))

    def hit_memory_limit(self) -> bool:
        """Whether the kernel ended a process of the group because the group had used up its memory."""
        for folder in self.folders:
            for name in ("memory.events", "memory.oom_control"):
                with suppress(OSError):
                    counts = dict(line.split() for line in (folder / name).read_text().splitlines())
                    if int(counts.get("oom_kill", 0)):
                        return True
        return False

    def cpu_seconds(self) -> float | None:
        """CPU time of all that ever ran in the group; None without a controller for it."""
        for folder in self.folders:
            with suppress(OSError, ValueError):
                return int((folder / "cpuacct.usage").read_text()) / 1e9
            with suppress(OSError, ValueError):
                return int((folder / "cpu.stat").read_text().split()[1]) / 1e6
        return None

    def close(self) -> None:
        """End whatever is left in it and remove it."""
        for folder in self.folders:
            for _ in range(400):
                with suppress(OSError):
                    for pid in (folder / "cgroup.procs").read_text().split():
                        os.kill(int(pid), signal.SIGKILL)
                try:
                    folder.rmdir()
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.005)
                else:
                    break


def create(name: str, *, memory_mb: int, processes: int) -> Cgroup | None:
    """None where no memory controller can be used: the caller has to look for itself."""
    if (ROOT / "cgroup.controllers").exists():
        return _unified(name, memory_mb << 20, processes)
    return _legacy(name, memory_mb << 20, processes)


def _unified(name: str, memory: int, processes: int) -> Cgroup | None:
    """Below our own group, or beside it: a service that systemd gave a subtree (`Delegate=`) has its processes in a leaf of it,
    because a group with processes of its own may not hand controllers down.
    """
    own = ROOT / Path("/proc/self/cgroup").read_text().rsplit("::", 1)[-1].strip().lstrip("/")
    for parent in (own, own.parent):
        group = Cgroup((parent / name,))
        try:
            group.folders[0].mkdir()
            (group.folders[0] / "memory.max").write_text(str(memory))
            (group.folders[0] / "pids.max").write_text(str(processes))
        except OSError:
            group.close()
            continue
        for optional, value in (("memory.swap.max", "0"), ("memory.oom.group", "1")):
            with suppress(OSError):
                (group.folders[0] / optional).write_text(value)
        return group
    return None


def _legacy(name: str, memory: int, processes: int) -> Cgroup | None:
    made: list[Path] = []
    try:
        for controller, limit, value in (
            ("memory", "memory.limit_in_bytes", memory),
            ("pids", "pids.max", processes),
            ("cpuacct", "cpuacct.usage", 0),
            # Each sandbox gets the same share: forty busy processes of one must not make another's tests run out of time.
            ("cpu", "cpu.shares", 1024),
        ):
            folder = ROOT / controller / name
            folder.mkdir()
            made.append(folder)
            (folder / limit).write_text(str(value))
    except OSError:
        Cgroup(tuple(made)).close()
        return None
    return Cgroup(tuple(made))
