"""A credential whose stored bytes are not what was signed is shown as just that, whatever they are."""

import pytest
from sqlalchemy import select

from lms.certification.tables import Credential
from tests import steps
from tests.conftest import new_person
from tests.web.conftest import shown


@pytest.fixture
def certificate(visitor, site, tmp_path):
    """The address of a genuine certificate."""
    ada, mentor = visitor("Ada"), new_person(site, "Mentor", mentor=True)
    steps.pass_everything(site, ada.person, mentor, tmp_path)
    return ada.post("/courses/S01/certificate").location


@pytest.mark.parametrize("stored", ["", "no.jwt", "e30.bm8ganNvbg.c2ln", "e30.eyJuYW1lIjoiUm9vdCJ9.c2ln"])
def test_only_what_was_signed_is_shown_as_certified(certificate, stranger, site, stored):
    assert "This certificate is valid" in shown(stranger.get(certificate))
    with site.database.transaction() as session:
        session.scalars(select(Credential)).one().jwt = stored
    page = stranger.get(certificate)
    assert page.status_code == 200
    assert "Do not rely on this certificate" in shown(page)
    assert "Ada" not in shown(page)
