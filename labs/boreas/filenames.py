"""The codes in the name of a log, `%j` and its relatives (F§4.1, from the manual of sbatch)."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

# What each code stands for. `%%` is a percent sign; a number between (`%4j`) pads with zeros.
CODES: dict[str, str] = {
    "j": "job id",
    "J": "job id and step",
    "A": "job id of the array",
    "a": "index in the array",
    "x": "job name",
    "u": "user",
    "N": "name of the node",
    "n": "number of the node",
    "t": "task",
    "s": "step",
    "r": "restart count",
    "b": "index in the array, modulo 10",
}
DEFAULT = "slurm-%j.out"
_CODE = re.compile(r"%(?P<width>[0-9]{0,2})(?P<code>[%a-zA-Z])", re.ASCII)
# With any of these in its name no log overwrites that of another job.
_UNIQUE = frozenset("jJA")


def codes_in(pattern: str) -> frozenset[str]:
    """The letters of the codes in a name. After a backslash Slurm takes the whole name literally."""
    if "\\" in pattern:
        return frozenset()
    return frozenset(match["code"] for match in _CODE.finditer(pattern)) & CODES.keys()


def expand(pattern: str, values: Mapping[str, object]) -> str:
    """The name a log gets, given a value for each code. A code without a value is left as it stands."""
    if "\\" in pattern:
        return pattern.replace("\\", "")

    def of(match: re.Match[str]) -> str:
        code = match["code"]
        if code == "%":
            return "%"
        if code not in values:
            return match[0]
        text = str(values[code])
        return text.zfill(min(int(match["width"] or 0), 10)) if text.isdecimal() else text

    return _CODE.sub(of, pattern)


def is_own(pattern: str) -> bool:
    """Whether every job writes a log of its own under this name."""
    return bool(codes_in(pattern) & _UNIQUE)


def folder_of(pattern: str) -> str:
    """The folder that must exist before the job starts; `.` is the one the job was submitted from."""
    return str(PurePosixPath(pattern).parent)
