"""numpy, pandas and matplotlib for the browser. No registry has them for this platform: they come from an official distribution of Pyodide
that the operator provides as a folder, and each file must be the one that the official lock names.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lms.errors import Invalid
from lms.runtime.fetch import require
from lms.runtime.recipe import PYODIDE


def lock_of(packages: Mapping[str, Any], info: Mapping[str, Any]) -> bytes:
    """A lock of Pyodide's for these packages alone."""
    lock = {"info": dict(info), "packages": dict(sorted(packages.items()))}
    return (json.dumps(lock, separators=(",", ":"), sort_keys=True) + "\n").encode()


def closure(lock: Mapping[str, Any], wanted: Iterable[str]) -> dict[str, Any]:
    """The entries of `wanted` in an official lock, with those of all they need."""
    found: dict[str, Any] = {}
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = dict(lock["packages"][name])
            waiting += found[name]["depends"]
    return found


def bring(distribution: Path, entries: Mapping[str, Any], target: Path) -> None:
    """Copies the file of every entry. Raises Invalid naming all that are missing, Unavailable for one that is not the official one."""
    missing = [
        entry["file_name"] for entry in entries.values() if not (distribution / entry["file_name"]).is_file()
    ]
    if missing:
        raise Invalid(
            f"{distribution} lacks {', '.join(sorted(missing))}. Unpack the full official distribution of Pyodide {PYODIDE} there: "
            "the archive called pyodide-" + PYODIDE + ".tar.bz2 of its release."
        )
    for entry in entries.values():
        data = (distribution / entry["file_name"]).read_bytes()
        require(data, entry["sha256"], f"{distribution / entry['file_name']}")
        (target / entry["file_name"]).write_bytes(data)
