"""A stored grade can be made again from the database alone, and comes out the same to the byte."""

import json
import os

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from lms.cli.main import lms
from lms.errors import Conflict, NotFound
from lms.labs.replay import canonical, compare, replayable
from lms.labs.sandbox.ways import Fresh
from lms.labs.tables import Grading, Regrade
from lms.labs.version import grader_version
from lms.labs.worker import grader_in
from tests.conftest import ScriptedGrader
from tests.steps import grade_all, grading_of, hand_in, notebook

REPORT = {
    "score": 2.0,
    "cells": [{"grade_id": "é", "points": 2.0}],
    "phases": [{"name": "run", "milliseconds": 3}],
}


@pytest.fixture
def services(site):
    """The command line finds the database by its address: one kind is enough."""
    return site


@pytest.fixture
def command(site, monkeypatch):
    """Runs `lms` on the test's site: its exit status and what it said."""
    for name in [name for name in os.environ if name.startswith("LMS_") and not name.startswith("LMS_TEST_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LMS_DATABASE_URL", site.settings.url)
    monkeypatch.setenv("LMS_VAR", str(site.settings.var))
    monkeypatch.setenv("LMS_SECRET_KEY", site.settings.secret_key)

    def run(*words):
        done = CliRunner().invoke(lms, [str(word) for word in words])
        if done.exception and not isinstance(done.exception, SystemExit):
            return done.exception, ""
        return done.exit_code, done.output

    return run


def test_what_nobody_can_repeat_is_no_part_of_a_grade():
    slow = {**REPORT, "phases": [{"name": "run", "milliseconds": 999}]}
    assert compare(REPORT, slow).is_same
    on_slurm = {"machine": "boreas", "tests": [], "words": "Submitted batch job 7"}
    assert canonical({**REPORT, "on_slurm": on_slurm}) == canonical(
        {**REPORT, "on_slurm": {**on_slurm, "words": "8"}}
    )


def test_a_grade_is_one_text_whatever_order_its_keys_are_in():
    assert canonical(REPORT) == canonical(dict(reversed(REPORT.items())))
    assert json.loads(canonical(REPORT))["cells"] == REPORT["cells"]


def test_a_difference_is_shown_where_it_is():
    replayed = compare(REPORT, {**REPORT, "score": 1.0})
    assert not replayed.is_same
    assert [line for line in replayed.differences if line[:1] in "+-"][2:] == [
        '- "score": 2.0',
        '+ "score": 1.0',
    ]


def test_only_a_grade_of_this_very_grader_is_reproduced_unless_one_insists(site, add_person, worker_with):
    submission = hand_in(site, add_person("Ada"))
    with site.database.reading() as session, pytest.raises(Conflict, match="no grade"):
        replayable(session, submission.id, anyway=True)
    grade_all(worker_with(ScriptedGrader(6)))
    with site.database.transaction() as session:
        assert replayable(session, submission.id, anyway=False).grader == grader_version()
        with pytest.raises(NotFound):
            replayable(session, 999, anyway=True)
        session.execute(update(Grading).values(grader="0.0.1/7"))
    with site.database.reading() as session:
        with pytest.raises(Conflict, match=r"0\.0\.1/7"):
            replayable(session, submission.id, anyway=False)
        assert replayable(session, submission.id, anyway=True).grader == "0.0.1/7"


@pytest.mark.sandbox
def test_a_stored_grade_is_reproduced_to_the_byte_and_a_forged_one_is_found_out(
    site, add_person, worker_with, command
):
    """Wrong answers, random ones and crashes too: what they say is the same each time."""
    answers = [
        "return a + b",
        "return a - b",
        "import random; return random.random()",
        "raise ValueError([a, b])",
    ]
    ids = [hand_in(site, add_person(f"P{number}"), notebook(each)).id for number, each in enumerate(answers)]
    grade_all(worker_with(grader_in(Fresh())))
    assert [grading_of(site, each).outcome for each in ids] == ["graded"] * len(ids)
    for each in ids:
        status, told = command("grade", "--replay", each)
        assert (status, "reproduced to the byte" in told) == (0, True), told
    forged = {**grading_of(site, ids[1]).report, "score": 6.0}
    with site.database.transaction() as session:
        session.execute(update(Grading).where(Grading.submission_id == ids[1]).values(report=forged))
    status, told = command("grade", "--replay", ids[1])
    assert status == 1
    assert '- "score": 6.0' in told
    assert "is not reproduced" in told
    with site.database.transaction() as session:
        session.execute(update(Grading).values(grader="0.0.1/7"))
    assert "--anyway" in command("grade", "--replay", ids[0])[1]
    assert command("grade", "--replay", ids[0], "--anyway")[0] == 0


def test_a_rehearsal_that_is_interrupted_is_closed_and_a_regrade_stays_to_be_decided(
    site, add_person, worker_with, command, monkeypatch
):
    hand_in(site, add_person("Ada"))
    grade_all(worker_with(ScriptedGrader(6)))

    def interrupt(*_given, **_named):
        raise KeyboardInterrupt

    monkeypatch.setattr("lms.cli.regrading._await", interrupt)
    for words in (["--dry-run"], []):
        assert command("regrade", "SL1", "--reason", "Why.", *words)[0] == 1
    with site.database.reading() as session:
        found = session.execute(
            select(Regrade.state, Grading.state)
            .join(Grading, Grading.regrade_id == Regrade.id)
            .order_by(Regrade.id)
        )
        assert [tuple(each) for each in found] == [("closed", "dropped"), ("open", "queued")]


@pytest.mark.sandbox
def test_regrading_from_a_terminal_tells_first_and_lowers_nothing_unasked(
    site, add_person, worker_with, command
):
    ids = [
        hand_in(site, add_person(name), notebook(answer)).id
        for name, answer in (("Ada", "return a + b"), ("Bob", "return 0"))
    ]
    grade_all(worker_with(ScriptedGrader(1.0, 6.0)))

    def scores():
        return [grading_of(site, each).score for each in ids]

    given = ("regrade", "SL1", "--here", "--reason", "Graded by a script.")
    status, told = command(*given, "--dry-run")
    assert (status, scores()) == (0, [1, 6]), told
    assert "1/10 waiting for a mentor -> 6/10 waiting for a mentor  would rise" in told
    assert "6/10 waiting for a mentor -> 0/10 waiting for a mentor  would fall" in told
    assert "rehearsal" in told
    status, told = command(*given)
    assert (status, scores()) == (2, [1, 6]), told
    assert "/staff/regrades/2" in told
    status, told = command(*given, "--raise-only")
    assert (status, scores()) == (0, [6, 6]), told
    status, told = command("regrade", ids[1], "--here", "--lower", "--reason", "Graded by a script.")
    assert (status, scores()) == (0, [6, 0]), told
    assert command(*given, "--lower", "--raise-only")[0] == 2
