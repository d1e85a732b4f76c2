"""What a tree of processes uses, by looking: for hosts where no control group can be made. One look costs well under a millisecond."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
INODE = 1024
PAGE = os.sysconf("SC_PAGE_SIZE")
WITHOUT_A_FILE = b"/dev/zero (deleted)"
ORDINARY_DESCRIPTORS = 64
BUFFER = 208 << 10  # what a socket may hold; the filter forbids to ask for more


@dataclass(frozen=True)
class Usage:
    cpu_seconds: float
    memory_bytes: int
    processes: int


def of_tree(root: int, enough: int, *, alone: bool = True) -> Usage:
    """CPU time includes that of children which have ended and were waited for. Memory is what is resident; only when that sum
    exceeds `enough` bytes are pages shared by several processes counted once, which takes longer to find out.

    `alone` says that no control group counts beside us: then what is resident in no process is looked for as well.
    """
    pids = tree(root)
    cpu, resident = 0.0, 0
    for pid in pids:
        with suppress(OSError, IndexError, ValueError):
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            cpu += sum(map(int, fields[11:15])) / TICKS
            resident += int(fields[21]) * PAGE
    if resident > enough:
        resident = sum(_proportional(pid) for pid in pids)
    elsewhere = _shared_without_a_file(pids) + _buffers(pids) if alone else 0
    return Usage(cpu, resident + _ram_disks(pids) + elsewhere, len(pids))


def _ram_disks(pids: list[int]) -> int:
    """Memory behind the writable folders that the sandbox sees, empty files too: the kernel keeps about a kilobyte for each, and
    a million of them is a gigabyte that belongs to no process. Any process in there will do; the first of them lives longest.
    """
    for pid in pids:
        root, used = f"/proc/{pid}/root", 0
        try:
            if os.stat(f"{root}/box").st_dev == os.stat(root).st_dev:  # noqa: PTH116 (of a process, twenty times a second)
                continue
        except OSError:  # it has not entered the sandbox, and these would be the host's own, or it has ended
            continue
        for folder in ("box", "tmp", "dev/shm"):
            with suppress(OSError):
                disk = os.statvfs(f"{root}/{folder}")
                used += (disk.f_blocks - disk.f_bfree) * disk.f_frsize + (disk.f_files - disk.f_ffree) * INODE
        return used
    return 0


def _shared_without_a_file(pids: list[int]) -> int:
    """Mappings shared by descent. Pages that were written and then given back (`MADV_DONTNEED`) stay, and are resident nowhere:
    so the whole mapping counts.
    """
    sizes: dict[bytes, int] = {}
    for pid in pids:
        with suppress(OSError, ValueError, IndexError):
            maps = Path(f"/proc/{pid}/maps").read_bytes()
            for line in maps.splitlines() if WITHOUT_A_FILE in maps else ():
                if line.endswith(WITHOUT_A_FILE):
                    start, _, end = line.split(b" ", 1)[0].partition(b"-")
                    sizes[line.split()[4]] = sizes.get(line.split()[4], 0) + int(end, 16) - int(start, 16)
    return sum(sizes.values())


def _buffers(pids: list[int]) -> int:
    """The kernel's memory behind sockets and pipes: up to a buffer for each descriptor beyond what any program has open."""
    count = 0
    for pid in pids:
        with suppress(OSError):
            count += len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 (as above)
    return max(0, count - ORDINARY_DESCRIPTORS) * BUFFER


def tree(root: int) -> list[int]:
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        found.append(pid)
        with suppress(OSError):
            for task in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 (thousands of times a minute)
                with suppress(OSError):
                    todo += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
    return found


def _proportional(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) << 10
    except OSError:
        with suppress(OSError):
            return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    return 0
