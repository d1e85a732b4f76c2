"""Files that a sandbox reads must be readable for the user it runs as. When the grader is root and something lies under a folder that
only root may enter (a project in /root, an interpreter in a 0700 home), it is copied once to a place that everybody may read.
"""

import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from .slots import private_folder

log = logging.getLogger(__name__)
Ignore = Callable[[str, list[str]], Iterable[str]]


def readable(path: Path, ignore: Ignore | None = None) -> Path:
    """`path`, or where its copy lies. Runs as ourselves when we are not root, and then everything we can read will do."""
    path = path.resolve()
    return path if os.geteuid() != 0 or open_to_all(path) else _copied(path, ignore)


def open_to_all(path: Path) -> bool:
    """Whether any user can reach `path`; for a folder, whether a file in it can be read (one stands for all: they were
    installed together).
    """
    if not all(folder.stat().st_mode & 0o001 for folder in path.parents):
        return False
    if path.is_file():
        return bool(path.stat().st_mode & 0o004)
    return path.stat().st_mode & 0o005 == 0o005 and all(
        entry.stat().st_mode & (0o005 if entry.is_dir() else 0o004)
        for entry in path.iterdir()
        if entry.exists()
    )


def _copied(path: Path, ignore: Ignore | None) -> Path:
    """Keyed by names, sizes and times, so that a changed original is copied anew; complete or not there at all."""
    target = private_folder("/var/cache", "staged") / _fingerprint(path) / path.name
    if target.exists():
        return target
    log.warning("%s cannot be read by the user of a sandbox; it is copied to %s, once", path, target)
    making = Path(tempfile.mkdtemp(dir=target.parent.parent))
    try:
        if path.is_dir():
            shutil.copytree(path, making / path.name, ignore=ignore)
        else:
            shutil.copy2(path, making / path.name)
        for entry in (making, *making.rglob("*")):
            if not entry.is_symlink():
                entry.chmod(0o755 if entry.is_dir() or entry.stat().st_mode & 0o100 else 0o644)
        making.rename(target.parent)
    except OSError:
        shutil.rmtree(making, ignore_errors=True)
        if not target.exists():  # else another grader was faster
            raise
    return target


def _fingerprint(path: Path) -> str:
    digest = hashlib.sha256(str(path).encode())
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(files):
            found = os.lstat(os.path.join(folder, name))  # noqa: PTH118 (thousands of files)
            digest.update(f"{folder}/{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    if path.is_file():
        digest.update(f"{path.stat().st_size} {path.stat().st_mtime_ns}".encode())
    return digest.hexdigest()[:24]
