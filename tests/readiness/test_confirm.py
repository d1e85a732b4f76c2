"""What only the centre decides, with whom, and with which reasons."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lms.certification.keys import claims_in
from lms.certification.standing import State, state_of
from lms.certification.tables import Credential
from lms.errors import Conflict, Forbidden, Invalid, NotFound
from lms.readiness.tables import LevelChange
from tests.conftest import NOW, new_person
from tests.readiness.conftest import days
from tests.steps import viewer_of


def credential(crew):
    with crew.services.database.reading() as session:
        return session.scalars(select(Credential).where(Credential.kind == "level")).one()


def test_the_centre_decides_and_never_about_the_company_it_works_for(ready):
    services = ready.services
    sam = new_person(services, "Sam", staff=True)
    ready.join(sam)
    for by in (viewer_of(services, sam), viewer_of(services, ready.ada), ready.miriam):
        with pytest.raises(Forbidden):
            ready.grant(by=by)
    ready.grant()
    with pytest.raises(Forbidden):
        ready.decide("withdraw", by=viewer_of(services, sam))
    ready.decide("withdraw")


def test_a_certificate_tells_what_it_rests_on_documents_too_and_nobodys_name(ready):
    ready.grant()
    evidence = claims_in(credential(ready).jwt)["evidence"]
    assert [(each["name"].split(",")[0], each["genre"]) for each in evidence] == [
        ("S01", "course"),
        ("SL1", "lab, graded by machine and mentor"),
        ("The rules are accepted: declared by a lead of the company", "document"),
    ]
    assert "Ada" not in str(evidence)


def test_what_is_not_earned_is_not_granted_and_says_what_is_missing(crew):
    with pytest.raises(Conflict, match="Nobody has vouched for it yet"):
        crew.grant()
    with pytest.raises(NotFound):
        crew.grant("R9")
    assert crew.state() is None


def test_the_centre_suspends_whatever_the_policy_says_and_is_not_asked_until_it_decides(ready):
    ready.grant()
    for what, level in (("suspend", "R1"), ("withdraw", "R1")):
        with pytest.raises(Invalid):
            ready.decide(what, level, reason=" ")
    with pytest.raises(Conflict, match="Only a suspended"):
        ready.decide("resume")
    ready.decide("suspend", reason="An incident.")
    assert (ready.state(), ready.stand().is_held, ready.stand().waits_since) == ("suspended", True, None)
    ready.evaluate(now=days(1))
    assert (ready.state(), ready.stand().waits_since) == ("suspended", None)
    with pytest.raises(Conflict, match="is suspended"):
        ready.grant(now=days(1))
    with pytest.raises(Conflict, match="Only a level that holds"):
        ready.decide("suspend", now=days(1))
    ready.decide("resume", now=days(2))
    assert (ready.state(), ready.stand().is_held) == ("granted", False)


def test_a_suspended_level_is_taken_back_in_only_when_it_is_earned(ready):
    ready.grant()
    ready.decide("suspend")
    far = NOW + timedelta(days=200)
    with pytest.raises(Conflict, match="not earned today"):
        ready.decide("resume", now=far)
    ready.attest(since=far.date(), now=far)
    ready.decide("resume", now=far)
    assert ready.state() == "granted"


def test_withdrawing_revokes_the_certificate_and_its_reason_stays(ready):
    ready.grant()
    ready.decide("withdraw", reason="The logs were forged.")
    found = credential(ready)
    assert (state_of(found, NOW), found.revocation_reason) == (State.REVOKED, "The logs were forged.")
    assert ready.state() == "withdrawn"
    with pytest.raises(Conflict, match="Only a level that was granted"):
        ready.decide("withdraw")
    with ready.services.database.reading() as session:
        last = session.scalars(select(LevelChange).order_by(LevelChange.id.desc()).limit(1)).one()
    assert (last.cause, last.reason, last.actor_id) == ("withdrawn", "The logs were forged.", ready.sofia.id)


def test_a_last_lead_cannot_leave_and_who_left_cannot_leave_again(ready):
    with pytest.raises(Conflict, match="Invite another lead first"):
        ready.leave(ready.ada)
    bob = new_person(ready.services, "Bob")
    ready.join(bob, as_lead=True)
    ready.leave(bob)
    with pytest.raises(NotFound):
        ready.leave(bob)
