"""How far a build is, for whoever waits for it in another process: a lock that the builder holds, and a file that says where it stands.

The lock tells a builder at work from one that was killed, which could not say so any more.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from lms.runtime.built import find

State = Literal["ready", "building", "missing", "failed"]
TOLD, LOCKED = "standing.json", "lock"


@dataclass(frozen=True)
class Standing:
    """`done` of `of` is how far it is, in no unit; `step` what it is at and `message` why it failed, in words."""

    state: State
    step: str = ""
    done: int = 0
    of: int = 0
    message: str = ""


def standing(root: Path) -> Standing:
    """Of the runtime below `root`."""
    if find(root) is not None:
        return Standing("ready")
    told = _told(root)
    if told is None:
        return Standing("missing")
    if told.state == "building" and not is_building(root):
        return Standing("failed", message="The build was stopped before its end.")
    return told


def tell(root: Path, told: Standing) -> None:
    """Written beside and renamed: a reader meets the old or the new, never half of one."""
    beside = root / f"{TOLD}.{os.getpid()}"
    beside.write_text(json.dumps(asdict(told)))
    beside.replace(root / TOLD)


@contextmanager
def building(root: Path) -> Iterator[None]:
    """One build at a time on a host: a second waits here."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / LOCKED).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_building(root: Path) -> bool:
    try:
        with (root / LOCKED).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _told(root: Path) -> Standing | None:
    try:
        return Standing(**json.loads((root / TOLD).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
