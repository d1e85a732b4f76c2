"""What is told, to whom, and how often."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from lms.certification.evidence import dossiers_of
from lms.certification.issue import issue_for_course
from lms.errors import Invalid
from lms.handover import endpoints, events
from lms.handover.collect import SETTLED
from lms.handover.tables import Delivery, Read
from lms.people.tables import Person
from lms.readiness.states import LevelState
from tests.conftest import NOW, ScriptedGrader, new_person
from tests.readiness.conftest import days, pass_everything
from tests.steps import viewer_of


def told(post):
    return [json.loads(each.body) for each in post.deliveries()]


def types(post):
    return sorted(each["type"] for each in told(post))


def test_a_level_is_told_from_its_grant_to_its_end_with_who_says_so(post, ready):
    post.add()
    given = ready.grant()
    assert post.collect() == 2
    issued, granted = sorted(told(post), key=lambda each: each["type"])
    address = f"http://slipway.test/credentials/{given.id}"
    assert issued["type"] == "credential.issued"
    assert issued["timestamp"] == "2026-11-23T12:00:00Z"
    assert issued["data"] == {
        "issuer": {"id": "did:web:slipway.test", "name": ready.services.press.issuer.name},
        "credential": {"id": given.id, "address": address},
        "holder": "organisation",
        "organisation": {"slug": "nordlys", "name": "Nordlys"},
        "level": {"id": "R1", "level": "R1", "machine": None},
        "valid_until": "2027-11-23T12:00:00Z",
    }
    assert granted["type"] == "organisation.readiness.granted"
    assert granted["data"]["state"] == "granted"
    assert granted["data"]["lapses_on"] == "2027-05-24"
    assert granted["data"]["credential"]["address"] == address
    ready.decide("suspend", reason="Ada told us so.")
    ready.decide("resume")
    ready.decide("withdraw")
    assert post.collect() == 4
    assert types(post) == [
        "credential.issued",
        "credential.revoked",
        "organisation.readiness.granted",
        "organisation.readiness.granted",
        "organisation.readiness.withdrawn",
        "organisation.readiness.withdrawn",
    ]
    assert "Ada" not in "".join(each.body for each in post.deliveries())


def test_a_level_that_lapses_is_told_as_the_company_is_warned_and_when_it_is_earned_no_more(post, ready):
    post.add("organisation.readiness.expiring", "organisation.readiness.withdrawn")
    ready.grant()
    for count in (121, 122, 152, 175, 182, 189, 196):
        ready.evaluate(now=days(count))
        post.now = days(count)
        post.collect()
    lapse, end = "2027-05-24", "2027-06-07"
    assert [
        (each["data"]["cause"], each["data"]["state"], each["data"].get("days"), each["data"]["lapses_on"])
        for each in told(post)
    ] == [
        ("warning", "granted", 60, lapse),
        ("warning", "granted", 30, lapse),
        ("warning", "granted", 7, lapse),
        ("lost", "lapsing", None, end),
        ("warning", "lapsing", 30, end),
        ("warning", "lapsing", 7, end),
        ("grace-over", "suspended", None, None),
    ]
    assert told(post)[-1]["type"] == "organisation.readiness.withdrawn"


def test_a_persons_certificate_is_told_by_its_number_and_address_only(post, ready):
    services = post.services
    post.add()
    with services.database.transaction() as session:
        course = services.shelf.live(session).catalogue.course_by_id["S01"]
        dossier = dossiers_of(session, services.shelf, [ready.ada.id])[ready.ada.id]
        credential = issue_for_course(
            session, services.shelf, services.press, viewer_of(services, ready.ada), course, dossier, now=NOW
        )
    post.collect()
    (only,) = told(post)
    assert set(only["data"]) == {"issuer", "credential", "holder"}
    assert only["data"]["credential"]["id"] == credential.id
    with services.database.reading() as session:
        person = session.get_one(Person, ready.ada.id)
    body = post.deliveries()[0].body
    assert person.name not in body
    assert person.email not in body


def test_renewing_is_told_with_what_it_replaces(post, ready, worker_with):
    first = ready.grant()
    post.now = days(320)
    post.add("credential.renewed")
    ready.attest(since=post.now.date(), now=post.now)
    bob, mo = new_person(ready.services, "Bob"), new_person(ready.services, "Mo", mentor=True)
    ready.join(bob)
    pass_everything(ready.services, worker_with(ScriptedGrader(6)), bob, mo, now=days(319))
    second = ready.grant(now=post.now)
    post.collect()
    (only,) = told(post)
    assert [only["data"][name]["id"] for name in ("credential", "replaces")] == [second.id, first.id]


def test_what_was_rolled_back_is_never_told_and_what_was_committed_is_told_once(post, ready):
    post.add()
    with pytest.raises(Invalid):
        ready.decide("suspend", reason="")
    assert post.collect() == 0
    ready.grant()
    assert post.collect() == 2
    assert post.collect() == 0
    # What has settled is not read again; a row that is committed late under a smaller number would have been until then.
    post.now += SETTLED + timedelta(minutes=1)
    assert post.collect() == 0
    with post.services.database.reading() as session:
        assert {row.source for row in session.scalars(select(Read))} == {"audit", "change"}


def test_a_row_that_commits_late_under_a_smaller_number_is_told_all_the_same(post, ready):
    post.add()
    ready.grant()
    post.collect()
    with post.services.database.transaction() as session:  # as if the first of the two had not been there yet
        first = session.scalars(select(Delivery).order_by(Delivery.id)).first()
        session.delete(first)
    assert post.collect() == 1


def test_an_endpoint_is_told_what_it_wants_and_nothing_from_before_it(post, ready):
    ready.grant()
    post.now = NOW + timedelta(minutes=1)
    post.add("credential.revoked")
    assert post.collect() == 0
    ready.decide("withdraw", now=NOW + timedelta(minutes=2))
    assert post.collect() == 1
    assert types(post) == ["credential.revoked"]


@pytest.mark.parametrize("before", LevelState)
def test_a_desk_is_told_of_what_held_and_not_of_what_only_the_company_waits_for(before):
    assert events.name_of(before, LevelState.GRANTED) == events.GRANTED
    for after in (LevelState.OPEN, LevelState.PROPOSED):
        told_of = before in (LevelState.GRANTED, LevelState.LAPSING, LevelState.SUSPENDED)
        assert events.name_of(before, after) == (events.WITHDRAWN if told_of else None)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://127.0.0.1/hook", "not on the public internet"),
        ("https://[::ffff:10.0.0.1]/hook", "not on the public internet"),
        ("http://desk.example/hook", "begin with https://"),
        ("https://desk.example:8443/hook", "Port 8443"),
    ],
)
def test_an_address_within_our_own_network_is_no_endpoint(url, words):
    with pytest.raises(Invalid) as refusal:
        endpoints.wish(url, "", events.NAMES)
    assert words in refusal.value.fields["url"]
    with pytest.raises(Invalid) as refusal:
        endpoints.wish("https://127.0.0.1/", "", ["credential.burnt"])
    assert set(refusal.value.fields) == {"url", "events"}
