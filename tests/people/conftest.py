"""A company to join, and the words to join it with."""

import pytest

from lms.people.invite import invite
from tests.conftest import NOW
from tests.steps import company


@pytest.fixture
def lead(add_person):
    return add_person("Lena")


@pytest.fixture
def nordlys(services, lead):
    return company(services, "Nordlys Robotics", leads=[lead])


@pytest.fixture
def invited(services, nordlys, lead):
    """Gives the secret of a new invitation to Nordlys, each time it is called."""

    def make(*, as_lead=False):
        with services.database.transaction() as session:
            return invite(session, nordlys, by=lead.id, note="", as_lead=as_lead, now=NOW)

    return make
