"""What goes into the browser's Python. Everything is pinned by hash, so two hosts that build the same recipe serve the same bytes."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lms.errors import Unavailable

HERE = Path(__file__).parent
PLACES = (HERE.parents[1] / "requirements", HERE.parent / "_content")
"""Where the requirements files are: in a checkout, and in an installed wheel."""

PYODIDE = "314.0.4"
PYODIDE_SHA256 = "85d930cbff5bcf8bf8f5fb62d5b73d9a1e73f706a8a64c3e527ec980f1d32bd4"
"""Of npm's package `pyodide` of that version, as a tarball."""
PYTHON = "3.14"
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
LOCK = "pyodide-lock.json"
KERNEL = "kernel.zip"
MANIFEST = "manifest.json"
BUILDERS = ("compile.mjs", "compiling.py", "packages.py", "preloading.py", "science.py", "slipway_kernel.py")
"""Our own files that decide about the bytes of a build."""
STANDARD = "standard.json"
"""Left by the compiler for the manifest; nobody is served it."""

SCIENCE = ("numpy", "pandas", "matplotlib")
"""What `--science` adds, and what those need."""


@dataclass(frozen=True)
class Recipe:
    """`tools` and `packages` are the texts of requirements files: what builds, and what goes in. `science` is whether numpy and the
    others are added; an official distribution of this Pyodide has them.
    """

    tools: bytes
    packages: bytes
    science: bool = False

    @cached_property
    def id(self) -> str:
        """Names the folder of what is built by it: another for every change of a pin or of the way it is built."""
        parts = [PYODIDE_SHA256.encode(), self.tools, self.packages, b"science" * self.science]
        parts += [(HERE / name).read_bytes() for name in BUILDERS]
        return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:16]


def shipped(*, science: bool = False) -> Recipe:
    """The recipe that came with this version of Slipway."""
    return Recipe(_read("runtime.txt"), _read("browser.txt"), science)


def _read(name: str) -> bytes:
    for place in PLACES:
        if (place / name).is_file():
            return (place / name).read_bytes()
    raise Unavailable(f"{name} is missing from this installation of Slipway: install it again.")
