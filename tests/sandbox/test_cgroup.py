"""Control groups of version 2, against a tree of plain folders that stands for the kernel's: what is written where, what is made of what
stands there, and what becomes of a refusal. Whether a kernel then keeps to it is not tried here. (Version 1 is, by every bomb, where this
host has it.)
"""

import shutil
from pathlib import Path

import pytest

from lms.labs.sandbox import cgroup


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A grader in /grader.service/worker, to which systemd gave /grader.service."""
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids\n")
    (tmp_path / "grader.service" / "worker").mkdir(parents=True)
    read = Path.read_text
    monkeypatch.setattr(cgroup, "ROOT", tmp_path)
    monkeypatch.setattr(
        Path,
        "read_text",
        lambda path, *more: (
            "0::/grader.service/worker\n" if str(path) == "/proc/self/cgroup" else read(path, *more)
        ),
    )
    monkeypatch.setattr(Path, "rmdir", shutil.rmtree)  # the kernel's own files go with the folder
    return tmp_path / "grader.service"


def test_a_group_is_made_with_every_limit_and_taken_away(tree):
    group = cgroup.create("job", memory_mb=64, processes=8)
    (folder,) = group.folders
    assert folder == tree / "worker" / "job"
    written = {path.name: path.read_text() for path in folder.iterdir()}
    assert written == {
        "memory.max": str(64 << 20),
        "pids.max": "8",
        "memory.swap.max": "0",
        "memory.oom.group": "1",
    }
    group.add(4711)
    assert (folder / "cgroup.procs").read_text() == "4711"
    (folder / "cgroup.procs").write_text("")
    group.close()
    assert not folder.exists()


def test_a_group_that_holds_processes_cannot_have_limited_children_so_one_beside_it_is_made(
    tree, monkeypatch
):
    write = Path.write_text

    def refuse(path, text):
        if path.parent.parent.name == "worker":
            raise OSError(2, "no such controller here")
        return write(path, text)

    monkeypatch.setattr(Path, "write_text", refuse)
    group = cgroup.create("job", memory_mb=64, processes=8)
    assert group.folders == (tree / "job",)
    assert not (tree / "worker" / "job").exists()


def test_none_is_made_where_nothing_may_be_written(tree, monkeypatch):
    def refuse(path, *_):
        raise PermissionError(13, "read-only", str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert cgroup.create("job", memory_mb=64, processes=8) is None


def test_what_the_kernel_counts_is_read(tree):
    group = cgroup.create("job", memory_mb=64, processes=8)
    (folder,) = group.folders
    assert group.cpu_seconds() is None
    assert not group.hit_memory_limit()
    (folder / "cpu.stat").write_text("usage_usec 1500000\nuser_usec 1\nsystem_usec 2\n")
    (folder / "memory.events").write_text("low 0\nhigh 0\nmax 3\noom 1\noom_kill 0\n")
    assert group.cpu_seconds() == 1.5
    assert not group.hit_memory_limit()
    (folder / "memory.events").write_text("low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n")
    assert group.hit_memory_limit()
