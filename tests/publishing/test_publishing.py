"""From a tree to a live release: whole or not at all, once, and for every process at once."""

import hashlib

import pytest
from sqlalchemy import func, select

from lms.content.publish import live_release, releases, roll_back
from lms.content.tables import Blob, Release
from lms.errors import Conflict, NotFound
from tests.conftest import NOW, services_on
from tests.steps import at_once, hand_in, publish_changed, put

MENDED = {"courses/s01-first/02-counting.md": ("Hours times GPUs.", "Hours, times GPUs.")}
LAB = "labs/sl1-add/lab.yaml"


def live(services):
    with services.database.reading() as session:
        return live_release(session)


def count(services, table):
    with services.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_broken_tree_leaves_what_is_live_and_names_every_fault_with_its_place(services):
    blobs = count(services, Blob)
    outcome = put(
        services,
        {
            LAB: ("pass_mark: 60", "pass_mark: 600"),
            "courses/s01-first/01-waiting.md": ("02-counting.md#the-rule", "03-nowhere.md"),
            "courses/s01-first/02-counting.md": ("labs: [SL1]", "labs: [SL2]"),
        },
    )
    assert outcome.release_id is None
    assert {problem.path for problem in outcome.problems} == {
        LAB, "courses/s01-first/01-waiting.md", "courses/s01-first/02-counting.md",
    }  # fmt: skip
    assert all(problem.line for problem in outcome.problems)
    assert live(services) == 1
    assert (count(services, Release), count(services, Blob)) == (1, blobs)


def test_publishing_the_same_twice_changes_nothing(services):
    again = put(services, {})
    assert (again.release_id, again.is_new, again.impact) == (1, False, None)
    first, second = put(services, MENDED), put(services, MENDED)
    assert (first.is_new, second.is_new, first.release_id == second.release_id) == (True, False, True)
    with services.database.reading() as session:
        assert [len(each.live_at) for each in releases(session)] == [1, 1]


def test_a_release_is_named_by_its_content_and_shares_what_is_unchanged(services):
    before = count(services, Blob)
    release_id = put(services, MENDED).release_id
    assert count(services, Blob) == before + 2  # the text, and what it was rendered to
    with services.database.reading() as session:
        old, new = session.get_one(Release, 1), session.get_one(Release, release_id)
        assert old.digest != new.digest
        changed = {path for path in new.manifest if new.manifest[path] != old.manifest[path]}
        assert changed == set(MENDED)
        for blob in session.scalars(select(Blob)):
            assert hashlib.sha256(blob.data).hexdigest() == blob.digest


def test_an_older_release_goes_live_again_by_pointing_at_it(services):
    newer = put(services, MENDED).release_id
    with services.database.transaction() as session:
        roll_back(session, 1, by=None, now=NOW)
    assert live(services) == 1
    with services.database.transaction() as session:
        with pytest.raises(Conflict, match="live already"):
            roll_back(session, 1, by=None, now=NOW)
        with pytest.raises(NotFound):
            roll_back(session, 99, by=None, now=NOW)
        assert [(each.id, each.is_live) for each in releases(session)] == [(newer, False), (1, True)]
    again = put(services, MENDED)
    assert (again.release_id, live(services)) == (newer, newer)


def test_a_release_is_live_at_once_in_every_other_process(services, tmp_path):
    other = services_on(services.settings.url, tmp_path)

    def title():
        with other.database.reading() as session:
            return other.shelf.live(session).catalogue.course_by_id["S01"].title

    assert title() == "The first course"
    put(services, {"courses/s01-first/course.md": ("The first course", "Renamed")})
    assert title() == "Renamed"
    other.close()


def test_trying_a_publication_tells_what_it_would_change_and_keeps_nothing(services, add_person):
    hand_in(services, add_person("Ada"))
    changes = {LAB: ("pass_mark: 60", "pass_mark: 70")}
    before = count(services, Blob)
    tried = put(services, changes, go_live=False)
    assert "One learner in it keeps their version" in " ".join(tried.impact.sentences)
    assert (live(services), count(services, Release), count(services, Blob)) == (1, 1, before)
    assert put(services, changes).impact == tried.impact
    with services.database.reading() as session:
        assert services.shelf.live(session).catalogue.lab_by_id["SL1"].pass_mark == 70


def test_publishing_at_once_keeps_each_release_whole_and_once(services):
    results = at_once(3, lambda number: publish_changed(services, MENDED))
    assert any(isinstance(each, int) for each in results)
    assert all(isinstance(each, (int, Conflict)) for each in results), results
    assert len({each for each in results if isinstance(each, int)}) == 1
    assert count(services, Release) == 2
    assert put(services, MENDED).is_new is False
