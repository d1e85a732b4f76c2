"""Who passed every course of a track is offered its certificate where the track is listed, and gets it once."""

from sqlalchemy import select

from lms.certification.tables import Credential
from tests import steps
from tests.conftest import new_person
from tests.web.conftest import shown


def test_a_passed_track_is_certified_once_and_an_open_one_is_not(visitor, site, tmp_path):
    ada, mentor = visitor("Ada"), new_person(site, "Mentor", mentor=True)
    assert "Get my certificate" not in shown(ada.get("/courses"))
    assert ada.post("/tracks/sample/certificate").status_code == 409
    steps.pass_everything(site, ada.person, mentor, tmp_path)
    assert "Get my certificate" in shown(ada.get("/courses"))
    first, second = (ada.post("/tracks/sample/certificate").location for _ in range(2))
    assert first == second
    assert "The sample track" in shown(ada.get(first))
    assert "Your certificate" in shown(ada.get("/courses"))
    with site.database.reading() as session:
        assert len(session.scalars(select(Credential).where(Credential.kind == "track")).all()) == 1
