"""How far a build is, seen from another process."""

import multiprocessing
import subprocess
import sys

from lms.runtime.standing import Standing, building, is_building, standing, tell

BUILDER = """
import sys, time
from pathlib import Path
from lms.runtime.standing import Standing, building, tell
root = Path(sys.argv[1])
with building(root):
    tell(root, Standing("building", "Compressing", 80, 100))
    print("begun", flush=True)
    time.sleep(60)
"""


def test_nothing_built_is_missing(tmp_path):
    assert standing(tmp_path) == Standing("missing")
    assert standing(tmp_path / "no-such-folder") == Standing("missing")


def test_a_builder_at_work_is_told_from_one_that_was_killed(tmp_path):
    builder = subprocess.Popen([sys.executable, "-c", BUILDER, tmp_path], stdout=subprocess.PIPE)
    try:
        assert builder.stdout.readline() == b"begun\n"
        assert standing(tmp_path) == Standing("building", "Compressing", 80, 100)
    finally:
        builder.kill()
        builder.wait()
        builder.stdout.close()
    assert standing(tmp_path).state == "failed"
    assert "stopped before its end" in standing(tmp_path).message


def test_a_second_builder_waits_for_the_first(tmp_path):
    with building(tmp_path):
        second = multiprocessing.get_context("spawn").Process(target=_enter, args=(tmp_path,))
        second.start()
        second.join(1.0)
        assert second.is_alive()
        assert is_building(tmp_path)
    second.join(30)
    assert second.exitcode == 0
    assert not is_building(tmp_path)


def _enter(root):
    with building(root):
        pass


def test_a_failure_is_told_with_its_reason_until_the_next_build(tmp_path):
    tell(tmp_path, Standing("failed", message="Is a package registry within reach?"))
    assert standing(tmp_path) == Standing("failed", message="Is a package registry within reach?")
