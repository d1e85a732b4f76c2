"""Status lists: random places, one for each credential; what they say is so now, and is signed anew before it is too old."""

import json
from datetime import timedelta

import pytest
from openbadgeslib.ob3.status import decode_encoded_list, set_indices
from sqlalchemy.exc import IntegrityError

from lms.certification import issue, status
from lms.certification.register import credential_of, resume, revoke, suspend
from lms.certification.standing import State, state_of
from lms.certification.status import FULL, PERIOD, VALID, StatusPlace, status_list
from lms.certification.tables import Credential
from lms.errors import Conflict, Invalid, NotFound
from tests.certification.strangers import Stranger
from tests.conftest import NOW


def listed(services, purpose="suspension", now=NOW):
    with services.database.reading() as session:
        return status_list(session, services.press, purpose, 1, now=now)


def bits(found):
    bitstring = decode_encoded_list(json.loads(found.sealed.document)["credentialSubject"]["encodedList"])
    assert len(bitstring) * 8 >= 131_072
    return set(set_indices(bitstring))


def act(ready, verb, issued, **given):
    with ready.services.database.transaction() as session:
        verb(session, credential_of(session, issued.id), by=ready.staff, now=NOW, **given)


def test_a_list_tells_which_of_its_credentials_do_not_count_and_no_more(ready, services):
    level = ready.issue_level()
    assert bits(listed(services)) == set()
    act(ready, suspend, level, reason="Their contact left.")
    assert bits(listed(services)) == {level.status_index}
    act(ready, resume, level)
    assert bits(listed(services)) == set()
    act(ready, revoke, level, reason="Forged logs.")
    assert bits(listed(services)) == {level.status_index}
    with pytest.raises(NotFound):
        listed(services, "revocation")
    course = ready.issue_course()
    assert bits(listed(services, "revocation")) == set()
    act(ready, revoke, course, reason="Not their own.")
    assert bits(listed(services, "revocation")) == {course.status_index}


def test_a_list_is_made_again_when_something_changed_and_before_it_is_too_old(ready, services):
    level = ready.issue_level()
    first = listed(services)
    assert listed(services) is first
    assert listed(services, now=NOW + PERIOD).tag != first.tag
    act(ready, suspend, level, reason="x")
    assert listed(services).tag != first.tag
    for hours in range(48):
        now = NOW + timedelta(hours=hours)
        document = json.loads(listed(services, now=now).sealed.document)
        assert document["validFrom"] <= f"{now:%FT%TZ}" <= f"{now + VALID - PERIOD:%FT%TZ}"
        assert f"{now + VALID - PERIOD:%FT%TZ}" <= document["validUntil"]


def test_over_the_network_it_is_json_or_a_jwt_and_is_not_sent_twice(ready, services):
    stranger = Stranger(services)
    level = ready.issue_level()
    url = f"/status/suspension/{level.status_list}"
    answer = stranger.get(url)
    assert answer.mimetype == "application/vc"
    assert json.loads(answer.data)["credentialSubject"]["statusPurpose"] == "suspension"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in answer.headers
    token = stranger.get(url, "application/vc+jwt")
    assert token.mimetype == "application/vc+jwt"
    assert token.text.count(".") == 2
    again = stranger.client.get(url, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    act(ready, suspend, level, reason="x")
    changed = stranger.client.get(url, headers={"If-None-Match": answer.headers["ETag"]})
    assert changed.status_code == 200
    for nowhere in ("/status/suspension/2", "/status/message/1", "/status/suspension/0"):
        assert stranger.get(nowhere).status_code == 404


def test_no_two_credentials_have_the_same_place_and_who_loses_a_race_for_one_takes_another(
    ready, services, monkeypatch
):
    taken = ready.issue_course()
    place = StatusPlace("revocation", 1, taken.status_index)
    offered = iter([place, place, StatusPlace("revocation", 1, 7)])
    monkeypatch.setattr(issue, "free_place", lambda *_: next(offered))
    assert ready.issue_track().status_index == 7
    monkeypatch.setattr(issue, "free_place", lambda *_: place)
    with services.database.transaction() as session:
        session.get_one(Credential, taken.id).slot = None
    with pytest.raises(IntegrityError):
        ready.issue_course()


def test_a_list_that_is_half_full_is_followed_by_another(ready, services, monkeypatch):
    assert FULL == 65_536
    monkeypatch.setattr(status, "FULL", 1)
    assert [ready.issue_course().status_list, ready.issue_track().status_list] == [1, 2]


def test_only_what_counts_today_can_be_suspended_with_a_reason_and_only_a_companys(ready, services):
    level, course = ready.issue_level(), ready.issue_course()
    with pytest.raises(Invalid):
        act(ready, suspend, level, reason=" ")
    with pytest.raises(Conflict, match="Only a company's"):
        act(ready, suspend, course, reason="x")
    act(ready, suspend, level, reason="Their contact left.")
    act(ready, suspend, level, reason="Again.")
    with services.database.reading() as session:
        found = credential_of(session, level.id)
        assert (state_of(found, NOW), found.suspension_reason) == (State.SUSPENDED, "Their contact left.")
    with pytest.raises(Conflict, match="Resume it, or revoke it first"):
        ready.issue_level()
    act(ready, resume, level)
    act(ready, revoke, level, reason="x")
    with pytest.raises(Conflict, match="does not count today"):
        act(ready, suspend, level, reason="x")
