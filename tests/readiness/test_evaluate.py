"""Evaluations: kept when something is new, replayable, and the cause of every move. On both databases."""

import pytest
from sqlalchemy import func, select, update

from lms.audit import AuditEvent
from lms.certification.issue import issue_level
from lms.certification.keys import claims_in
from lms.certification.register import credential_of, resume, revoke, suspend
from lms.certification.standing import State, state_of
from lms.certification.tables import Credential
from lms.errors import NotFound
from lms.readiness.desk import changes, waiting, warnings
from lms.readiness.replay import replay
from lms.readiness.sweep import EVERY, claim, sweep
from lms.readiness.tables import Evaluation, LapseWarning
from tests.conftest import NOW, ScriptedGrader, new_person
from tests.readiness.conftest import POLICY, Crew, as_yaml, day, days, pass_everything, publish_policy
from tests.steps import at_once, company, put


def evaluations(crew):
    with crew.services.database.reading() as session:
        return list(session.scalars(select(Evaluation).order_by(Evaluation.id)))


def moves(crew):
    with crew.services.database.reading() as session:
        return [
            (each.change.level_id, each.change.before, each.change.after, each.change.cause)
            for each in reversed(changes(session, crew.organisation.id))
        ]


def sweep_at(crew, moment):
    return sweep(crew.services.database, crew.services.shelf, now=moment)


def certificate_state(crew, now, level="R1"):
    with crew.services.database.reading() as session:
        return state_of(credential_of(session, crew.stand(level).credential_id), now)


def test_what_is_earned_is_proposed_and_only_the_centre_grants(ready):
    ready.evaluate()
    assert (ready.state("R1"), ready.state("R2")) == ("proposed", None)
    with ready.services.database.reading() as session:
        assert [row.level_id for row in waiting(session)] == ["R1", "R1@boreas"]
    credential = ready.grant()
    assert ready.state() == "granted"
    assert ready.grant().id == credential.id, "granting twice is granting once"
    assert moves(ready) == [
        ("R1", "open", "proposed", "earned"),
        ("R1@boreas", "open", "proposed", "earned"),
        ("R1", "proposed", "granted", "granted"),
    ]
    machine = ready.grant("R1@boreas")
    assert machine.achievement_id == "R1@boreas"
    assert claims_in(machine.jwt)["name"] == "Playground on boreas: ready for access"


def test_looking_again_keeps_nothing_new_and_every_change_of_evidence_is_kept(ready):
    ready.evaluate()
    ready.evaluate(now=days(1))
    (first,) = evaluations(ready)
    assert (first.policy_version, first.cause, first.day) == ("test-2", "swept", NOW.date())
    person = first.evidence["members"][0]
    assert person["person"] == ready.ada.id
    assert {each["reference"].partition(":")[0] for each in person["passed"]} == {"enrolment", "submission"}
    assert first.evidence["attested"][0]["reference"] == "attestation:1"
    assert "Ada" not in str(first.evidence)
    assert first.outcome["R1"]["lapses_on"] == "2027-05-24"
    assert first.outcome["R1"]["lapses_by"] == "rules"
    bob = new_person(ready.services, "Bob")
    ready.join(bob)
    ready.evaluate(now=days(2), cause="joined")
    assert [each.cause for each in evaluations(ready)] == ["swept", "joined"]


def test_every_evaluation_comes_out_the_same_when_it_is_made_again(ready):
    ready.evaluate()
    publish_policy(
        ready.services, {**POLICY, "version": "test-3", "levels": POLICY["levels"][:1], "machines": []}
    )
    ready.evaluate(now=days(3))
    ready.evaluate(now=days(400))
    kept = evaluations(ready)
    assert [each.policy_version for each in kept] == ["test-2", "test-3", "test-3"]
    with ready.services.database.reading() as session:
        for each in kept:
            assert replay(session, ready.services.shelf, each.id).differences == ()
    with ready.services.database.transaction() as session:
        outcome = {**kept[0].outcome, "R1": {**kept[0].outcome["R1"], "earned": False}}
        session.execute(update(Evaluation).where(Evaluation.id == kept[0].id).values(outcome=outcome))
    with ready.services.database.reading() as session:
        (told,) = replay(session, ready.services.shelf, kept[0].id).differences
    assert told.startswith("R1: stored")
    with ready.services.database.transaction() as session:
        session.execute(update(Evaluation).where(Evaluation.id == kept[1].id).values(policy_digest="0" * 64))
    with ready.services.database.reading() as session:
        assert not replay(session, ready.services.shelf, kept[1].id).is_same


