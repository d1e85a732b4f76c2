"""When a course or a track counts as passed. Pure."""

from datetime import timedelta

from lms.certification.passing import CoursePassed, course_passed, track_passed
from lms.content.model import Course, Lesson, Track
from lms.learning.progress import Progress
from tests.conftest import NOW

LATER = NOW + timedelta(days=3)


def course(*labs):
    lesson = Lesson("L", "L", 1, (), labs, "", "", "")
    return Course("C", "C", "", (), 1, "introductory", (), (), (), "", "", (lesson,), 60, "v")


def studied(at):
    return Progress(1, 1, 0, 0, 0, 0, (), None, at)


def test_a_course_is_passed_when_it_is_studied_and_all_of_its_labs_are_passed():
    assert course_passed(course("A", "B"), studied(NOW), {"A": NOW, "B": LATER}).at == LATER
    assert course_passed(course("A", "B"), studied(LATER), {"A": NOW, "B": NOW}).at == LATER
    assert course_passed(course("A", "B"), studied(NOW), {"A": NOW, "X": NOW}) is None
    assert course_passed(course("A"), studied(None), {"A": NOW}) is None
    assert course_passed(course(), studied(NOW), {}).at == NOW


def test_a_track_is_passed_with_its_last_course_and_never_without_any():
    done = {key: CoursePassed(course(), at) for key, at in (("A", NOW), ("B", LATER))}
    assert track_passed(Track("T", "T", "", (), ("A", "B")), done) == LATER
    assert track_passed(Track("T", "T", "", (), ("A", "C")), done) is None
    assert track_passed(Track("T", "T", "", (), ()), done) is None
