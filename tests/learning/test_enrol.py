"""Begin a course once; keep the version one began; follow what is only mended; move when one says so."""

import pytest
from sqlalchemy import func, select

from lms.errors import NotFound
from lms.learning.enrol import adopt, enrol, find_enrolment
from lms.learning.place import place_in, record_of
from lms.learning.progress import progress
from lms.learning.tables import Enrolment
from tests.conftest import NOW
from tests.steps import at_once, study


@pytest.fixture
def begin(services, course):
    def act(person):
        with services.database.transaction() as session:
            return enrol(session, person.id, course, 1, now=NOW).id

    return act


def bill(place):
    return next(each for each in place.lesson("S01-2").questions if each.id == "bill").answer


def test_beginning_twice_is_beginning_once(services, add_person, begin):
    ada, bob = add_person("Ada"), add_person("Bob")
    assert begin(ada) == begin(ada) != begin(bob)


def test_beginning_many_times_at_once_is_beginning_once(services, add_person, begin):
    ada = add_person("Ada")
    ids = at_once(6, lambda _: begin(ada))
    assert len(set(ids)) == 1
    assert isinstance(ids[0], int), ids
    with services.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Enrolment)) == 1


def test_a_mended_text_is_read_by_everybody_at_once(services, add_person, begin, mended):
    ada = add_person("Ada")
    begin(ada)
    release = mended()
    with services.database.reading() as session:
        for person_id in (ada.id, None):
            place = place_in(session, services.shelf, person_id, "S01")
            assert (place.edition.id, place.newer) == (release, None)
            html = services.shelf.text(session, place.lesson("S01-2").html)
            assert "Hours, times GPUs." in html


def test_a_course_that_changes_in_what_counts_stays_the_same_for_who_began_it(
    services, add_person, begin, changed
):
    ada, bob = add_person("Ada"), add_person("Bob")
    begin(ada)
    release = changed()
    with services.database.reading() as session:
        mine = place_in(session, services.shelf, ada.id, "S01")
        fresh = place_in(session, services.shelf, bob.id, "S01")
    assert (mine.edition.id, bill(mine), mine.newer.id) == (1, 6, "S01")
    assert (fresh.edition.id, bill(fresh), fresh.newer) == (release, 8, None)


def test_who_moves_to_the_new_version_keeps_what_they_did(services, add_person, changed):
    ada = add_person("Ada")
    study(services, ada)
    release = changed()
    with services.database.transaction() as session:
        place = place_in(session, services.shelf, ada.id, "S01")
        adopt(session, place.enrolment, place.newer, release, now=NOW)
    with services.database.reading() as session:
        place = place_in(session, services.shelf, ada.id, "S01")
        assert (place.edition.id, bill(place), place.newer) == (release, 8, None)
        told = progress(place.course, record_of(session, ada.id))
        assert (told.lessons_done, told.points) == (2, told.points_total)


def test_a_course_nobody_teaches_any_more_is_kept_by_who_began_it(services, add_person, begin, publish_with):
    ada = add_person("Ada")
    begin(ada)
    publish_with(
        {
            "courses/s01-first/course.md": ("id: S01\n", "id: S02\n"),
            "courses/tracks.yaml": ("[S01]", "[S02]"),
            "courses/readiness.yaml": ("[S01]", "[S02]"),
        }
    )
    with services.database.reading() as session:
        assert place_in(session, services.shelf, ada.id, "S01").edition.id == 1
        for person_id, course_id in ((None, "S01"), (ada.id, "S99")):
            with pytest.raises(NotFound):
                place_in(session, services.shelf, person_id, course_id)
        assert find_enrolment(session, ada.id, "S02") is None
