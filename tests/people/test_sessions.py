"""A session lasts as long as what it was begun with: a password, a role."""

import pytest

from lms.errors import Invalid
from lms.people.register import change_password
from lms.people.sign_in import WrongCredentials, sign_in
from lms.people.tables import Membership, Person
from lms.people.viewer import find_viewer
from tests.conftest import NOW, PASSWORD, new_person
from tests.steps import company


def test_changing_the_password_ends_every_session_and_the_old_password(services, add_person):
    ada = add_person("Ada")
    with services.database.transaction() as session:
        assert find_viewer(session, ada.id, 1).name == "Ada"
        person = session.get_one(Person, ada.id)
        change_password(session, person, current=PASSWORD, new="staple staple staple", now=NOW)
    with services.database.reading() as session:
        assert find_viewer(session, ada.id, 1) is None
        assert find_viewer(session, ada.id, 2).name == "Ada"
        with pytest.raises(WrongCredentials):
            sign_in(session, email=ada.email, password=PASSWORD, address="", now=NOW)
        assert sign_in(session, email=ada.email, password="staple staple staple", address="", now=NOW)


def test_a_password_is_changed_only_by_who_knows_it_and_for_one_that_is_good(site):
    ada = new_person(site, "Ada")
    with site.database.transaction() as session:
        person = session.get_one(Person, ada.id)
        with pytest.raises(Invalid) as refusal:
            change_password(session, person, current="wrong", new="staple staple staple", now=NOW)
        assert set(refusal.value.fields) == {"current"}
        with pytest.raises(Invalid) as refusal:
            change_password(session, person, current=PASSWORD, new="short", now=NOW)
        assert set(refusal.value.fields) == {"new"}
        assert person.session_version == 1


def test_a_viewer_belongs_to_the_companies_they_work_for_now(services, add_person):
    ada = add_person("Ada")
    for name in ("Zenit", "Aurora"):
        company(
            services, name, leads=[ada] if name == "Zenit" else [], members=[ada] if name == "Aurora" else []
        )
    with services.database.transaction() as session:
        viewer = find_viewer(session, ada.id, 1)
        assert [each.name for each in viewer.companies] == ["Aurora", "Zenit"]
        assert [each.name for each in viewer.leads] == ["Zenit"]
        membership = session.query(Membership).filter_by(is_lead=True).one()
        membership.left_at = NOW
    with services.database.reading() as session:
        viewer = find_viewer(session, ada.id, 1)
        assert [each.name for each in viewer.companies] == ["Aurora"]
        assert viewer.leads == ()
