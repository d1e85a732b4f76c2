"""A whole site in one process: its pages, and a grading worker that grades by script."""

import pytest

from tests.web.conftest import stranger, visitor

__all__ = ["services", "stranger", "visitor"]


@pytest.fixture
def services(site):
    """The worker works on the site's database."""
    return site
