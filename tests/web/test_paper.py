"""A certificate is printed from its own address, by whoever has it."""

from io import BytesIO

import pypdf
import pytest
from sqlalchemy import select

from lms.certification.tables import Credential
from tests import steps
from tests.conftest import new_person
from tests.web.conftest import shown


@pytest.fixture
def ada(visitor, site, tmp_path):
    ada, mentor = visitor("Ada"), new_person(site, "Mentor", mentor=True)
    steps.pass_everything(site, ada.person, mentor, tmp_path)
    return ada


@pytest.fixture
def certificate(ada):
    """Its address."""
    return ada.post("/courses/S01/certificate").location


def paper(answer):
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    return pypdf.PdfReader(BytesIO(answer.data))


def test_whoever_has_the_address_prints_it_with_what_was_signed_inside(certificate, stranger, site):
    page = stranger.get(certificate)
    assert f"{certificate}.pdf" in page.text
    answer = stranger.get(f"{certificate}.pdf")
    printed = paper(answer)
    words = printed.pages[0].extract_text()
    assert "Ada" in words
    assert "has passed the course" in words
    with site.database.transaction() as session:
        issued = session.scalars(select(Credential)).one()
        assert issued.title in words
        assert printed.attachments == {"credential.json": [issued.document.encode()]}
    assert stranger.get(certificate, headers={"Accept": "application/pdf"}).data == answer.data
    accepted = "text/html,application/xhtml+xml,*/*;q=0.8"
    assert stranger.get(certificate, headers={"Accept": accepted}).mimetype == "text/html"


def test_what_is_not_what_was_signed_is_not_printed(certificate, stranger, site):
    paper(stranger.get(f"{certificate}.pdf"))
    with site.database.transaction() as session:
        session.scalars(select(Credential)).one().jwt = "e30.eyJuYW1lIjoiUm9vdCJ9.c2ln"
    refused = stranger.get(f"{certificate}.pdf")
    assert refused.status_code == 409
    assert "does not hold" in shown(refused)


def test_who_took_their_name_off_is_not_printed_any_more(certificate, ada, stranger):
    paper(stranger.get(f"{certificate}.pdf"))
    ada.post(f"{certificate}/forget")
    refused = stranger.get(f"{certificate}.pdf")
    assert refused.status_code == 404
    assert "names nobody" in shown(refused)
    assert "To print" not in shown(stranger.get(certificate))
