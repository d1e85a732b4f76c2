"""`lms readiness` from a terminal."""

import sys
from contextlib import contextmanager

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from lms.cli.readiness import readiness
from lms.readiness.tables import Evaluation


@pytest.fixture
def services(site):
    """A terminal needs one database only."""
    return site


def test_a_sweep_and_an_evaluation_made_again_from_a_terminal(ready, site, monkeypatch):
    @contextmanager
    def these():
        yield site

    monkeypatch.setattr(sys.modules["lms.cli.readiness"], "services", these)
    run = CliRunner().invoke
    told = run(readiness, ["sweep"]).output
    assert told == "1 looked at; something new was written down of 1.\n"
    same = run(readiness, ["replay", "1"])
    assert (same.exit_code, "by policy test-2, comes out the same" in same.output) == (0, True)
    with site.database.transaction() as session:
        session.execute(update(Evaluation).values(outcome={}))
    other = run(readiness, ["replay", "1"])
    assert other.exit_code == 1
    assert "does not come out the same" in other.output
