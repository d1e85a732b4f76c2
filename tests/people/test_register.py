"""Becoming known: persons, companies, memberships."""

import pytest
from sqlalchemy import func, select

from lms.errors import Conflict, Invalid
from lms.people.register import found, join, register, slug_of
from lms.people.sign_in import sign_in
from lms.people.tables import Identity, Membership, Organisation, Person
from tests.conftest import NOW, PASSWORD
from tests.steps import at_once


def new(session, **given):
    return register(
        session, **{"name": "Ada", "email": "Ada@Example.com", "password": PASSWORD, "now": NOW, **given}
    )


def test_one_signs_in_with_the_e_mail_one_registered_in_any_case(services):
    with services.database.transaction() as session:
        ada = new(session, email="  Ada@Example.com ")
    with services.database.reading() as session:
        known = sign_in(session, email="aDA@example.COM ", password=PASSWORD, address="::1", now=NOW)
    assert known.id == ada.id
    assert known.email == "Ada@Example.com"


def test_an_e_mail_signs_in_one_person_only_in_whatever_case(services):
    with services.database.transaction() as session:
        new(session)
        with pytest.raises(Conflict, match="already"):
            new(session, name="Eve", email="ADA@EXAMPLE.COM")
        new(session, name="Bob", email="bob@example.com")
    with services.database.reading() as session:
        assert session.scalars(select(Person.name).order_by(Person.id)).all() == ["Ada", "Bob"]


def test_of_several_who_register_one_e_mail_at_once_one_is_registered(services):
    def act(number):
        with services.database.transaction() as session:
            return new(session, name=f"No. {number}").name

    results = at_once(5, act)
    assert sum(isinstance(each, str) for each in results) == 1
    assert sum(isinstance(each, Conflict) for each in results) == 4
    with services.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 1
        assert session.scalar(select(func.count()).select_from(Identity)) == 1


def test_every_field_that_is_wrong_is_told_at_once(site):
    with site.database.transaction() as session:
        with pytest.raises(Invalid) as refusal:
            register(session, name="  ", email="ada at example", password="short", now=NOW)
        assert set(refusal.value.fields) == {"name", "email", "password"}
        with pytest.raises(Invalid) as refusal:
            new(session, name="A" * 121, password="p" * 201)
        assert set(refusal.value.fields) == {"name", "password"}
        assert new(session, name="A" * 120, password="p" * 200).id


def test_an_e_mail_that_grows_beyond_its_column_in_lower_case_is_refused(services):
    with services.database.transaction() as session, pytest.raises(Invalid) as refusal:
        new(session, email="ß" * 200 + "@example.com")
    assert set(refusal.value.fields) == {"email"}


def test_nobody_reads_a_password_in_the_database(site):
    with site.database.transaction() as session:
        new(session)
        new(session, name="Bob", email="bob@example.com")
        one, other = session.scalars(select(Identity.secret))
    assert one.startswith("$argon2id$")
    assert PASSWORD not in one
    assert one != other


def test_companies_of_one_name_are_one_company(services):
    with services.database.transaction() as session:
        found(session, name="Nordlicht GmbH", now=NOW, actor_id=None)
        with pytest.raises(Conflict):
            found(session, name=" nordlicht gmbh ", now=NOW, actor_id=None)
        found(session, name="Südlicht GmbH", now=NOW, actor_id=None)
    with services.database.reading() as session:
        slugs = session.scalars(select(Organisation.slug).order_by(Organisation.id)).all()
    assert slugs == ["nordlicht-gmbh", "sudlicht-gmbh"]


def test_a_company_needs_a_name_and_a_web_address_that_is_one(services):
    with services.database.transaction() as session:
        for wrong in ({"name": " "}, {"name": "N" * 121}):
            with pytest.raises(Invalid) as refusal:
                found(session, now=NOW, actor_id=None, **wrong)
            assert set(refusal.value.fields) == {"name"}
        for url in ("javascript:alert(1)", "nordlys", "https://n.example/" + "x" * 200):
            with pytest.raises(Invalid) as refusal:
                found(session, name="Nordlys", url=url, now=NOW, actor_id=None)
            assert set(refusal.value.fields) == {"url"}
        assert found(session, name="Nordlys", url="https://n.example", now=NOW, actor_id=None).id


def test_a_name_in_any_script_has_an_address():
    assert slug_of("Nordlicht Robotics GmbH & Co.") == "nordlicht-robotics-gmbh-co"
    assert slug_of("東京") == "6771-4eac"
    assert len(slug_of("x" * 120)) == 60


def test_who_left_and_comes_back_is_a_member_again_and_only_once(site):
    with site.database.transaction() as session:
        ada = new(session)
        company = found(session, name="Nordlys", now=NOW, actor_id=None)
        first = join(session, ada, company.id, as_lead=True, now=NOW)
        first.left_at = NOW
        again = join(session, ada, company.id, as_lead=False, now=NOW)
        assert (again.id, again.left_at, again.is_lead) == (first.id, None, False)
        assert session.scalar(select(func.count()).select_from(Membership)) == 1


def test_being_invited_as_a_member_takes_no_leads_role_away(site):
    with site.database.transaction() as session:
        ada = new(session)
        company = found(session, name="Nordlys", now=NOW, actor_id=None)
        join(session, ada, company.id, as_lead=True, now=NOW)
        assert join(session, ada, company.id, as_lead=False, now=NOW).is_lead
