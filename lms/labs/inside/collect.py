"""The files a lab asks for, read where they were written: a symbolic link leads nowhere that the learner's code could not go itself,
and what leaves the sandbox is bytes.
"""

import base64
import os
import stat
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

MOST_FILES = 64
MOST_BYTES = 4 << 20  # of all of them
MOST_TEXT = 1 << 18  # characters of one value
MOST_ENTRIES = 20_000


def is_wanted(name: str, patterns: Sequence[str]) -> bool:
    """Whether the relative path `name` matches one of `patterns`, part by part: `plots/*.svg` is not `plots/old/a.svg`."""
    parts = name.split("/")
    if any(part in ("", ".", "..") or "\0" in part for part in parts):
        return False
    return any(
        len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))
        for wanted in (pattern.split("/") for pattern in patterns)
    )


def collected(
    folder: Path, patterns: Sequence[str], names: Sequence[str], values: Mapping[str, Any]
) -> dict[str, Any]:
    """`files` maps paths to base64, `left` those that were left to why, `texts` those `names` to their `values` that are text."""
    files: dict[str, str] = {}
    left: dict[str, str] = {}
    room = MOST_BYTES
    for name in _found(folder, patterns) if patterns else ():
        if len(files) + len(left) >= MOST_FILES:
            left[name] = "many"
            break
        content = _content(folder / name, room)
        if isinstance(content, str):
            left[name] = content
        else:
            room -= len(content)
            files[name] = base64.b64encode(content).decode()
    texts = {
        name: values[name]
        for name in names
        if type(values.get(name)) is str and len(values[name]) <= MOST_TEXT
    }
    return {"files": files, "left": left, "texts": texts}


def _found(folder: Path, patterns: Sequence[str]) -> list[str]:
    found: list[str] = []
    seen = 0
    for here, folders, names in os.walk(folder):
        folders.sort()
        seen += len(folders) + len(names)
        if seen > MOST_ENTRIES:
            break
        relative = Path(here).relative_to(folder)
        found += (str(relative / name) for name in names if is_wanted(str(relative / name), patterns))
    return sorted(found)


def _content(path: Path, room: int) -> bytes | str:
    """The bytes of a regular file, or why not: a pipe would wait for ever, a device has no end."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return "no file"
    with os.fdopen(number, "rb") as file:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            return "no file"
        content = file.read(room + 1)
    return content if len(content) <= room else "large"
