"""Slurm's spellings of moments, durations, exit codes, states and resources. None is what Slurm itself leaves open."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

STATES = (
    "PENDING", "RUNNING", "SUSPENDED", "COMPLETED", "CANCELLED", "FAILED", "TIMEOUT", "NODE_FAIL", "PREEMPTED",
    "BOOT_FAIL", "DEADLINE", "OUT_OF_MEMORY", "COMPLETING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD",
    "RESIZING", "REVOKED", "SIGNALING", "SPECIAL_EXIT", "STAGE_OUT", "STOPPED", "EXPEDITING", "POWER_UP_NODE", "UPDATE_DB",
)  # fmt: skip
UNFINISHED = frozenset(
    {"PENDING", "RUNNING", "SUSPENDED", "COMPLETING", "CONFIGURING", "RESIZING", "SIGNALING", "STAGE_OUT"}
)
_OPEN = frozenset({"", "unknown", "none", "n/a", "(null)", "invalid", "partition_limit", "none assigned"})
_DURATION = re.compile(
    r"(?:(?P<d>\d{1,5})-)?(?:(?P<h>\d{1,4}):)?(?P<m>\d{1,5}):(?P<s>\d{1,2})(?:\.\d+)?", re.ASCII
)
_EXIT = re.compile(r"(\d{1,5}):(\d{1,5})", re.ASCII)
_GPUS = re.compile(r"(?:^|,)gres/gpu(?P<kind>:[^=,]+)?=(?P<count>\d{1,9})(?=,|$)", re.ASCII)


class QuantityError(ValueError):
    """A text in none of the forms Slurm writes."""


@dataclass(frozen=True)
class Unlimited:
    """No time limit but the partition's."""


@dataclass(frozen=True)
class Exit:
    """`code:signal`, as sacct and scontrol write it."""

    code: int
    signal: int

    def __str__(self) -> str:
        return f"{self.code}:{self.signal}"


def is_open(text: str) -> bool:
    return text.strip().casefold() in _OPEN


def moment_of(text: str) -> datetime | None:
    """`2026-11-25T16:13:00`: the machine's own clock, whose zone nobody wrote down, so naive. Raises QuantityError."""
    if is_open(text):
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise QuantityError(text) from None
    return found.astimezone(UTC) if found.tzinfo else found


def clock_of(seconds: int) -> str:
    """3601 is `1:00:01`: how we write every duration, whichever way a record has it."""
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}"


def seconds_of(text: str) -> int | None:
    """`[D-]HH:MM:SS` or `MM:SS` in seconds. Raises QuantityError."""
    if is_open(text):
        return None
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise QuantityError(text)
    d, h, m, s = (int(match[part] or 0) for part in "dhms")
    return ((d * 24 + h) * 60 + m) * 60 + s


def limit_of(text: str) -> int | Unlimited | None:
    """A time limit in seconds. Raises QuantityError."""
    return Unlimited() if text.strip().casefold() in ("unlimited", "infinite") else seconds_of(text)


def exit_of(text: str) -> Exit | None:
    """Raises QuantityError."""
    if is_open(text):
        return None
    match = _EXIT.fullmatch(text.strip())
    if match is None:
        raise QuantityError(text)
    return Exit(int(match[1]), int(match[2]))


def state_of(text: str) -> str | None:
    """The state's name, without who cancelled it; a name cut by a narrow column (`OUT_OF_ME+`) is completed. Raises QuantityError."""
    word = text.strip().partition(" ")[0].upper()
    if is_open(word):
        return None
    if word in STATES:
        return word
    if word.endswith("+"):
        fitting = [state for state in STATES if state.startswith(word[:-1])]
        if len(fitting) == 1 or word[:-1] in fitting:
            return fitting[0] if len(fitting) == 1 else word[:-1]
    raise QuantityError(text)


def count_of(text: str) -> int | None:
    """A whole number, or the lower one of `2-2`. Raises QuantityError."""
    if is_open(text):
        return None
    first = text.strip().partition("-")[0]
    if not (first.isascii() and first.isdecimal() and len(first) < 10):
        raise QuantityError(text)
    return int(first)


def gpus_of(tres: str) -> int | None:
    """The GPUs in a TRES list such as `cpu=16,gres/gpu=8,node=2`; a list without any has 0. None for no list."""
    if is_open(tres):
        return None
    found = [(match["kind"], int(match["count"])) for match in _GPUS.finditer(tres)]
    whole = [count for kind, count in found if kind is None]
    return whole[0] if whole else sum(count for _kind, count in found)
