"""An invitation is good once, for two weeks, unless it was withdrawn."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lms.errors import Conflict, NotFound
from lms.people.invite import LIFETIME, accept, invitation_of, open_invitations, withdraw
from lms.people.tables import Invitation, Membership, Person
from tests.conftest import NOW
from tests.steps import at_once, company, viewer_of


def take(services, token, person, now=NOW):
    with services.database.transaction() as session:
        return accept(session, token, session.get_one(Person, person.id), now=now).name


def test_an_invitation_is_good_once(services, invited, add_person):
    token, ada, bob = invited(), add_person("Ada"), add_person("Bob")
    assert take(services, token, ada) == "Nordlys Robotics"
    with pytest.raises(NotFound, match="no longer good"):
        take(services, token, bob)
    assert [each.name for each in viewer_of(services, ada).companies] == ["Nordlys Robotics"]
    assert viewer_of(services, bob).companies == ()


def test_of_several_who_use_one_link_at_once_one_joins(services, invited, add_person):
    token = invited()
    people = [add_person(name) for name in ("Ada", "Bob", "Cem", "Dea")]
    results = at_once(4, lambda number: take(services, token, people[number]))
    assert sum(each == "Nordlys Robotics" for each in results) == 1
    assert sum(isinstance(each, NotFound) for each in results) == 3
    with services.database.reading() as session:
        assert len(session.scalars(select(Membership)).all()) == 2  # its lead, and one


def test_who_opens_two_links_at_once_joins_once(services, invited, add_person):
    tokens, ada = [invited(), invited(as_lead=True)], add_person("Ada")
    results = at_once(2, lambda number: take(services, tokens[number], ada))
    assert all(each == "Nordlys Robotics" or isinstance(each, Conflict) for each in results), results
    (joined,) = viewer_of(services, ada).companies
    assert joined.is_lead == (results[1] == "Nordlys Robotics")


def test_an_invitation_is_over_after_two_weeks(services, invited, add_person):
    token, ada = invited(), add_person("Ada")
    with pytest.raises(NotFound):
        take(services, token, ada, now=NOW + LIFETIME)
    assert take(services, token, ada, now=NOW + LIFETIME - timedelta(seconds=1)) == "Nordlys Robotics"


def test_a_withdrawn_invitation_is_no_longer_good_and_only_its_company_withdraws_it(
    services, invited, add_person, nordlys, lead
):
    token, ada, other = invited(), add_person("Ada"), company(services, "Other")
    with services.database.transaction() as session:
        (invitation,) = open_invitations(session, nordlys.id, NOW)
        with pytest.raises(NotFound):
            withdraw(session, other, invitation.id, by=lead.id, now=NOW)
        assert invitation_of(session, token, now=NOW)[1].name == "Nordlys Robotics"
        withdraw(session, nordlys, invitation.id, by=lead.id, now=NOW)
        assert open_invitations(session, nordlys.id, NOW) == []
    with pytest.raises(NotFound):
        take(services, token, ada)


def test_a_members_click_leaves_the_invitation_to_somebody_else(services, invited, add_person, lead):
    token, ada = invited(), add_person("Ada")
    with pytest.raises(Conflict, match="stays open"):
        take(services, token, lead)
    assert take(services, token, ada) == "Nordlys Robotics"


def test_an_invitation_as_lead_makes_a_lead(services, invited, add_person):
    ada, bob = add_person("Ada"), add_person("Bob")
    take(services, invited(as_lead=True), ada)
    take(services, invited(), bob)
    assert [bool(viewer_of(services, each).leads) for each in (ada, bob)] == [True, False]


def test_nobody_who_reads_the_database_can_use_an_invitation(services, invited):
    token = invited()
    with services.database.reading() as session:
        kept = session.scalars(select(Invitation.token_hash)).one()
        assert invitation_of(session, token, now=NOW)
        with pytest.raises(NotFound):
            invitation_of(session, kept, now=NOW)
