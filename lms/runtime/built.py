"""A built runtime: found, read, verified."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lms.runtime.recipe import MANIFEST, shipped

PRESSED = {"zstd": ".zst", "br": ".br", "gzip": ".gz"}
"""The endings of a file's compressed copies, by the name of the encoding, best first: zstd is about as small as brotli, and read in half
the time.
"""


@dataclass(frozen=True)
class File:
    """`size` in bytes, as the browser has it when it is decoded."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Built:
    """`build` names exactly these bytes: it stands in every address, so that a browser may keep them for ever. `standard` are the
    names of the standard library that can be imported, `imports` those beside it, and `packages` what these are of, with versions.
    """

    folder: Path
    build: str
    python: str
    pyodide: str
    files: Mapping[str, File]
    standard: tuple[str, ...]
    imports: tuple[str, ...]
    packages: Mapping[str, str]
    science: bool

    @property
    def importable(self) -> frozenset[str]:
        return frozenset({*self.standard, *self.imports})

    @property
    def size(self) -> int:
        """Bytes to transfer at most, compressed."""
        return sum((self.folder / f"{name}.br").stat().st_size for name in self.files)


class Kept:
    """The runtime of a host for a process that lives longer than it takes to build one: read once it is there, and not again."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._found: Built | None = None

    def current(self) -> Built | None:
        if self._found is None:
            self._found = find(self.root)
        return self._found


def find(root: Path) -> Built | None:
    """What this version of Slipway serves: with science where that was built, else without."""
    for science in (True, False):
        found = read(root / shipped(science=science).id)
        if found is not None:
            return found
    return None


def read(folder: Path) -> Built | None:
    """The runtime in `folder`, or None when there is none. A folder is only there when it is whole."""
    try:
        told: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        return None
    return Built(
        folder=folder,
        build=told["build"],
        python=told["python"],
        pyodide=told["pyodide"],
        files={name: File(**each) for name, each in told["files"].items()},
        standard=tuple(told["standard"]),
        imports=tuple(told["imports"]),
        packages=told["packages"],
        science=told["science"],
    )


def verify(built: Built) -> list[str]:
    """What is wrong with the files, a sentence each; none is as it should be."""
    problems = []
    for name, expected in built.files.items():
        path = built.folder / name
        if not path.is_file():
            problems.append(f"{path} is missing.")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != expected.sha256:
            problems.append(f"{path} was changed since it was built.")
        problems += [
            f"{path}{ending} is missing."
            for ending in PRESSED.values()
            if not path.with_name(name + ending).is_file()
        ]
    return problems
