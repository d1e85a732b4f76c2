"""Issued once, for what was shown; replaced when it is over; ended with a reason."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lms.audit import AuditEvent
from lms.certification.register import credential_of, credentials_of, revoke
from lms.certification.standing import State, state_of
from lms.certification.tables import Credential
from lms.errors import Conflict, Invalid, NotFound
from lms.people.tables import Membership
from tests.conftest import NOW
from tests.steps import at_once

YEAR_LATER = NOW + timedelta(days=400)


def credentials(services):
    with services.database.reading() as session:
        return {each.id: each for each in session.scalars(select(Credential))}


def test_a_course_is_certified_once_and_only_when_it_is_passed(ready, services, add_person):
    assert ready.issue_course().id == ready.issue_course(now=YEAR_LATER).id
    ready.ada = type(ready.ada)(**{**vars(ready.ada), "id": add_person("Bob").id})
    with pytest.raises(Conflict, match="not passed yet"):
        ready.issue_course()
    with pytest.raises(Conflict, match="not passed yet"):
        ready.issue_track()
    assert len(credentials(services)) == 1


def test_issuing_the_very_first_ones_at_once_issues_each_once(ready, services):
    issue = (ready.issue_course, ready.issue_level, ready.issue_track)
    results = at_once(9, lambda number: issue[number % 3]().id)
    assert len(set(results)) == 3, results
    assert credentials(services).keys() == set(results)


def test_a_level_is_issued_to_who_earned_it_until_the_end_of_its_last_day(ready):
    level = ready.issue_level(reason=" Visited them. ")
    assert level.valid_until == datetime(2027, 11, 23, 12, 0, tzinfo=UTC)
    assert (level.kind, level.issued_by, level.reason) == ("level", ready.staff.id, "Visited them.")
    assert (level.organisation_id, level.person_id) == (ready.organisation.id, None)
    assert ready.issue_level().id == level.id
    with pytest.raises(NotFound):
        ready.issue_level("R9")


def test_who_has_not_earned_a_level_is_told_what_is_missing(ready, services):
    with pytest.raises(Conflict, match="Cannot be met yet: Course S02 is being written"):
        ready.issue_level("R2")
    assert ready.issue_level("R1")
    with services.database.transaction() as session:
        session.query(Membership).one().left_at = NOW
    with services.database.transaction() as session:
        revoke(session, session.query(Credential).one(), by=ready.staff, reason="They left.", now=NOW)
    with pytest.raises(Conflict, match="no members") as refusal:
        ready.issue_level("R1")
    assert "Nordlys Robotics has not earned this level" in refusal.value.message


def test_an_expired_level_is_replaced_by_a_new_one_even_when_asked_for_at_once(ready, services):
    old = ready.issue_level()
    results = at_once(4, lambda _: ready.issue_level(now=YEAR_LATER).id)
    assert len(set(results)) == 1, results
    now = credentials(services)
    assert now.keys() == {old.id, results[0]}
    assert now[old.id].superseded_by == results[0]
    assert state_of(now[old.id], YEAR_LATER) is State.SUPERSEDED
    assert state_of(now[results[0]], YEAR_LATER) is State.VALID


def test_revoking_needs_a_reason_is_for_good_and_makes_room(ready, services):
    level = ready.issue_level()
    with services.database.transaction() as session:
        with pytest.raises(Invalid) as refusal:
            revoke(session, credential_of(session, level.id), by=ready.staff, reason=" ", now=NOW)
        assert set(refusal.value.fields) == {"reason"}
        assert state_of(credential_of(session, level.id), NOW) is State.VALID
        revoke(session, credential_of(session, level.id), by=ready.staff, reason="Forged logs.", now=NOW)
        revoke(session, credential_of(session, level.id), by=ready.staff, reason="Again.", now=YEAR_LATER)
    revoked = credentials(services)[level.id]
    assert (revoked.revocation_reason, revoked.revoked_at) == ("Forged logs.", NOW)
    assert state_of(revoked, NOW) is State.REVOKED
    again = ready.issue_level()
    assert again.id != level.id
    assert credentials(services)[level.id].superseded_by is None


def test_the_strongest_reason_not_to_rely_on_it_is_its_state(ready, services):
    level = ready.issue_level()
    assert state_of(level, level.valid_until - timedelta(seconds=1)) is State.VALID
    assert state_of(level, level.valid_until) is State.EXPIRED
    level.superseded_by = level.id
    assert state_of(level, level.valid_until) is State.SUPERSEDED
    level.revoked_at = NOW
    assert state_of(level, level.valid_until) is State.REVOKED


def test_a_number_is_found_however_it_was_copied_and_lists_are_newest_first(ready, services):
    course, level = ready.issue_course(), ready.issue_level(now=NOW + timedelta(hours=1))
    with services.database.reading() as session:
        assert credential_of(session, f" {course.id.upper()} ").id == course.id
        with pytest.raises(NotFound):
            credential_of(session, course.id[:-1])
        assert [each.id for each in credentials_of(session)] == [level.id, course.id]
        assert [each.id for each in credentials_of(session, person_id=ready.ada.id)] == [course.id]
        mine = credentials_of(session, organisation_id=ready.organisation.id)
        assert [each.id for each in mine] == [level.id]


def test_every_act_upon_a_credential_is_on_record_with_who_did_it(ready, services):
    level = ready.issue_level(reason="Visited.")
    with services.database.transaction() as session:
        revoke(session, credential_of(session, level.id), by=ready.staff, reason="Wrong company.", now=NOW)
    with services.database.reading() as session:
        events = session.scalars(
            select(AuditEvent).where(AuditEvent.subject == f"credential:{level.id}").order_by(AuditEvent.id)
        ).all()
    assert [(each.action, each.actor_id) for each in events] == [
        ("credential.issued", ready.staff.id),
        ("credential.revoked", ready.staff.id),
    ]
    assert events[1].detail == {"reason": "Wrong company."}
