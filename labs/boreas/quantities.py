"""Slurm's spellings of a time limit and of a memory size, as numbers (F§4.1, from the manual of sbatch)."""

import re
from dataclasses import dataclass

# Nine digits are more than any machine has; the bound also keeps int() away from texts of a million digits.
_N = r"([0-9]{1,9})"
_TIME_FORMS = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        rf"(?P<m>{_N})",
        rf"(?P<m>{_N}):(?P<s>{_N})",
        rf"(?P<h>{_N}):(?P<m>{_N}):(?P<s>{_N})",
        rf"(?P<d>{_N})-(?P<h>{_N})",
        rf"(?P<d>{_N})-(?P<h>{_N}):(?P<m>{_N})",
        rf"(?P<d>{_N})-(?P<h>{_N}):(?P<m>{_N}):(?P<s>{_N})",
    )
)
_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_MEMORY = re.compile(rf"{_N}([KMGT]?)B?", re.ASCII | re.IGNORECASE)
_KIB = {"K": 1, "": 1024, "M": 1024, "G": 1024**2, "T": 1024**3}


class QuantityError(ValueError):
    """A time limit or a size in none of the forms Slurm knows."""


@dataclass(frozen=True)
class Unlimited:
    """A time limit of 0, `infinite` or `unlimited`: as long as the partition allows."""


def minutes_of(text: str) -> int | Unlimited:
    """A `--time` value in minutes, rounded up: Slurm counts in whole minutes.

    The six forms are M, M:S, H:M:S, D-H, D-H:M and D-H:M:S. So `2:00` is two minutes, and `2:00:00` two
    hours. Raises QuantityError.
    """
    if text.lower() in {"infinite", "unlimited", "-1"}:
        return Unlimited()
    for form in _TIME_FORMS:
        if match := form.fullmatch(text):
            seconds = sum(int(digits) * _SECONDS[unit] for unit, digits in match.groupdict().items())
            return -(-seconds // 60) or Unlimited()
    raise QuantityError(f"{text!r} is no time limit")


def mebibytes_of(text: str) -> int:
    """A memory size in MiB, rounded up. Without a suffix Slurm reads MiB; K, M, G and T are powers of 1024.

    Raises QuantityError.
    """
    match = _MEMORY.fullmatch(text)
    if match is None:
        raise QuantityError(f"{text!r} is no memory size")
    return -(-int(match[1]) * _KIB[match[2].upper()] // 1024)
