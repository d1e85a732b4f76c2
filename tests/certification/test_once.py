"""However issuing is repeated, raced or cut short, there is one certificate that counts for one thing."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from lms.audit import AuditEvent
from lms.certification import issue
from lms.certification.keys import claims_in
from lms.certification.register import credential_of, resume, revoke, suspend
from lms.certification.standing import RENEWAL, State, is_renewable, state_of
from lms.certification.tables import Credential
from lms.errors import Conflict
from tests.conftest import NOW
from tests.steps import at_once

DAY = timedelta(days=1)


class PowerCut(Exception):
    """The process ends where nobody expected it."""


def credentials(services):
    with services.database.reading() as session:
        return {each.id: each for each in session.scalars(select(Credential))}


def counting(services, now):
    """How many certificates count at `now`, by what they are for."""
    return Counter(
        (each.kind, each.achievement_id)
        for each in credentials(services).values()
        if state_of(each, now) in {State.VALID, State.SUSPENDED}
    )


@pytest.mark.parametrize("where", ["free_place", "compose", "seal"])
def test_a_crash_before_the_commit_leaves_nothing_and_trying_again_issues_one(
    ready, services, monkeypatch, where
):
    with monkeypatch.context() as broken:

        def cut(*_, **__):
            raise PowerCut

        broken.setattr(issue, where, cut)
        with pytest.raises(PowerCut):
            ready.issue_level()
    assert credentials(services) == {}
    assert len({ready.issue_level().id, ready.issue_level().id}) == 1
    with services.database.reading() as session:
        issued = session.scalars(select(AuditEvent).where(AuditEvent.action == "credential.issued")).all()
    assert len(issued) == 1


def test_a_crash_while_an_expiring_one_is_renewed_leaves_the_old_one_as_it_was(ready, services, monkeypatch):
    old = ready.issue_level()
    later = old.valid_until - DAY
    with monkeypatch.context() as broken:

        def cut(*_, **__):
            raise PowerCut

        broken.setattr(issue.audit, "record", cut)
        with pytest.raises(PowerCut):
            ready.issue_level(now=later)
    assert credentials(services).keys() == {old.id}
    assert state_of(credentials(services)[old.id], later) is State.VALID
    assert counting(services, later) == {("level", "R1"): 1}
    new = ready.issue_level(now=later)
    assert credentials(services)[old.id].superseded_by == new.id


def test_a_certificate_is_renewed_when_its_end_is_near_and_keeps_the_day_it_was_first_awarded(
    ready, services
):
    old = ready.issue_level()
    early = old.valid_until - RENEWAL - timedelta(seconds=1)
    assert not is_renewable(old, early)
    assert ready.issue_level(now=early).id == old.id
    near = old.valid_until - RENEWAL
    results = at_once(4, lambda _: ready.issue_level(now=near).id)
    assert len(set(results)) == 1, results
    (new,) = set(results) - {old.id}
    found = credentials(services)
    assert found.keys() == {old.id, new}
    assert state_of(found[old.id], near) is State.SUPERSEDED
    assert state_of(found[new], near) is State.VALID
    claims = claims_in(found[new].jwt)
    assert claims["awardedDate"] == claims_in(found[old.id].jwt)["validFrom"]
    assert claims["validFrom"] == f"{near:%FT%TZ}"
    with services.database.reading() as session:
        acts = session.scalars(
            select(AuditEvent.action)
            .where(AuditEvent.subject.in_([f"credential:{each}" for each in found]))
            .order_by(AuditEvent.id)
        ).all()
    assert acts == ["credential.issued", "credential.renewed"]


class Walk:
    """What staff may do to a company's level, in any order and at any time."""

    def __init__(self, ready):
        self.ready, self.services = ready, ready.services

    def issue(self, now):
        try:
            self.ready.issue_level(now=now)
        except Conflict as refusal:
            assert "suspended" in refusal.message or "not earned" in refusal.message  # noqa: PT017

    def act(self, verb, now, **given):
        with self.services.database.transaction() as session:
            for each in session.scalars(select(Credential).order_by(Credential.issued_at.desc()).limit(1)):
                verb(session, credential_of(session, each.id), by=self.ready.staff, now=now, **given)

    def suspend(self, now):
        try:
            self.act(suspend, now, reason="x")
        except Conflict as refusal:
            assert "does not count" in refusal.message  # noqa: PT017

    def resume(self, now):
        self.act(resume, now)

    def revoke(self, now):
        self.act(revoke, now, reason="x")


steps = st.lists(
    st.tuples(st.sampled_from(["issue", "issue", "suspend", "resume", "revoke"]), st.integers(0, 200)),
    max_size=8,
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=steps)
def test_whatever_staff_do_in_whatever_order_at_most_one_counts_and_all_have_their_own_place(ready, steps):
    with ready.services.database.transaction() as session:
        for each in session.scalars(select(Credential)):
            each.superseded_by = None
        session.flush()
        session.query(Credential).delete()
    walk, now = Walk(ready), NOW
    for act, days in steps:
        now += days * DAY
        getattr(walk, act)(now)
        assert max(counting(ready.services, now).values(), default=0) <= 1
    found = credentials(ready.services).values()
    places = {(each.status_purpose, each.status_list, each.status_index) for each in found}
    assert len(places) == len(found)
    assert {each.slot for each in found if each.slot} <= {f"level:R1:organisation:{ready.organisation.id}"}
