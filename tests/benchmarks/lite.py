"""A JupyterLite site with one lab, from the packages that `.bench-lite` has, complete: its Python fetches nothing from elsewhere.

It is given what is best for it: the small notebook application alone, all wheels side by side in one lock, so that none is looked for,
the lab's module as one of them, and everything compressed ahead. Pyodide is npm's, the same that our own page has. Nothing of it is
imported here.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from packaging.utils import canonicalize_name, parse_wheel_filename

BENCH = Path(__file__).parents[2] / ".bench-lite"
KERNEL = "@jupyterlite/pyodide-kernel-extension"
OWN_WHEELS = BENCH / "share/jupyter/labextensions" / KERNEL / "static/pypi"
LEFT_OUT = "widgetsnbextension"
NOTEBOOK = "lab.ipynb"
PAGE = f"/notebooks/index.html?path={NOTEBOOK}"

PRESS = """
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";
for (const name of readdirSync(process.argv[1], { recursive: true })) {
  const path = `${process.argv[1]}/${name}`;
  if (!statSync(path).isFile()) continue;
  const pressed = brotliCompressSync(readFileSync(path), { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
  writeFileSync(`${path}.br`, pressed);
}
"""


def is_there() -> bool:
    return (BENCH / ".installed").exists()


def build(folder: Path, files: dict[str, bytes], module: Path, pyodide: Path) -> Path:
    """The site's root, below `folder`. `files` lie beside each other, the notebook as NOTEBOOK; `module` is the folder of the one that the
    lab imports, and `pyodide` that of npm's package.
    """
    source, root = folder / "source", folder / "site"
    (source / "files").mkdir(parents=True)
    for name, data in files.items():
        (source / "files" / name).write_bytes(data)
    distribution = source / "static" / "pyodide"
    shutil.copytree(pyodide, distribution)
    packages = _add_wheels(distribution, _wheel_of(module, folder))
    (source / "jupyter-lite.json").write_text(json.dumps(_settings(packages)))
    _run(
        source,
        str(BENCH / "bin/jupyter-lite"), "build", "--contents", "files", "--output-dir", str(root),
        "--apps", "notebooks", "--no-libarchive", "--no-sourcemaps",
    )  # fmt: skip
    _run(source, str(Path(sys.executable).with_name("node")), "--input-type=module", "-e", PRESS, str(root))
    return root


def lock_of(wheels: list[Path]) -> dict[str, dict[str, object]]:
    """Pyodide's lock entries by package. None says what it depends on, since all are loaded at once."""
    entries = {}
    for wheel in wheels:
        name, version, _, _ = parse_wheel_filename(wheel.name)
        entries[canonicalize_name(name)] = {
            "name": canonicalize_name(name),
            "version": str(version),
            "file_name": wheel.name,
            "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
            "package_type": "package",
            "install_dir": "site",
            "imports": [],
            "depends": [],
            "unvendored_tests": False,
        }
    return entries


def _wheel_of(module: Path, folder: Path) -> Path:
    wheel, told = folder / f"{module.name}-1-py3-none-any.whl", f"{module.name}-1.dist-info"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(module.glob("*.py")):
            archive.write(path, f"{module.name}/{path.name}")
        archive.writestr(f"{told}/METADATA", f"Metadata-Version: 2.1\nName: {module.name}\nVersion: 1\n")
        archive.writestr(f"{told}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{told}/RECORD", "")
    return wheel


def _add_wheels(distribution: Path, module: Path) -> list[str]:
    """The names of the packages there are now. Those that npm's lock names are not in npm's package."""
    wheels = [module, *(BENCH / "wheels").glob("*.whl"), *OWN_WHEELS.glob("*.whl")]
    wheels = [wheel for wheel in sorted(wheels) if not wheel.name.startswith(LEFT_OUT)]
    for wheel in wheels:
        shutil.copy(wheel, distribution)
    lock = distribution / "pyodide-lock.json"
    entries = lock_of(wheels)
    lock.write_text(json.dumps({**json.loads(lock.read_text()), "packages": entries}))
    return sorted(entries)


def _settings(packages: list[str]) -> dict[str, object]:
    kernel = {"disablePyPIFallback": True, "loadPyodideOptions": {"packages": packages}}
    settings = {"litePluginSettings": {f"{KERNEL}:kernel": kernel}}
    return {"jupyter-lite-schema-version": 0, "jupyter-config-data": settings}


def _run(folder: Path, *command: str) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "HOME": str(folder)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
