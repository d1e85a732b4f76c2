"""Where a company stands with a level, and what follows from what. Pure."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.readiness.states import CAUSES, Facts, LevelState, Stand, follow

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = NOW.date()
EARLIER = NOW - timedelta(days=5)


def facts(*, earned=True, certificate="valid", lapses_on=None, ends_in=365, grace_days=30, **more):
    has = certificate != ""
    ends = TODAY + timedelta(days=ends_in) if has else None
    return Facts(TODAY, earned, lapses_on, certificate, "c1" if has else None, ends, grace_days, **more)


def after(state, told, **given):
    stand, cause = follow(Stand(state, EARLIER, credential_id="c1", **given), told, NOW)
    return stand.state, cause


@pytest.mark.parametrize(
    ("before", "told", "then", "cause"),
    [
        (LevelState.OPEN, facts(certificate="", earned=False), LevelState.OPEN, ""),
        (LevelState.OPEN, facts(certificate=""), LevelState.PROPOSED, "earned"),
        (LevelState.PROPOSED, facts(certificate=""), LevelState.PROPOSED, ""),
        (LevelState.PROPOSED, facts(certificate="", earned=False), LevelState.OPEN, "ungained"),
        (LevelState.PROPOSED, facts(), LevelState.GRANTED, "recognised"),
        (LevelState.GRANTED, facts(), LevelState.GRANTED, ""),
        (LevelState.GRANTED, facts(earned=False), LevelState.LAPSING, "lost"),
        (LevelState.GRANTED, facts(earned=False, grace_days=0), LevelState.SUSPENDED, "grace-over"),
        (LevelState.GRANTED, facts(certificate="expired"), LevelState.PROPOSED, "expired"),
        (LevelState.GRANTED, facts(certificate="expired", earned=False), LevelState.OPEN, "expired"),
        (LevelState.GRANTED, facts(certificate="revoked"), LevelState.WITHDRAWN, "revoked"),
        (LevelState.GRANTED, facts(certificate="suspended"), LevelState.SUSPENDED, "certificate-suspended"),
        (LevelState.SUSPENDED, facts(certificate="suspended"), LevelState.SUSPENDED, ""),
        (LevelState.SUSPENDED, facts(has_status=False), LevelState.SUSPENDED, ""),
        (LevelState.SUSPENDED, facts(), LevelState.GRANTED, "certificate-resumed"),
        (LevelState.SUSPENDED, facts(certificate="revoked"), LevelState.WITHDRAWN, "revoked"),
        (LevelState.WITHDRAWN, facts(certificate="revoked"), LevelState.WITHDRAWN, ""),
    ],
)
def test_a_level_moves_by_itself_only_so(before, told, then, cause):
    assert after(before, told) == (then, cause)


def test_grace_is_counted_from_the_day_it_was_noticed_and_ends_on_its_day():
    lapsing, _ = follow(Stand(LevelState.GRANTED, EARLIER), facts(earned=False, grace_days=14), NOW)
    assert (lapsing.grace_until, lapsing.lapses_on) == (TODAY + timedelta(days=14),) * 2
    noticed_again, _ = follow(lapsing, facts(earned=False, grace_days=99), NOW)
    assert noticed_again.grace_until == lapsing.grace_until
    on = lapsing.grace_until
    for today, state in (
        (on - timedelta(days=1), LevelState.LAPSING),
        (on, LevelState.SUSPENDED),
        (on + timedelta(days=9), LevelState.SUSPENDED),
    ):
        told = Facts(today, False, None, "valid", "c1", TODAY + timedelta(days=365), 14)
        assert follow(lapsing, told, NOW)[0].state is state


def test_what_is_earned_again_within_its_grace_holds_as_before():
    lapsing, _ = follow(Stand(LevelState.GRANTED, EARLIER), facts(earned=False), NOW)
    again, cause = follow(lapsing, facts(), NOW)
    assert (again.state, cause, again.grace_until) == (LevelState.GRANTED, "regained", None)


def test_the_centre_is_asked_for_what_it_alone_decides_and_keeps_its_place_in_the_queue():
    proposed, _ = follow(None, facts(certificate=""), EARLIER)
    assert proposed.waits_since == EARLIER
    assert follow(proposed, facts(certificate=""), NOW)[0].waits_since == EARLIER
    suspended = Stand(LevelState.SUSPENDED, EARLIER, credential_id="c1")
    away = facts(certificate="suspended")
    assert follow(suspended, away, NOW)[0].waits_since == NOW
    assert follow(suspended, facts(earned=False, certificate="suspended"), NOW)[0].waits_since is None
    held = Stand(LevelState.SUSPENDED, EARLIER, credential_id="c1", is_held=True)
    assert follow(held, away, NOW)[0].waits_since is None
    granted = Stand(LevelState.GRANTED, EARLIER, credential_id="c1")
    assert follow(granted, away, NOW)[0].is_held, "who suspended the certificate meant it"
    assert follow(granted, facts(), NOW)[0].waits_since is None
    assert follow(granted, facts(is_renewable=True), NOW)[0].waits_since == NOW


def test_a_granted_level_lapses_when_the_policy_or_the_certificate_says_so_first():
    soon = TODAY + timedelta(days=20)
    assert follow(Stand(LevelState.GRANTED, EARLIER), facts(lapses_on=soon), NOW)[0].lapses_on == soon
    ends = TODAY + timedelta(days=10)
    told = facts(lapses_on=soon, ends_in=10)
    assert follow(Stand(LevelState.GRANTED, EARLIER), told, NOW)[0].lapses_on == ends


stands = st.builds(
    lambda state, held, grace: Stand(
        state, EARLIER, credential_id="c1", is_held=held and state is LevelState.SUSPENDED,
        grace_until=TODAY + timedelta(days=grace) if state is LevelState.LAPSING else None,
    ),
    st.sampled_from(LevelState), st.booleans(), st.integers(-5, 40),
)  # fmt: skip
any_facts = st.builds(
    facts,
    earned=st.booleans(),
    certificate=st.sampled_from(["", "valid", "expired", "revoked", "suspended", "superseded"]),
    has_status=st.booleans(),
    grace_days=st.integers(0, 40),
    ends_in=st.integers(0, 400),
)


@given(stands | st.none(), any_facts)
def test_looking_twice_changes_nothing_more_and_what_moves_says_why(before, told):
    once, cause = follow(before, told, NOW)
    assert (cause in CAUSES) == (once.state is not (before.state if before else LevelState.OPEN))
    if cause == "grace-over" and told.has_status:
        told = replace(told, certificate="suspended")  # which evaluating does with it
    twice, nothing = follow(once, told, NOW)
    # What was issued or lifted elsewhere is taken as it is found; the next look says whether it still holds.
    if cause not in ("recognised", "certificate-resumed"):
        assert (twice, nothing) == (once, "")


@given(stands, any_facts)
def test_nothing_is_granted_without_a_certificate_nor_taken_back_in_by_the_policy(before, told):
    then = follow(before, told, NOW)[0].state
    if then is LevelState.GRANTED and before.state is not LevelState.GRANTED:
        assert told.certificate == "valid" or before.state is LevelState.LAPSING
        assert before.state is not LevelState.WITHDRAWN


def test_dates_of_a_stand_are_days():
    assert isinstance(follow(None, facts(lapses_on=date(2027, 1, 1)), NOW)[0].lapses_on, date)
