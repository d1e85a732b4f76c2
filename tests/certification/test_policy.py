"""Levels of readiness. Pure: evidence in, a decision with its reasons out."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.certification.company import Attested, Company, Member, Passed
from lms.certification.decision import decide as decide_company
from lms.certification.policy import Level, Policy, Requirement, months_after, months_before, read_policy

TODAY = date(2026, 11, 23)
POLICY = Policy(
    "1",
    (
        Level(
            "R1", "One", "", 12,
            (
                Requirement("two", "Two engineers", people=2, courses=("C1",), labs=("L1",), max_age_months=24),
                Requirement("lead", "A lead", role="lead", courses=("C1",)),
            ),
        ),
        Level("R2", "Two", "", 12, (Requirement("more", "More", courses=("C2",)),), after="R1"),
    ),
)  # fmt: skip


def decide(policy, members, today):
    return decide_company(policy, Company(tuple(members)), today)


def passed(*ids, on=TODAY):
    return tuple(Passed("lab" if each.startswith("L") else "course", each, on, 1) for each in ids)


def member(number, *done, lead=False, name=""):
    return Member(number, name or f"Person {number}", lead, tuple(done))


def finding(decision, requirement_id):
    return next(
        each for level in decision.levels for each in level.findings if each.requirement.id == requirement_id
    )


FULL = (member(1, *passed("C1", "L1"), lead=True), member(2, *passed("C1", "L1")))


def test_a_level_is_earned_when_every_requirement_is_met():
    decision = decide(POLICY, FULL, TODAY)
    assert [(each.level.id, each.earned) for each in decision.levels] == [("R1", True), ("R2", False)]
    assert (decision.highest.level.id, decision.next.level.id) == ("R1", "R2")
    assert decision.level("R3") is None
    assert not decide(POLICY, FULL[:1], TODAY).level("R1").earned


def test_a_level_waits_for_the_one_before_it():
    scholars = (member(1, *passed("C2"), lead=True),)
    decision = decide(POLICY, scholars, TODAY)
    assert finding(decision, "more").is_met
    assert (decision.level("R2").earned, decision.level("R2").blocked_by) == (False, "R1")
    assert decide(POLICY, (*FULL, *scholars), TODAY).level("R2").earned


def test_one_person_must_have_passed_all_of_it():
    split = (member(1, *passed("C1"), lead=True), member(2, *passed("L1")), member(3, *passed("C1")))
    assert finding(decide(POLICY, split, TODAY), "two").met_by == ()


def test_evidence_counts_to_the_day_it_is_too_old():
    edge = months_before(TODAY, 24)
    on_the_edge = tuple(member(n, *passed("C1", "L1", on=edge), lead=n == 1) for n in (1, 2))
    assert decide(POLICY, on_the_edge, TODAY).level("R1").earned
    assert not decide(POLICY, on_the_edge, TODAY + timedelta(days=1)).level("R1").earned
    assert finding(decide(POLICY, on_the_edge, TODAY + timedelta(days=1)), "lead").is_met


def test_what_is_passed_tomorrow_does_not_count_today():
    tomorrow = tuple(member(n, *passed("C1", "L1", on=TODAY + timedelta(days=1)), lead=True) for n in (1, 2))
    assert not decide(POLICY, tomorrow, TODAY).level("R1").earned
    assert decide(POLICY, tomorrow, TODAY + timedelta(days=1)).level("R1").earned


def test_the_sentence_says_who_is_closest_and_what_they_lack():
    company = (
        member(1, *passed("C1", "L1"), lead=True, name="Ada"),
        member(2, name="Bob"),
        member(3, *passed("C1"), name="Cem"),
    )
    told = finding(decide(POLICY, company, TODAY), "two")
    assert told.still_needed == 1
    assert told.sentence == "One more person is needed. Closest is Cem, who still has to pass L1."
    assert finding(decide(POLICY, company, TODAY), "lead").sentence == ""


def test_the_sentence_says_what_is_too_long_ago():
    stale = (member(1, *passed("C1", on=date(2020, 1, 1)), lead=True, name="Ada"),)
    assert finding(decide(POLICY, stale, TODAY), "two").sentence == (
        "2 more people are needed. Closest is Ada, who still has to pass L1 and C1 again, it is too long ago."
    )


def test_the_sentence_tells_an_empty_company_whom_to_invite():
    empty = decide(POLICY, (), TODAY)
    assert "no members" in finding(empty, "two").sentence
    assert "no lead" in finding(empty, "lead").sentence
    everybody = decide(POLICY, FULL[:1], TODAY)
    assert "Everybody in the company counts already" in finding(everybody, "two").sentence


def test_what_nobody_can_meet_yet_says_why_and_is_never_met():
    policy = Policy(
        "1", (Level("R1", "One", "", 12, (Requirement("later", "Later", awaits="C9 is written."),)),)
    )
    decision = decide(policy, FULL, TODAY)
    assert not decision.levels[0].earned
    assert finding(decision, "later").sentence == "Cannot be met yet: C9 is written."


def test_a_policy_is_read_from_the_catalogue_and_an_empty_one_has_no_levels():
    plain = {
        "version": "2026-11",
        "levels": [
            {
                "id": "R1", "title": "One", "valid_months": 12, "after": None,
                "requires": [{"id": "a", "title": "A", "people": 2, "courses": ["C1"], "max_age_months": 24}],
            }
        ],
    }  # fmt: skip
    policy = read_policy(plain)
    assert policy.level("R1").requires == (
        Requirement("a", "A", people=2, courses=("C1",), max_age_months=24),
    )
    assert (policy.level("R2"), policy.version) == (None, "2026-11")
    nothing = decide(read_policy({}), FULL, TODAY)
    assert (nothing.levels, nothing.highest, nothing.next) == ((), None, None)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2028, 3, 31), 1, date(2028, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 31), 24, date(2024, 12, 31)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 5, 31), 0, date(2026, 5, 31)),
    ],
)
def test_months_before_a_day(day, months, expected):
    assert months_before(day, months) == expected


days = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@given(days, st.integers(0, 600))
def test_months_after_a_day_is_in_that_month_and_never_on_a_later_day_of_it(day, months):
    later = months_after(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day <= day.day
    assert later.day == day.day or (later + timedelta(days=1)).month != later.month


@given(days, st.integers(0, 60))
def test_months_before_is_never_later_when_the_day_is_not(day, months):
    assert months_before(day, months) <= months_before(day + timedelta(days=1), months)


evidence = st.builds(
    lambda id_, age: passed(id_, on=TODAY - timedelta(days=age))[0],
    st.sampled_from(["C1", "C2", "L1"]),
    st.integers(0, 1200),
)
companies = st.lists(
    st.tuples(st.booleans(), st.lists(evidence, max_size=4, unique_by=lambda each: each.id)), max_size=4
).map(lambda rows: [member(n, *done, lead=lead) for n, (lead, done) in enumerate(rows)])


def earned(company, today=TODAY):
    return {each.level.id for each in decide(POLICY, company, today).levels if each.earned}


@given(companies, st.sampled_from(["C1", "C2", "L1"]), st.integers(0, 3))
def test_more_evidence_never_lowers_a_level(company, more, which):
    richer = [
        member(each.person_id, *each.passed, *passed(more), lead=each.is_lead)
        if each.person_id == which
        else each
        for each in company
    ]
    assert earned(company) <= earned(richer)


@given(companies, evidence, st.booleans())
def test_one_more_colleague_never_lowers_a_level(company, done, lead):
    assert earned(company) <= earned([*company, member(99, done, lead=lead)])


@given(companies, st.integers(0, 1500))
def test_time_alone_never_raises_a_level(company, days_later):
    assert earned(company, TODAY + timedelta(days=days_later)) <= earned(company)


@given(companies)
def test_what_is_missing_has_a_sentence_and_what_is_met_has_none(company):
    for level in decide(POLICY, company, TODAY).levels:
        for each in level.findings:
            assert bool(each.sentence) != each.is_met


# Documents, proofs on Slurm, new major versions, machines.

ALIVE = read_policy(
    {
        "version": "2",
        "grace_days": 14,
        "majors": {"C1": 2},
        "documents": [{"id": "rules", "title": "Acceptable use", "ask": "The signed text."}],
        "levels": [
            {
                "id": "R1", "title": "One", "valid_months": 12, "after": None,
                "requires": [
                    {"id": "engineer", "title": "E", "people": 1, "courses": ["C1"], "labs": ["L1"], "max_age_months": 24},
                    {"id": "rules", "title": "Rules", "document": "rules", "attested_by": "lead", "max_age_months": 12},
                ],
            },
            {
                "id": "R2", "title": "Two", "valid_months": 12, "after": "R1",
                "requires": [{"id": "rules", "title": "Rules seen", "document": "rules", "attested_by": "mentor"}],
            },
        ],
        "machines": [
            {
                "id": "boreas", "title": "boreas", "summary": "", "levels": ["R1", "R2"],
                "requires": [{"id": "proof", "title": "P", "people": 1, "labs": ["L1"], "on_slurm": True}],
            }
        ],
    }
)  # fmt: skip


def word(by="lead", on=TODAY, until=None, reference="attestation:1"):
    return Attested("rules", on, until, by, reference)


def engineer(*, major=2, on_slurm=False, on=TODAY):
    return member(1, Passed("course", "C1", on, 1, major), Passed("lab", "L1", on, 1, on_slurm=on_slurm))


def alive(*people, words=(), today=TODAY):
    return decide_company(ALIVE, Company(tuple(people), tuple(words)), today)


def levels_earned(decision):
    return {each.level.id for each in decision.levels if each.earned}


def test_a_document_counts_by_the_word_of_who_may_give_it_and_a_weightier_word_too():
    assert levels_earned(alive(engineer())) == set()
    assert levels_earned(alive(engineer(), words=[word("lead")])) == {"R1"}
    assert levels_earned(alive(engineer(), words=[word("mentor")])) == {"R1", "R2"}
    assert levels_earned(alive(engineer(), words=[word("staff")])) == {"R1", "R2"}
    told = finding(alive(engineer()), "rules").sentence
    assert told == "Nobody has vouched for it yet. A lead of the company can declare it."


def test_a_document_counts_on_its_last_day_and_not_after_it():
    kept = word(until=TODAY)
    assert "R1" in levels_earned(alive(engineer(), words=[kept]))
    late = alive(engineer(), words=[kept], today=TODAY + timedelta(days=1))
    assert "R1" not in levels_earned(late)
    assert finding(late, "rules").lapsed == kept
    assert finding(late, "rules").sentence.startswith("The last word for it has run out.")


def test_a_document_is_too_old_by_the_policy_even_when_it_has_no_end():
    old = word(on=months_before(TODAY, 12))
    assert "R1" in levels_earned(alive(engineer(), words=[old]))
    assert "R1" not in levels_earned(alive(engineer(), words=[old], today=TODAY + timedelta(days=1)))


def test_a_pass_of_an_earlier_major_version_counts_no_more_and_the_sentence_says_so():
    told = alive(engineer(major=1), words=[word()])
    assert "R1" not in levels_earned(told)
    assert "C1 again, it has changed in what it teaches" in finding(told, "engineer").sentence
    both = member(1, *engineer(major=1).passed, Passed("course", "C1", TODAY, 2, 2))
    assert "R1" in levels_earned(alive(both, words=[word()]))


def test_a_machine_asks_for_its_level_and_for_more():
    without = alive(engineer(), words=[word()])
    assert without.level("R1@boreas").blocked_by is None
    assert "still has to pass L1 on Slurm" in finding(without, "proof").sentence
    proved = alive(engineer(on_slurm=True), words=[word()])
    assert levels_earned(proved) == {"R1", "R1@boreas"}
    assert proved.level("R2@boreas").blocked_by == "R2"
    assert (proved.highest.level.id, proved.next.level.id) == ("R1", "R2")
    assert ALIVE.level("R1@boreas").title == "One on boreas"


def test_who_may_attest_is_the_least_that_any_level_asks_for():
    assert (ALIVE.attested_by("rules"), ALIVE.attested_by("plan")) == ("lead", None)
    assert (ALIVE.document("rules").title, ALIVE.document("gone").title) == ("Acceptable use", "gone")


ages = st.integers(0, 1000).map(lambda age: TODAY - timedelta(days=age))
words = st.builds(
    lambda by, on, lasts: word(by, on, None if lasts is None else on + timedelta(days=lasts)),
    st.sampled_from(["lead", "mentor", "staff"]), ages, st.none() | st.integers(0, 900),
)  # fmt: skip
engineers = st.builds(engineer, major=st.integers(1, 3), on_slurm=st.booleans(), on=ages)
crews = st.lists(engineers, max_size=3).map(
    lambda crew: [Member(n, "", is_lead=False, passed=each.passed) for n, each in enumerate(crew)]
)


@given(crews, st.lists(words, max_size=3), words, st.integers(0, 900))
def test_one_more_word_never_lowers_a_level(crew, given_words, more, later):
    today = TODAY + timedelta(days=later)
    fewer = levels_earned(alive(*crew, words=given_words, today=today))
    assert fewer <= levels_earned(alive(*crew, words=[*given_words, more], today=today))


@given(crews, st.lists(words, max_size=3), st.integers(0, 2), engineers)
def test_one_more_pass_of_any_version_never_lowers_a_level(crew, given_words, which, more):
    richer = [
        Member(each.person_id, "", is_lead=False, passed=(*each.passed, *more.passed))
        if each.person_id == which
        else each
        for each in crew
    ]
    assert levels_earned(alive(*crew, words=given_words)) <= levels_earned(alive(*richer, words=given_words))


@given(crews, st.lists(words, max_size=3), st.integers(0, 900), st.integers(0, 900))
def test_time_alone_raises_nothing_that_documents_and_machines_ask_for(crew, given_words, one, two):
    early, late = (TODAY + timedelta(days=each) for each in sorted((one, two)))
    later = levels_earned(alive(*crew, words=given_words, today=late))
    assert later <= levels_earned(alive(*crew, words=given_words, today=early))


@given(crews, st.lists(words, max_size=3), st.integers(0, 3))
def test_somebody_who_leaves_never_raises_a_level(crew, given_words, who):
    company = Company(tuple(crew), tuple(given_words))
    fewer = levels_earned(decide_company(ALIVE, company.without(who), TODAY))
    assert fewer <= levels_earned(decide_company(ALIVE, company, TODAY))
