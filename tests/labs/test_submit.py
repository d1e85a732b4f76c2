"""Handing in: every reason to refuse, none of which costs an attempt, and one attempt for one notebook."""

import json

import pytest
from sqlalchemy import func, select

from lms.errors import Conflict, Invalid, NotFound
from lms.labs.files import executed, submitted, to_show
from lms.labs.submit import attempts_left, bench_of, find_work, move, start, submissions_of
from lms.labs.tables import LabWork, Submission
from tests.conftest import NOW, ScriptedGrader
from tests.steps import at_once, grade_all, grading_of, hand_in, hand_in_within, notebook, publish_changed


@pytest.fixture
def lab(edition):
    return edition.catalogue.lab_by_id["SL1"]


@pytest.fixture
def ada(add_person):
    return add_person("Ada")


def left(services, person, lab):
    with services.database.reading() as session:
        work = find_work(session, person.id, lab.id)
        return attempts_left(lab, [each for each, _ in submissions_of(session, work.id)] if work else [])


def test_a_notebook_that_was_worked_on_is_kept_as_it_came(services, ada):
    submission = hand_in(services, ada, filename="C:\\Users\\Ada\\my lab.ipynb")
    assert (submission.number, submission.filename) == (1, "my lab.ipynb")
    queued = grading_of(services, submission.id)
    assert (queued.state, queued.kind, queued.sha256) == ("queued", "first", submission.sha256)
    with services.database.reading() as session:
        assert submitted(session, submission.id) == notebook() == to_show(session, queued)
        assert executed(session, queued.id) is None


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("a\r\nSet-Cookie: x=1.ipynb", "aSet-Cookie: x=1.ipynb"),
        ("a\0b.ipynb", "ab.ipynb"),
        ("", "notebook.ipynb"),
        ("/", "notebook.ipynb"),
        ("ü" * 300, "ü" * 200),
    ],
)
def test_a_files_name_is_only_a_name(services, ada, name, kept):
    assert hand_in(services, ada, filename=name).filename == kept


def test_what_cannot_be_graded_is_refused_and_costs_no_attempt(services, ada, lab):
    with services.database.reading() as session:
        handout = services.shelf.blob(session, lab.handout)
    refused = {
        "empty": b"",
        "no notebook": b"PK\x03\x04 a zip file",
        "not json": b"{",
        "a list": b"[1, 2]",
        "no cells": json.dumps({"cells": [], "metadata": {}, "nbformat": 4}).encode(),
        "nothing in the cells": notebook("", "").replace(b"def add(a, b):\\n    ", b""),
        "the hand-out": handout,
        "deeply nested": b"[" * 100_000,
        "other text": "não é um caderno".encode("latin-1"),
    }
    for data in refused.values():
        with pytest.raises(Invalid), services.database.transaction() as session:
            hand_in_within(session, services, ada.id, data)
    with pytest.raises(Invalid, match="larger than"), services.database.transaction() as session:
        hand_in_within(session, services, ada.id, notebook(), max_bytes=len(notebook()) - 1)
    assert left(services, ada, lab) == 3
    with services.database.transaction() as session:
        hand_in_within(session, services, ada.id, notebook(), max_bytes=len(notebook()))
    assert left(services, ada, lab) == 2


def test_one_hands_in_again_only_once_the_last_one_is_graded_and_something_changed(
    services, ada, lab, worker_with
):
    hand_in(services, ada)
    with pytest.raises(Conflict, match="still being graded"):
        hand_in(services, ada, notebook("return 1"))
    grade_all(worker_with(ScriptedGrader(2)))
    with pytest.raises(Conflict, match="exactly this file"):
        hand_in(services, ada)
    assert left(services, ada, lab) == 2
    assert hand_in(services, ada, notebook("return 1")).number == 2


def test_attempts_are_used_up_by_what_was_graded_and_by_nothing_else(services, ada, lab, worker_with):
    for number, (outcome, attempts) in enumerate(
        [("graded", 2), ("refused", 2), ("failed", 2), ("timeout", 1), ("crashed", 0)]
    ):
        hand_in(services, ada, notebook(f"return {number}"))
        grade_all(worker_with(ScriptedGrader(0, outcome=outcome)))
        assert left(services, ada, lab) == attempts
    with pytest.raises(Conflict, match="All 3 attempts"):
        hand_in(services, ada, notebook("return 99"))


def test_a_file_that_cost_no_attempt_may_be_handed_in_again(services, ada, worker_with):
    hand_in(services, ada)
    grade_all(worker_with(ScriptedGrader(0, outcome="failed")))
    assert hand_in(services, ada).number == 2


def test_eight_who_race_for_the_last_attempt_get_it_once(services, ada, lab, worker_with):
    worker = worker_with(ScriptedGrader(2))
    for number in range(2):
        hand_in(services, ada, notebook(f"return {number}"))
        grade_all(worker)
    assert left(services, ada, lab) == 1
    results = at_once(8, lambda number: hand_in(services, ada, notebook(f"return {number + 10}")))
    assert sum(isinstance(each, Submission) for each in results) == 1
    assert sum(isinstance(each, Conflict) for each in results) == 7
    grade_all(worker)
    assert left(services, ada, lab) == 0


def test_beginning_a_lab_at_once_is_beginning_it_once(services, ada, lab):
    def act(_number):
        with services.database.transaction() as session:
            return start(session, ada.id, lab, 1, now=NOW).id

    assert len(set(at_once(6, act))) == 1
    with services.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(LabWork)) == 1


def test_a_lab_that_changes_stays_the_same_for_who_began_it_until_they_move(services, ada, lab, add_person):
    with services.database.transaction() as session:
        start(session, ada.id, lab, 1, now=NOW)
    release = publish_changed(services, {"labs/sl1-add/lab.yaml": ("attempts: 3", "attempts: 5")})
    bob = add_person("Bob")
    with services.database.transaction() as session:
        bench = bench_of(session, services.shelf, ada.id, "SL1")
        assert (bench.lab.attempts, bench.edition.id, bench.newer.attempts) == (3, 1, 5)
        fresh = bench_of(session, services.shelf, bob.id, "SL1")
        assert (fresh.lab.attempts, fresh.edition.id, fresh.newer) == (5, release, None)
        move(session, bench.work, bench.newer, release, now=NOW)
        moved = bench_of(session, services.shelf, ada.id, "SL1")
        assert (moved.lab.attempts, moved.edition.id, moved.newer) == (5, release, None)
        with pytest.raises(NotFound):
            bench_of(session, services.shelf, ada.id, "SL9")
