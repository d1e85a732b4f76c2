"""What a publication changes, told in sentences before it goes live."""

from lms.certification.impact import impact
from lms.content.model import Catalogue
from tests.steps import hand_in, publish_changed, study

EMPTY = Catalogue((), (), (), {}, {})


def told(services, before, after):
    with services.database.reading() as session:
        old, new = (
            each if isinstance(each, Catalogue) else services.shelf.edition(session, each).catalogue
            for each in (before, after)
        )
        return impact(session, old, new).sentences


def test_learners_in_the_middle_of_something_are_counted(services, add_person):
    for name in ("Ada", "Bob"):
        study(services, add_person(name))
    hand_in(services, add_person("Cem"))
    text = {"courses/s01-first/02-counting.md": ("Hours times GPUs.", "Hours, times GPUs.")}
    substance = {
        **text,
        "courses/s01-first/01-waiting.md": ("points: 2", "points: 3"),
        "labs/sl1-add/lab.yaml": ("pass_mark: 60", "pass_mark: 70"),
    }
    mended, changed = publish_changed(services, text), publish_changed(services, substance)
    assert told(services, 1, 1) == ["Nothing changes for learners."]
    assert told(services, 1, mended) == [
        "S01 The first course: mended text, which everybody reads at once.",
        "0 certificates stay as they are.",
    ]
    assert told(services, 1, changed) == [
        "S01 The first course changes in what counts. 2 learners in it keep their version and are offered the new one.",
        "SL1 Add two numbers changes in what counts. One learner in it keeps their version and is offered the new one.",
        "0 certificates stay as they are.",
    ]
    assert told(services, EMPTY, 1)[:2] == ["S01 The first course is new.", "SL1 Add two numbers is new."]
    assert told(services, 1, EMPTY)[0] == "S01 The first course is taught no more. 2 learners keep it."
