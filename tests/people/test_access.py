"""One guarded door to each thing; nobody learns whether it is not there or not theirs."""

import pytest

from lms.errors import NotFound
from lms.people.access import access_organisation, colleagues_of, members_of, require_mentor, require_staff
from lms.people.tables import Membership
from tests.conftest import NOW
from tests.steps import company, viewer_of


def test_a_company_opens_to_its_leads_and_to_staff_and_is_the_same_404_to_everybody_else(
    services, add_person
):
    lead, member, staff = add_person("Lena"), add_person("Milo"), add_person("Sofia", staff=True)
    other = add_person("Otto")
    company(services, "Nordlys", leads=[lead], members=[member])
    company(services, "Other", leads=[other])
    with services.database.reading() as session:
        for person in (lead, staff):
            assert access_organisation(session, viewer_of(services, person), "nordlys").name == "Nordlys"
        with pytest.raises(NotFound) as missing:
            access_organisation(session, viewer_of(services, lead), "no-such-company")
        for person in (member, other):
            with pytest.raises(NotFound) as closed:
                access_organisation(session, viewer_of(services, person), "nordlys")
            assert closed.value.message == missing.value.message


def test_desks_are_there_only_for_who_sits_at_them(services, add_person):
    staff = viewer_of(services, add_person("Sofia", staff=True))
    mentor = viewer_of(services, add_person("Miriam", mentor=True))
    require_staff(staff)
    require_mentor(mentor)
    with pytest.raises(NotFound):
        require_staff(mentor)
    with pytest.raises(NotFound):
        require_mentor(staff)


def test_who_left_is_nobodys_colleague_any_more(services, add_person):
    ada, bob, eve = add_person("Ada"), add_person("Bob"), add_person("Eve")
    nordlys = company(services, "Nordlys", members=[ada, bob])
    company(services, "Other", members=[eve])
    with services.database.transaction() as session:
        assert colleagues_of(session, ada.id) == {bob.id}
        assert colleagues_of(session, eve.id) == set()
        assert [person.name for person, _ in members_of(session, nordlys.id)] == ["Ada", "Bob"]
        session.query(Membership).filter_by(person_id=bob.id).one().left_at = NOW
    with services.database.reading() as session:
        assert colleagues_of(session, ada.id) == colleagues_of(session, bob.id) == set()
        assert [person.name for person, _ in members_of(session, nordlys.id)] == ["Ada"]
