"""A user id of its own for each sandbox, when the grader is root. As root RLIMIT_NPROC is not enforced, and two sandboxes of the
same user could signal each other were it not for their namespaces: one line of defence is not enough.

The ids are high numbers that need no entry in /etc/passwd; a lock on a small file says which are taken, across processes, and the
kernel releases it when a grader dies.
"""

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from lms.errors import Unavailable

SLOTS = 512
PREFERRED = 1_879_048_192


@contextmanager
def slot() -> Iterator[int | None]:
    """A user id nobody else has for the time being; None when we are not root, and sandboxes run as ourselves."""
    if os.geteuid() != 0:
        yield None
        return
    folder = private_folder("/run", "slots")
    for number in range(SLOTS):
        handle = os.open(folder / str(number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            continue
        try:
            yield _first() + number
        finally:
            os.close(handle)
        return
    raise Unavailable(f"All {SLOTS} sandboxes of this machine are in use; try again in a minute.")


@cache
def _first() -> int:
    """The first of our ids: in a container only the ids it was given exist, and then the highest of those are ours."""
    ranges = [tuple(map(int, line.split())) for line in Path("/proc/self/uid_map").read_text().splitlines()]
    for start, _, count in ranges:
        if start <= PREFERRED and start + count >= PREFERRED + SLOTS:
            return PREFERRED
    start, _, count = max(ranges, key=lambda given: given[2])
    if count <= 2 * SLOTS:
        raise Unavailable(
            "The grader runs as root in a container with too few user ids for its sandboxes. "
            "Run it as a normal user instead: it needs no root."
        )
    return start + count - SLOTS - 1


def private_folder(preferred: str, name: str) -> Path:
    """`preferred`/slipway/`name`, or the same under the temporary folder where that is read-only. Nobody else may have made it:
    in a folder that everyone may write to, a name that can be guessed can be taken first.
    """
    for base in (Path(preferred), Path(tempfile.gettempdir())):
        parent = base / ("slipway" if base == Path(preferred) else f"slipway-{os.geteuid()}")
        try:
            for folder in (parent, parent / name):
                folder.mkdir(mode=0o755, exist_ok=True)
                found = folder.lstat()
                if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
                    raise Unavailable(
                        f"{folder} belongs to somebody else or may be written by others: remove it."
                    )
        except OSError:
            continue
        if os.access(parent / name, os.W_OK):
            return parent / name
    raise Unavailable(
        f"Neither {preferred} nor {tempfile.gettempdir()} can be written to; the grader needs a small place of its own."
    )
