"""The grading worker: what it finds is recorded once, whatever becomes of it; our fault costs nobody an attempt."""

import threading
import time

from sqlalchemy import update

from lms.errors import Unavailable
from lms.labs import queue
from lms.labs.files import executed
from lms.labs.tables import Grading, Submission, SubmissionFile
from tests.conftest import NOW, ScriptedGrader
from tests.steps import grade_all, grading_of, hand_in, notebook, publish_changed
from tests.web.conftest import counted


def charged(services, submission):
    with services.database.reading() as session:
        return session.get_one(Submission, submission.id).charged


def test_what_the_grader_found_is_recorded_with_its_phases(services, add_person, worker_with):
    submission = hand_in(services, add_person("Ada"))
    grader = ScriptedGrader(6)
    assert grade_all(worker_with(grader)) == 1
    graded = grading_of(services, submission.id)
    assert (graded.state, graded.outcome, graded.score) == ("done", "graded", 6)
    assert charged(services, submission)
    assert [cell["grade_id"] for cell in graded.report["cells"]] == ["test-add", "why"]
    assert "executed" not in graded.report
    assert [name for name, _ in graded.phases] == ["queued", "run"]
    with services.database.reading() as session:
        assert executed(session, graded.id).startswith(b"{")
    (job,) = grader.jobs
    assert (job.lab.id, job.submission, set(job.exercise.files)) == ("SL1", notebook(), {"numbers.txt"})


def test_a_worker_with_nothing_to_do_asks_once_and_writes_nothing(services, add_person, worker_with):
    hand_in(services, add_person("Ada"))
    worker = worker_with(ScriptedGrader(6))
    grade_all(worker)
    with counted(services.database) as statements:
        assert not worker.work_once()
    assert [statement.split()[0] for statement in statements] == ["SELECT"]


def test_our_own_failure_costs_no_attempt_and_staff_can_have_it_graded_again(
    services, add_person, worker_with
):
    submission = hand_in(services, add_person("Ada"))
    grade_all(worker_with(ScriptedGrader(RuntimeError("no disk"))))
    failed = grading_of(services, submission.id)
    assert (failed.state, failed.outcome) == ("done", "failed")
    assert not charged(services, submission)
    assert "no disk" not in str(failed.report)
    with services.database.transaction() as session:
        queue.grade_again(session, services.shelf, session.get_one(Submission, submission.id), now=NOW)
    grade_all(worker_with(ScriptedGrader(6)))
    graded = grading_of(services, submission.id)
    assert (graded.kind, graded.outcome, graded.score) == ("again", "graded", 6)
    assert charged(services, submission)


def test_a_file_that_was_changed_in_the_database_is_not_graded(services, add_person, worker_with):
    submission = hand_in(services, add_person("Ada"))
    with services.database.transaction() as session:
        session.execute(update(SubmissionFile).values(data=notebook("return 42")))
    grade_all(worker_with(grader := ScriptedGrader(6)))
    assert grader.jobs == []
    assert grading_of(services, submission.id).outcome == "failed"
    assert not charged(services, submission)


def test_what_our_side_lacks_is_told_in_words(services, add_person, worker_with):
    submission = hand_in(services, add_person("Ada"))
    grade_all(worker_with(ScriptedGrader(Unavailable("This host has no sandbox."))))
    failed = grading_of(services, submission.id)
    assert (failed.outcome, failed.report["notes"]) == ("failed", ["This host has no sandbox."])


def test_a_submission_is_graded_on_the_release_it_was_made_for(services, add_person, worker_with):
    submission = hand_in(services, add_person("Ada"))
    publish_changed(services, {"labs/sl1-add/lab.yaml": ("pass_mark: 60", "pass_mark: 90")})
    newer = hand_in(services, add_person("Bob"))
    grader = ScriptedGrader(6)
    grade_all(worker_with(grader))
    assert [job.lab.pass_mark for job in grader.jobs] == [60, 90]
    assert [each.release_id for each in (submission, newer)] == [1, 2]


class Waiting:
    """A grader that says when it began, and ends when it is let go."""

    def __init__(self):
        self.began, self.go_on = threading.Event(), threading.Event()

    def __call__(self, job, on_phase):
        self.began.set()
        assert self.go_on.wait(30)
        return ScriptedGrader(6)(job, on_phase)


def test_a_worker_that_is_asked_to_stop_finishes_what_it_holds_and_takes_nothing_new(
    services, add_person, worker_with
):
    first, second = (hand_in(services, add_person(name)) for name in ("Ada", "Bob"))
    grader = Waiting()
    worker = worker_with(grader)
    thread = threading.Thread(target=worker.run)
    thread.start()
    assert grader.began.wait(30)
    worker.stop()
    grader.go_on.set()
    thread.join(30)
    assert not thread.is_alive()
    assert grading_of(services, first.id).state == "done"
    untouched = grading_of(services, second.id)
    assert (untouched.state, untouched.delivery) == ("queued", 0)


def test_a_worker_keeps_what_takes_longer_than_its_lease(services, add_person, worker_with):
    submission = hand_in(services, add_person("Ada"))
    grader = Waiting()
    thread = threading.Thread(target=worker_with(grader, lease_seconds=1).work_once)
    thread.start()
    assert grader.began.wait(30)
    lease = grading_of(services, submission.id).lease_until
    while grading_of(services, submission.id).lease_until == lease:
        time.sleep(0.05)
    assert not worker_with(ScriptedGrader(1), name="other").work_once()
    grader.go_on.set()
    thread.join(30)
    assert grading_of(services, submission.id).score == 6


def test_a_worker_that_lost_its_lease_records_nothing(services, add_person, worker_with):
    submission = hand_in(services, add_person("Ada"))
    grader = Waiting()
    thread = threading.Thread(target=worker_with(grader).work_once)
    thread.start()
    assert grader.began.wait(30)
    with services.database.transaction() as session:
        session.execute(update(Grading).values(lease_until=NOW.replace(year=2020)))
    assert worker_with(ScriptedGrader(2), name="other").work_once()
    grader.go_on.set()
    thread.join(30)
    graded = grading_of(services, submission.id)
    assert (graded.score, graded.delivery, graded.worker) == (2, 2, "other")
