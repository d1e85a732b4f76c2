"""From parts to a folder that is served: fetched, merged, byte-compiled by the Python that will run it, compressed, then there."""

import hashlib
import json
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lms.errors import Invalid, SlipwayError, Unavailable
from lms.runtime import fetch, packages, science
from lms.runtime.built import Built, read
from lms.runtime.recipe import CORE, HERE, KERNEL, LOCK, MANIFEST, PYODIDE, SCIENCE, STANDARD, Recipe
from lms.runtime.standing import Standing, building, tell

KEPT, HALF = "downloads", "half-"
SHARES = {
    "tools": ("Getting the build tools", 10),
    "packages": ("Getting the packages", 2),
    "pyodide": ("Getting Pyodide", 7),
    "compile": ("Compiling to byte code", 15),
    "remember": ("Starting Python once", 3),
    "press": ("Compressing", 63),
}
"""What a step is called, and how much of the whole it is in hundredths, as measured with nothing kept from before;
what is downloaded has more than was measured, since most networks are slower.
"""


def build(
    root: Path, recipe: Recipe, *, distribution: Path | None = None, on_step: Callable[[Standing], None]
) -> Built:
    """What `recipe` gives, below `root`; built only when it is not there. `distribution` is where the files for science are. `on_step` is
    told how far it is, and so is everybody who asks `standing`.

    Raises Unavailable when a part cannot be had or is not what was pinned, Invalid when the distribution lacks files.
    """
    if recipe.science and distribution is None:
        raise Invalid(
            "Science needs a folder with an official distribution of Pyodide: lms runtime build --science DIR."
        )
    target = root / recipe.id

    def step(name: str, done: int = 0, of: int = 1) -> None:
        before = sum(share for _, share in list(SHARES.values())[: list(SHARES).index(name)])
        words, share = SHARES[name]
        told = Standing("building", words, before + share * done // max(of, 1), 100)
        tell(root, told)
        on_step(told)

    with building(root):
        found = read(target)
        if found is not None:
            return found
        making = Path(tempfile.mkdtemp(dir=root, prefix=HALF))
        try:
            kept = root / KEPT
            told = compose(making, kept, recipe, distribution, step)
            node = fetch.tools(kept, recipe)
            _node(node, step, "press", making)
            (making / MANIFEST).write_text(told)
            making.chmod(0o755)
            making.rename(target)
        except SlipwayError as refusal:
            tell(root, Standing("failed", message=refusal.message))
            raise
        finally:
            shutil.rmtree(making, ignore_errors=True)
    made = read(target)
    assert made is not None
    return made


def compose(
    making: Path, kept: Path, recipe: Recipe, distribution: Path | None, step: Callable[..., None]
) -> str:
    """All the files, in the folder `making`, and their manifest: the same for the same recipe on any host. `kept` has the downloads."""
    step("tools")
    node = fetch.tools(kept, recipe)
    step("packages")
    folder = fetch.packages(kept, recipe)
    step("pyodide")
    pyodide = fetch.pyodide(kept, node)
    for name in CORE:
        shutil.copyfile(pyodide / name, making / name)
    versions = packages.merge(folder, making / KERNEL, HERE / "slipway_kernel.py")
    imports = packages.imports_of(folder)
    official = json.loads((pyodide / LOCK).read_bytes())
    entries: dict[str, Any] = {}
    if recipe.science and distribution is not None:
        entries = science.closure(official, SCIENCE)
        science.bring(distribution, entries, making)
        versions |= {name: entry["version"] for name, entry in entries.items()}
        imports += [name for entry in entries.values() for name in entry["imports"]]
    _node(node, step, "compile", making, pyodide, HERE / "compiling.py")
    standard = json.loads((making / STANDARD).read_bytes())
    (making / STANDARD).unlink()
    for entry in entries.values():  # byte code has other sums than the sources that were verified
        entry["sha256"] = _sha256(making / entry["file_name"])
    (making / LOCK).write_bytes(science.lock_of(entries, official["info"]))
    with tempfile.TemporaryDirectory() as library:
        zipfile.ZipFile(making / KERNEL).extractall(library)
        _node(node, step, "remember", making, library, HERE / "preloading.py")
    return _manifest(making, recipe, versions, imports, standard, official["info"]["python"])


def _node(node: Path, step: Callable[..., None], what: str, *places: str | Path) -> None:
    """Runs one part of compile.mjs, passing on how far it is."""
    # Python asks once whether its stack can be put aside, and a memory keeps the answer: browsers that can do it must find a yes there.
    command = [node / "bin/node", "--experimental-wasm-jspi", HERE / "compile.mjs", what, *places]
    # What Node complains of may be longer than a pipe takes, since it shows the line of a minified file: it goes to a file meanwhile.
    with (
        tempfile.TemporaryFile("w+") as complaints,
        subprocess.Popen(  # noqa: S603 - our own program
            [str(part) for part in command], stdout=subprocess.PIPE, stderr=complaints, text=True
        ) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            match line.split():
                case [name, done, of] if name == what:
                    step(name, int(done), int(of))
        if process.wait():
            complaints.seek(0)
            raise Unavailable(f"Node could not {what} the runtime: {complaints.read().strip()[-800:]}")


def _manifest(
    making: Path,
    recipe: Recipe,
    versions: dict[str, str],
    imports: list[str],
    standard: list[str],
    python: str,
) -> str:
    names = sorted(path.name for path in making.iterdir())
    files = {
        name: {"sha256": _sha256(making / name), "size": (making / name).stat().st_size} for name in names
    }
    sums = "".join(f"{files[name]['sha256']}  {name}\n" for name in names)
    manifest = {
        "build": hashlib.sha256(sums.encode()).hexdigest()[:20],
        "python": python,
        "pyodide": PYODIDE,
        "files": files,
        "imports": sorted(set(imports)),
        "standard": standard,
        "packages": versions,
        "science": recipe.science,
    }
    return json.dumps(manifest, indent=1, sort_keys=True) + "\n"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
