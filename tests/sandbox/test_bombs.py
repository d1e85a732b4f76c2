"""What a notebook may use up is told by its limits: each bomb in every way of getting a sandbox, and without the guard that stops it."""

from dataclasses import replace

import pytest

from lms.labs.sandbox import cgroup
from tests.sandbox.attacks import TOOLS
from tests.sandbox.bombs import BOMBS, EMPTY_FILES
from tests.sandbox.conftest import QUICK, run_cells

pytestmark = pytest.mark.sandbox
BY_NAME = {bomb.what: bomb for bomb in BOMBS}
LIMITS = replace(QUICK, cpu_seconds=2)
SMALL = replace(QUICK, memory_mb=96, cpu_seconds=10)


@pytest.mark.parametrize("what", BY_NAME)
def test_a_bomb_goes_off_within_its_limits(sandboxes, what):
    said, report = run_cells(TOOLS, BY_NAME[what].code, limits=LIMITS, sandboxes=sandboxes)
    assert not _went_on(said, report), report


@pytest.mark.parametrize("what", [name for name in BY_NAME if "processor" not in str(BY_NAME[name].guards)])
def test_it_does_so_where_no_control_group_can_be_made(sandbox, monkeypatch, what):
    monkeypatch.setattr(cgroup, "create", lambda *_, **__: None)
    said, report = run_cells(TOOLS, BY_NAME[what].code, limits=LIMITS)
    assert not _went_on(said, report), report


@pytest.mark.parametrize("what", BY_NAME)
def test_without_its_guard_it_takes_more(without, what):
    without(*BY_NAME[what].guards)
    said, report = run_cells(TOOLS, BY_NAME[what].code, limits=LIMITS)
    assert _went_on(said, report), report


def test_empty_files_count_as_memory(sandboxes, monkeypatch):
    monkeypatch.setattr(cgroup, "create", lambda *_, **__: None)
    said, report = run_cells(TOOLS, EMPTY_FILES.code, sandboxes=sandboxes, limits=SMALL)
    assert not _went_on(said, report), report


def test_without_the_look_for_empty_files_they_count_for_nothing(without):
    without(*EMPTY_FILES.guards)
    said, report = run_cells(TOOLS, EMPTY_FILES.code, limits=SMALL)
    assert _went_on(said, report), report


def _went_on(said, report):
    """Whether the bomb got what it wanted, and the notebook was not ended for it a moment later."""
    return "WORKED" in str(said) and report.outcome == "graded"
