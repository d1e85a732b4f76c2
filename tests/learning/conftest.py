"""The sample course, and other versions of it to publish."""

import pytest

from lms.content.tree import Tree
from lms.publishing import publish
from tests.conftest import NOW, SAMPLE

LESSON = "courses/s01-first/02-counting.md"


@pytest.fixture
def course(edition):
    return edition.catalogue.course_by_id["S01"]


@pytest.fixture
def publish_with(services):
    """Publishes the sample with some texts changed: {path: (old, new)}."""

    def act(changes):
        files = dict(Tree.from_folder(SAMPLE))
        for path, (old, new) in changes.items():
            text = files[path].decode()
            assert old in text
            files[path] = text.replace(old, new).encode()
        outcome = publish(
            services, Tree(files), source="changed", by=None, now=NOW, on_progress=lambda *_: None
        )
        assert outcome.release_id, outcome.problems
        return outcome.release_id

    return act


@pytest.fixture
def mended(publish_with):
    """A release in which a sentence was mended."""
    return lambda: publish_with({LESSON: ("Hours times GPUs.", "Hours, times GPUs.")})


@pytest.fixture
def changed(publish_with):
    """A release in which another answer is right."""
    return lambda: publish_with({LESSON: ("for 90 minutes?\nanswer: 6\n", "for 2 hours?\nanswer: 8\n")})