def test_somebody_leaves_and_the_level_lapses_with_grace_is_suspended_and_waits_to_be_taken_back(ready):
    bob = new_person(ready.services, "Bob")
    ready.join(bob, as_lead=True)
    ready.evaluate()
    ready.grant()
    ready.leave(ready.ada, now=days(1))
    ready.evaluate(now=days(1), cause="left")
    assert (ready.state(), ready.stand().grace_until) == ("lapsing", day("2026-12-08"))
    assert sweep_at(ready, days(14)) == (1, 1), "a warning is due"
    assert ready.state() == "lapsing"
    assert sweep_at(ready, days(15)) == (1, 1)
    assert (ready.state(), certificate_state(ready, days(15))) == ("suspended", State.SUSPENDED)
    assert sweep_at(ready, days(16)) == (1, 0)
    ready.join(ready.ada)
    ready.evaluate(now=days(20), cause="joined")
    with ready.services.database.reading() as session:
        assert [(row.level_id, row.stand.state.value) for row in waiting(session)][:1] == [
            ("R1", "suspended")
        ]
    ready.decide("resume", now=days(21), reason="She is back.")
    assert (ready.state(), certificate_state(ready, days(21))) == ("granted", State.VALID)
    assert [each for each in moves(ready) if each[0] == "R1"] == [
        ("R1", "open", "proposed", "earned"),
        ("R1", "proposed", "granted", "granted"),
        ("R1", "granted", "lapsing", "lost"),
        ("R1", "lapsing", "suspended", "grace-over"),
        ("R1", "suspended", "granted", "resumed"),
    ]


def test_who_comes_back_within_the_grace_loses_nothing(ready):
    bob = new_person(ready.services, "Bob")
    ready.join(bob, as_lead=True)
    credential = ready.grant()
    ready.leave(ready.ada)
    ready.evaluate(cause="left")
    ready.join(ready.ada)
    ready.evaluate(now=days(3), cause="joined")
    assert (ready.state(), ready.stand().credential_id) == ("granted", credential.id)
    assert ("R1", "lapsing", "granted", "regained") in moves(ready)


def test_time_alone_is_noticed_and_told_once_sixty_thirty_and_seven_days_before(ready):
    ready.grant()
    lapses_on = day("2027-05-24")
    assert ready.stand().lapses_on == lapses_on
    for left in (61, 60, 59, 31, 30, 8, 7, 1):
        sweep_at(ready, days((lapses_on - NOW.date()).days - left))
    with ready.services.database.reading() as session:
        rows = session.scalars(
            select(LapseWarning).where(LapseWarning.level_id == "R1").order_by(LapseWarning.id)
        )
        told = [(row.days, (lapses_on - row.told_at.date()).days) for row in rows]
        shown = warnings(session, ready.organisation.id, today=day("2027-05-20"))
    assert told == [(60, 60), (30, 30), (7, 7)]
    assert [row.days for row in shown if row.level_id == "R1"] == [7]
    sweep_at(ready, days((lapses_on - NOW.date()).days))
    assert ready.state() == "lapsing"
    ready.attest(since=lapses_on, now=days(183))
    ready.evaluate(now=days(184), cause="attested")
    assert ready.state() == "granted"


def test_a_new_major_version_of_a_course_takes_its_passes_away_with_grace(ready):
    ready.grant()
    changed = {
        "courses/s01-first/course.md": ("level: introductory", "level: introductory\nmajor: 2"),
        "courses/readiness.yaml": as_yaml(POLICY),
    }
    outcome = put(ready.services, changed)
    assert outcome.release_id, outcome.problems
    assert sweep_at(ready, days(1)) == (1, 1)
    assert ready.state() == "lapsing"
    kept = evaluations(ready)[-1]
    assert [each["major"] for each in kept.evidence["members"][0]["passed"] if each["kind"] == "course"] == [
        1
    ]
    with ready.services.database.reading() as session:
        assert replay(session, ready.services.shelf, kept.id).is_same


def test_a_policy_that_asks_for_more_is_noticed_and_one_without_the_level_lets_it_lapse(ready):
    ready.grant()
    harder = [{**POLICY["levels"][0], "requires": [{**POLICY["levels"][0]["requires"][0], "people": 2}]}]
    publish_policy(ready.services, {**POLICY, "version": "test-3", "levels": harder, "machines": []})
    sweep_at(ready, days(1))
    assert (ready.state("R1"), ready.stand("R1@boreas").state) == ("lapsing", "open")


