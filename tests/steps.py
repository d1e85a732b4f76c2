"""What people do, said once: study, hand in, be graded, be marked, all at the same moment."""

import json
import threading
from contextlib import suppress

from lms.content.tree import Tree
from lms.demo import right_answer
from lms.labs.review import review
from lms.labs.submit import bench_of, start, submit
from lms.labs.tables import Grading, Submission
from lms.labs.worker import Worker
from lms.learning.enrol import enrol
from lms.learning.study import answer, complete
from lms.people.register import found, join
from lms.people.tables import Person
from lms.people.viewer import find_viewer
from lms.publishing import publish
from tests.conftest import NOW, SAMPLE, ScriptedGrader


def notebook(answer="return a + b", why="Counting on."):
    """A notebook for the sample lab, as a learner hands it in."""
    cells = [
        _cell("code", "add", f"def add(a, b):\n    {answer}"),
        _cell("markdown", "why", why),
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def _cell(kind, grade_id, source):
    marks = {"grade_id": grade_id, "solution": True, "grade": kind == "markdown", "schema_version": 3}
    cell = {"cell_type": kind, "id": grade_id, "metadata": {"nbgrader": marks}, "source": source}
    return {**cell, "outputs": [], "execution_count": None} if kind == "code" else cell


def viewer_of(services, person):
    with services.database.reading() as session:
        version = session.get_one(Person, person.id).session_version
        return find_viewer(session, person.id, version)


def company(services, name, *, leads=(), members=()):
    with services.database.transaction() as session:
        organisation = found(session, name=name, now=NOW, actor_id=None)
        for person in (*leads, *members):
            join(session, person, organisation.id, as_lead=person in leads, now=NOW)
    return organisation


def study(services, person, course_id="S01", now=NOW):
    """Enrol, answer everything right, complete every lesson."""
    with services.database.transaction() as session:
        edition = services.shelf.live(session)
        course = edition.catalogue.course_by_id[course_id]
        enrol(session, person.id, course, edition.id, now=now)
        for lesson in course.lessons:
            for question in lesson.questions:
                given = right_answer(question)
                answer(session, person.id, course, lesson, question, given, edition.id, now=now)
            complete(session, person.id, course, lesson, edition.id, now=now)


def hand_in(services, person, data=None, lab_id="SL1", now=NOW, filename="add.ipynb"):
    with services.database.transaction() as session:
        return hand_in_within(
            session, services, person.id, data or notebook(), lab_id=lab_id, now=now, filename=filename
        )


def hand_in_within(
    session, services, person_id, data, *, lab_id="SL1", now=NOW, filename="add.ipynb", max_bytes=2**20
):
    shelf = services.shelf
    bench = bench_of(session, shelf, person_id, lab_id)
    work = bench.work or start(session, person_id, bench.lab, bench.edition.id, now=now)
    source, handout = (shelf.blob(session, each) for each in (bench.lab.notebook, bench.lab.handout))
    return submit(
        session,
        work,
        bench.lab,
        filename=filename,
        data=data,
        source=source,
        handout=handout,
        max_bytes=max_bytes,
        seed=services.seed_of(person_id, lab_id),
        now=now,
    )


def grading_of(services, submission_id):
    """The grading that counts for it."""
    with services.database.reading() as session:
        return session.get_one(Grading, session.get_one(Submission, submission_id).grading_id)


def grade_all(worker):
    """How many were graded."""
    count = 0
    while worker.work_once():
        count += 1
    return count


def pass_everything(services, person, mentor, cache):
    """Study the sample course, hand its lab in, have it graded and marked."""
    study(services, person)
    submission = hand_in(services, person)
    grader = ScriptedGrader(6.0)
    graded = grade_all(
        Worker(services.database, services.shelf, name="test", lease_seconds=30, cache=cache, grader=grader)
    )
    assert graded == 1
    mark(services, mentor, submission.id)


def mark(services, mentor, submission_id, points=4, *, seen=0, beside=None, comment="Clear.", now=NOW):
    with services.database.transaction() as session:
        submission = session.get_one(Submission, submission_id)
        grading = session.get_one(Grading, submission.grading_id)
        lab = services.shelf.edition(session, grading.release_id).catalogue.lab_by_id[submission.lab_id]
        return review(
            session,
            viewer_of(services, mentor),
            submission,
            lab,
            {"why": points},
            comment,
            seen=seen,
            beside=beside or grading.id,
            now=now,
        )


def at_once(count, act):
    """Call act(0), act(1), … in as many threads, all let go at the same moment; what each returned or raised, in order."""
    gate, results = threading.Barrier(count), [None] * count

    def run(number):
        gate.wait()
        try:
            results[number] = act(number)
        except Exception as refusal:  # noqa: BLE001 - handed to the test, which says what it expects
            results[number] = refusal

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def changed_sample(changes):
    """The sample tree with some texts changed, {path: (old, new)}; a path that maps to None is left out, one to bytes added."""
    files = dict(Tree.from_folder(SAMPLE))
    for path, change in changes.items():
        if change is None:
            del files[path]
        elif isinstance(change, bytes):
            files[path] = change
        else:
            old, new = change
            text = files[path].decode()
            assert old in text
            files[path] = text.replace(old, new).encode()
    return Tree(files)


def put(services, changes, **given):
    """What became of publishing a changed sample."""
    _share_proofs(services)
    tree = changed_sample(changes)
    return publish(services, tree, source="changed", by=None, now=NOW, on_progress=lambda *_: None, **given)


def publish_changed(services, changes):
    """The id of the release made of a changed sample."""
    outcome = put(services, changes)
    assert outcome.release_id, outcome.problems
    return outcome.release_id


def _share_proofs(services):
    """A lab was proved if another test proved the same: proofs are named by what they prove."""
    proofs, kept = services.settings.var.parent / "proofs", services.cache / "proved"
    proofs.mkdir(exist_ok=True)
    kept.parent.mkdir(exist_ok=True)
    with suppress(FileExistsError):
        kept.symlink_to(proofs, target_is_directory=True)
