"""IPython and its friends as one archive, unpacked in the browser at once: one request, instead of a dozen wheels to install."""

import zipfile
from pathlib import Path, PurePosixPath

LEFT_OUT = ("bin/", "share/")
LEXERS = ("__init__", "_mapping", "python", "special", "shell", "diff", "data", "configs")
"""Of Pygments' three hundred, which would be half of the archive. The ones for Python show tracebacks."""


def merge(folder: Path, archive: Path, *own: Path) -> dict[str, str]:
    """Everything in `folder` that runs, as the zip `archive`, in the order of names, and then the modules `own`. What is in it: version
    by package.
    """
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as target:
        for name in names:
            if _belongs(name):
                target.writestr(zipfile.ZipInfo(name), (folder / name).read_bytes())
        for module in own:
            target.writestr(zipfile.ZipInfo(module.name), module.read_bytes())
    return {
        path.name.removesuffix(".dist-info").rpartition("-")[0]: path.name.removesuffix(
            ".dist-info"
        ).rpartition("-")[2]
        for path in sorted(folder.glob("*.dist-info"))
    }


def imports_of(folder: Path) -> list[str]:
    """The names under which it is imported."""
    names = {
        path.name.removesuffix(".py") for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()
    }
    return sorted(name for name in names if name.isidentifier() and f"{name}/" not in LEFT_OUT)


def _belongs(name: str) -> bool:
    path = PurePosixPath(name)
    if (
        name.startswith(LEFT_OUT)
        or path.suffix == ".pyc"
        or "__pycache__" in path.parts
        or "tests" in path.parts
    ):
        return False
    if path.parts[0].endswith(".dist-info"):
        return path.name in ("METADATA", "entry_points.txt") or "licenses" in path.parts
    return not (path.parts[:2] == ("pygments", "lexers") and path.stem not in LEXERS)
