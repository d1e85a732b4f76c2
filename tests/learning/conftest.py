"""The sample course, and other versions of it to publish."""

import pytest

from tests.steps import publish_changed

LESSON = "courses/s01-first/02-counting.md"


@pytest.fixture
def course(edition):
    return edition.catalogue.course_by_id["S01"]


@pytest.fixture
def publish_with(services):
    """Publishes the sample with some texts changed: {path: (old, new)}."""
    return lambda changes: publish_changed(services, changes)


@pytest.fixture
def mended(publish_with):
    """A release in which a sentence was mended."""
    return lambda: publish_with({LESSON: ("Hours times GPUs.", "Hours, times GPUs.")})


@pytest.fixture
def changed(publish_with):
    """A release in which another answer is right."""
    return lambda: publish_with({LESSON: ("for 90 minutes?\nanswer: 6\n", "for 2 hours?\nanswer: 8\n")})
