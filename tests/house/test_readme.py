"""README's commands do what README says, in a clean clone with nothing but Python, make and git."""

import os
import re
import signal
import subprocess
import time
import urllib.request

import pytest

from tests.browser.conftest import answers, free_port
from tests.conftest import REPOSITORY

MINUTES = 60


def commands_under(heading):
    """The lines of the shell blocks of a section, without comments."""
    text = (REPOSITORY / "README.md").read_text()
    section = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^# |^## |\Z)", text, re.MULTILINE | re.DOTALL)[1]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    return [line.split(" #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clean") / "slipway"
    subprocess.run(["git", "clone", "--quiet", REPOSITORY, folder], check=True)
    return folder


def environment(**more):
    """As a stranger's shell has it: nothing of ours is set."""
    return {
        key: value for key, value in os.environ.items() if not key.startswith(("LMS_", "VIRTUAL_ENV", "MAKE"))
    } | more


@pytest.mark.xdist_group("readme")
def test_the_two_commands_are_the_ones_readme_opens_with(clone):
    assert commands_under("Slipway") == ["make run", "make test"]
    assert "make test" in (REPOSITORY / ".ci" / "run").read_text()
    port = free_port()
    process = subprocess.Popen(
        ["make", "run"],
        cwd=clone,
        env=environment(PORT=str(port)),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 5 * MINUTES
        while not answers(f"{address}/readyz"):
            assert process.poll() is None, process.stdout.read()
            assert time.monotonic() < deadline
            time.sleep(0.5)
        with urllib.request.urlopen(f"{address}/courses") as response:
            assert "Slurm for cloud engineers" in response.read().decode()
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        printed = process.communicate(timeout=MINUTES)[0]
    assert f"Slipway is at {address}" in printed
    assert "engineer@example.org" in printed


@pytest.mark.xdist_group("readme")
def test_what_authors_are_told_to_type_works(clone):
    lines = commands_under("Adding a course, a lab, a page")
    assert [line.split()[1] for line in lines] == [
        "check",
        "preview",
        "publish",
        "releases",
        "handout",
        "grade",
    ]
    for line in lines:
        if " preview" in line:
            preview_serves(clone, line)
            continue
        done = subprocess.run(
            line.split(),
            cwd=clone,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=5 * MINUTES,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"


def preview_serves(clone, line):
    port = free_port()
    process = subprocess.Popen(
        [*line.split(), "--port", str(port)], cwd=clone, env=environment(), stdout=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + MINUTES
        while not answers(f"http://127.0.0.1:{port}/"):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)
    finally:
        process.terminate()
        process.wait(MINUTES)