def test_an_expired_certificate_is_proposed_again_and_one_that_nears_its_end_is_renewed(ready, worker_with):
    old = ready.grant()
    late = days(320)
    ready.attest(since=late.date(), now=late)
    bob = new_person(ready.services, "Bob")
    ready.join(bob)
    mentor = new_person(ready.services, "Mo", mentor=True)
    pass_everything(ready.services, worker_with(ScriptedGrader(6)), bob, mentor, now=days(319))
    ready.evaluate(now=late)
    assert ready.stand().waits_since == late
    new = ready.grant(now=late)
    assert new.id != old.id
    with ready.services.database.reading() as session:
        assert credential_of(session, old.id).superseded_by == new.id
    assert (ready.state(), ready.stand().waits_since, ready.stand().credential_id) == (
        "granted",
        None,
        new.id,
    )
    assert ready.grant(now=late).id == new.id
    beyond = days(320 + 367)
    sweep_at(ready, beyond)
    assert ready.state() in ("open", "proposed", "lapsing")
    assert [each[3] for each in moves(ready) if each[0] == "R1"][-1] == "expired"


def test_a_certificate_revoked_elsewhere_withdraws_the_level_and_it_can_be_granted_anew(ready):
    credential = ready.grant()
    with ready.services.database.transaction() as session:
        revoke(session, credential_of(session, credential.id), by=ready.sofia, reason="Forged.", now=NOW)
    ready.evaluate()
    assert ready.state() == "withdrawn"
    assert ready.stand().waits_since is None, "the centre has decided; it is not asked again"
    assert ready.grant().id != credential.id
    assert ready.state() == "granted"


def test_a_certificate_suspended_elsewhere_suspends_the_level_and_brings_it_back(ready):
    number = ready.grant().id
    with ready.services.database.transaction() as session:
        suspend(session, credential_of(session, number), by=ready.sofia, reason="An incident.", now=NOW)
    ready.evaluate(cause="certificate")
    assert (ready.state(), ready.stand().waits_since) == ("suspended", None)
    with ready.services.database.transaction() as session:
        resume(session, credential_of(session, number), by=ready.sofia, now=NOW)
    ready.evaluate(cause="certificate")
    assert ready.state() == "granted"


def test_a_certificate_that_no_list_can_suspend_is_left_and_the_level_is_suspended_all_the_same(ready):
    number = ready.grant().id
    with ready.services.database.transaction() as session:
        session.execute(update(Credential).where(Credential.id == number).values(status_purpose=None))
    ready.take_back(1, by=ready.sofia)
    sweep_at(ready, days(1))
    sweep_at(ready, days(15))
    sweep_at(ready, days(16))
    assert (ready.state(), certificate_state(ready, days(16))) == ("suspended", State.VALID)


def test_a_certificate_from_before_states_were_kept_is_taken_as_it_is(ready):
    with ready.services.database.transaction() as session:
        issue_level(
            session, ready.services.shelf, ready.services.press, ready.organisation, "R1", by=ready.sofia, reason="",
            now=NOW,
        )  # fmt: skip
    ready.evaluate()
    assert (ready.state(), moves(ready)[0][3]) == ("granted", "recognised")


def test_many_who_look_at_once_write_it_down_once(ready: Crew):
    results = at_once(4, lambda _: ready.evaluate())
    assert not [each for each in results if isinstance(each, Exception)], results
    assert len(evaluations(ready)) == 1
    assert len(moves(ready)) == 2
    ids = at_once(4, lambda _: ready.grant().id)
    assert len(set(ids)) == 1, ids
    assert [each[3] for each in moves(ready)].count("granted") == 1


def test_one_process_sweeps_and_the_others_find_it_done(crew):
    def try_it(now):
        with crew.services.database.transaction() as session:
            return claim(session, now=now)

    assert sorted(at_once(4, lambda _: try_it(NOW))) == [False, False, False, True]
    assert not try_it(NOW + EVERY / 2)
    assert try_it(NOW + EVERY)
    sweeper = crew.services.sweeper()
    assert sweeper.sweep_if_due(NOW + 3 * EVERY)
    assert not sweeper.sweep_if_due(NOW + 3 * EVERY)


def test_a_company_that_has_shown_nothing_is_open_and_no_news(services):
    company(services, "Empty")
    assert sweep(services.database, services.shelf, now=NOW) == (1, 1)
    assert sweep(services.database, services.shelf, now=days(1)) == (1, 0)
    with services.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Evaluation)) == 1
        assert changes(session) == []


def test_what_moves_is_on_record(ready):
    ready.grant()
    with ready.services.database.reading() as session:
        rows = session.execute(
            select(AuditEvent.action, AuditEvent.actor_id)
            .where(AuditEvent.action.startswith("readiness."))
            .order_by(AuditEvent.id)
        ).all()
    assert ("readiness.proposed", None) in [tuple(row) for row in rows]
    assert ("readiness.granted", ready.sofia.id) in [tuple(row) for row in rows]


@pytest.mark.parametrize("number", [0, 99])
def test_there_is_nothing_to_replay_of_what_was_never_kept(crew, number):
    with crew.services.database.reading() as session, pytest.raises(NotFound):
        replay(session, crew.services.shelf, number)
