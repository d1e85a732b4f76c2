"""What runs out when, what would be, and the shortest way. Pure."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lms.certification.company import Attested, Company, Member, Passed
from lms.certification.decision import decide
from lms.certification.policy import read_policy
from lms.readiness.lapses import first_day_not, lapse_of_level, lapses
from lms.readiness.plain import company_from, digest_of, evidence_of, outcome_of
from lms.readiness.wanted import attestable, wanted
from lms.readiness.way import Efforts, way_to
from lms.readiness.what_if import Leaves, Passes, suppose

TODAY = date(2026, 11, 23)
PLAIN = {
    "version": "1",
    "documents": [{"id": "rules", "title": "Rules", "ask": "Signed."}],
    "levels": [
        {
            "id": "R1", "title": "One", "valid_months": 12, "after": None,
            "requires": [
                {"id": "two", "title": "Two", "people": 2, "courses": ["C1"], "labs": ["L2"], "max_age_months": 24},
                {"id": "lead", "title": "A lead", "people": 1, "role": "lead", "courses": ["C1"], "max_age_months": 24},
            ],
        },
        {
            "id": "R2", "title": "Two", "valid_months": 12, "after": "R1",
            "requires": [
                {"id": "fresh", "title": "Fresh", "people": 1, "labs": ["L2"], "max_age_months": 3},
                {"id": "rules", "title": "Rules", "document": "rules", "attested_by": "lead", "max_age_months": 12},
                {"id": "later", "title": "Later", "awaits": "Time"},
            ],
        },
    ],
}  # fmt: skip
POLICY = read_policy(PLAIN)
LABS_OF = {"C1": ("L1",)}
EFFORTS = Efforts({"C1": 100, "L1": 40, "L2": 30}, LABS_OF)


def passed(*ids, on=TODAY):
    return tuple(Passed("lab" if each.startswith("L") else "course", each, on, 1) for each in ids)


def person(number, *done, lead=False):
    return Member(number, f"Person {number}", lead, tuple(done))


ADA = person(1, *passed("C1", "L1", "L2"), lead=True)
BOB = person(2, *passed("C1", "L1"))
CEM = person(3)


def way(level, *people, words=(), efforts=EFFORTS):
    company = Company(people, tuple(words))
    return way_to(level, decide(POLICY, company, TODAY), efforts)


def told(found):
    return [(name, [task.id for task in tasks], minutes) for name, tasks, minutes in found.people]


def test_the_shortest_way_asks_those_who_lack_least():
    assert told(way("R1", ADA, BOB, CEM)) == [("Person 2", ["L2"], 30)]
    assert way("R1", ADA, BOB, CEM).minutes == 30
    assert way("R1", ADA, replace(ADA, person_id=9)).tasks == ()


def test_a_course_brings_its_labs_along_and_what_was_read_already_is_not_counted():
    assert told(way("R1", ADA, CEM)) == [("Person 3", ["C1", "L1", "L2"], 170)]
    half = replace(EFFORTS, left={(3, "C1"): 15})
    assert way("R1", ADA, CEM, efforts=half).minutes == 85


def test_who_is_not_there_yet_has_everything_before_them():
    found = way("R1", ADA)
    assert told(found) == [("", ["C1", "L1", "L2"], 170)]
    nobody = way("R1")
    assert [len(tasks) for _name, tasks, _minutes in nobody.people] == [3, 3]
    assert nobody.minutes == 340, "the newcomer who leads is one of the two"


def test_one_person_may_serve_two_requirements_at_once():
    led = person(4, lead=True)
    assert told(way("R1", BOB, led)) == [("Person 2", ["L2"], 30), ("Person 4", ["C1", "L1", "L2"], 170)]


def test_a_way_goes_through_the_levels_before_and_names_what_no_course_can_shorten():
    found = way("R2", ADA, BOB)
    assert found.minutes == 30
    assert [each.id for each in found.documents] == ["rules"]
    assert [each.id for each in found.closed] == ["later"]


def test_if_somebody_leaves_and_if_somebody_finishes():
    company = Company((ADA, replace(ADA, person_id=2, is_lead=False), CEM))
    gone = suppose(POLICY, company, TODAY, [Leaves(1)], labs_of=LABS_OF)
    assert [each.level.id for each in gone.lost] == ["R1"]
    assert not gone.gained
    filled = suppose(POLICY, company, TODAY, [Leaves(2), Passes(3, "C1"), Passes(3, "L2")], labs_of=LABS_OF)
    assert (filled.lost, filled.gained) == ([], [])
    gained = suppose(POLICY, Company((ADA, BOB)), TODAY, [Passes(2, "L2")], labs_of=LABS_OF)
    assert [each.level.id for each in gained.gained] == ["R1"]
    nothing = suppose(POLICY, company, TODAY, [Leaves(77), Passes(78, "C1")], labs_of=LABS_OF)
    assert nothing.before == nothing.after


def test_what_lapses_first_comes_first_and_a_level_lapses_with_the_one_before_it():
    old = person(1, *passed("C1", "L1", "L2", on=date(2025, 1, 10)), lead=True)
    company = Company(
        (old, person(2, *passed("C1", "L2", on=TODAY))), (Attested("rules", TODAY, None, "lead"),)
    )
    found = lapses(POLICY, company, TODAY)
    assert [(each.level_id, each.requirement.id, each.day) for each in found] == [
        ("R1", "two", date(2027, 1, 11)),
        ("R1", "lead", date(2027, 1, 11)),
        ("R2", "fresh", date(2027, 2, 24)),
        ("R2", "rules", date(2027, 11, 24)),
    ]
    assert lapse_of_level(POLICY, POLICY.level("R2"), found).requirement.id == "two"
    assert lapse_of_level(POLICY, POLICY.level("R2"), []) is None


ages = st.integers(0, 700).map(lambda age: TODAY - timedelta(days=age))
passes = st.builds(lambda which, on: passed(which, on=on)[0], st.sampled_from(["C1", "L1", "L2"]), ages)
companies = st.builds(
    lambda crew, words: Company(
        tuple(Member(n, f"P{n}", lead, tuple(done)) for n, (lead, done) in enumerate(crew, 1)), tuple(words)
    ),
    st.lists(st.tuples(st.booleans(), st.lists(passes, max_size=5)), max_size=4),
    st.lists(
        st.builds(
            lambda on, lasts, number: Attested(
                "rules", on, None if lasts is None else on + timedelta(days=lasts), "lead", f"attestation:{number}"
            ),
            ages, st.none() | st.integers(0, 900), st.integers(1, 9),
        ),
        max_size=3,
    ),
)  # fmt: skip


@given(companies)
def test_the_day_of_a_lapse_is_the_first_day_on_which_it_is_so(company):
    for each in lapses(POLICY, company, TODAY):
        for today, met in ((each.day - timedelta(days=1), True), (each.day, False)):
            level = decide(POLICY, company, today).level(each.level_id)
            found = next(one for one in level.findings if one.requirement.id == each.requirement.id)
            assert found.is_met is met


@given(companies)
def test_what_is_met_and_lapses_never_holds_for_as_long_as_one_looks(company):
    listed = {(each.level_id, each.requirement.id) for each in lapses(POLICY, company, TODAY)}
    much_later = decide(POLICY, company, TODAY + timedelta(days=5000))
    for now, then in zip(decide(POLICY, company, TODAY).levels, much_later.levels, strict=True):
        for one, other in zip(now.findings, then.findings, strict=True):
            if one.is_met and (now.level.id, one.requirement.id) not in listed:
                assert other.is_met


@given(companies)
def test_a_company_comes_back_from_plain_data_and_is_decided_the_same(company):
    again = company_from(evidence_of(company))
    assert evidence_of(again) == evidence_of(company)
    outcomes = [outcome_of(POLICY, each, decide(POLICY, each, TODAY), TODAY) for each in (company, again)]
    assert outcomes[0] == outcomes[1]


@given(companies)
def test_who_goes_the_way_arrives(company):
    """The way's courses and labs, done, leave nothing of people to be missing."""
    found = way_to("R1", decide(POLICY, company, TODAY), EFFORTS)
    newcomers = {task.person_id for task in found.tasks if task.person_id < 0}
    there = replace(
        company, members=(*company.members, *(Member(each, "", is_lead=True) for each in newcomers))
    )
    for task in found.tasks:
        there = there.with_passed(task.person_id, passed(task.id))
    assert decide(POLICY, there, TODAY).level("R1").earned


def test_a_day_is_found_by_halving():
    assert first_day_not(lambda day: day < date(2027, 3, 1), TODAY, date(2030, 1, 1)) == date(2027, 3, 1)
    assert first_day_not(lambda _day: True, TODAY, date(2030, 1, 1)) is None


def test_documents_that_are_wanted_are_told_once_with_the_levels_they_are_missing_for():
    (found,) = wanted(POLICY, decide(POLICY, Company(), TODAY))
    assert (found.document.id, found.missing_for, found.is_met) == ("rules", ("R2",), False)
    word = Attested("rules", TODAY, None, "staff", "attestation:1")
    (met,) = wanted(POLICY, decide(POLICY, Company((), (word,)), TODAY))
    assert (met.is_met, met.attested) == (True, word)
    assert [each.id for each in attestable(POLICY, "lead")] == ["rules"]
    assert attestable(POLICY, None) == []


def test_policies_that_differ_have_different_digests():
    assert digest_of(PLAIN) == digest_of(dict(reversed(PLAIN.items())))
    assert digest_of(PLAIN) != digest_of({**PLAIN, "grace_days": 1})
