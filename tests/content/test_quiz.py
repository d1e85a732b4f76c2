"""Right is right, whatever keyboard it was typed on; no answer costs nothing."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.content.model import Option, Question
from lms.content.patterns import refusal
from lms.content.quiz import judge, option_id, read_number, shown_order
from lms.errors import Invalid


def question(kind, **rest):
    return Question("q", kind, 2, "prompt", "explanation", **rest)


OPTIONS = (
    Option("a", "A", correct=True, feedback="Yes."),
    Option("b", "B", feedback="No."),
    Option("c", "C", correct=True),
)
SINGLE = question("single", options=OPTIONS[:2])
MULTIPLE = question("multiple", options=OPTIONS)
ORDER = question("order", options=OPTIONS)
NUMBER = question("number", answer=1250.0, tolerance=12.5, unit="GPU-hours")
TEXT = question("text", accept=("sbatch( .*)?", "srun"))


@pytest.mark.parametrize(
    ("asked", "right", "wrong"),
    [
        (SINGLE, "a", "b"),
        (MULTIPLE, ["c", "a"], ["a"]),
        (MULTIPLE, ["a", "c"], ["a", "b", "c"]),
        (ORDER, ["a", "b", "c"], ["b", "a", "c"]),
        (NUMBER, "1 260 GPU-hours", "1263"),
        (TEXT, "  SBATCH   job.sh ", "echo sbatch"),
    ],
)
def test_all_points_or_none(asked, right, wrong):
    assert (judge(asked, right).correct, judge(asked, right).points, judge(asked, right).out_of) == (
        True,
        2,
        2,
    )
    assert (judge(asked, wrong).correct, judge(asked, wrong).points) == (False, 0)


def test_only_what_was_chosen_is_explained():
    assert judge(SINGLE, "b").feedback == (("b", "No."),)
    assert judge(MULTIPLE, ["c", "a"]).feedback == (("a", "Yes."),)


@pytest.mark.parametrize(
    ("asked", "given_answer"),
    [
        (SINGLE, ""), (SINGLE, "z"), (SINGLE, []), (SINGLE, ["a", "b"]), (MULTIPLE, []), (MULTIPLE, ["a", "a"]),
        (MULTIPLE, "a"), (ORDER, ["a"]), (NUMBER, ""), (NUMBER, "many"), (NUMBER, "12 + 3"),
        (NUMBER, "1" * 65), (NUMBER, []), (TEXT, "  "), (TEXT, "x" * 201),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused_with_a_sentence(asked, given_answer):
    with pytest.raises(Invalid) as refused:
        judge(asked, given_answer)
    assert refused.value.message.endswith(".")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1,5", 1.5), ("1.5", 1.5), (" 1 250 ", 1250), ("1\u00a0250", 1250), ("1\u202f250,5", 1250.5), ("1'250.5", 1250.5),
        ("1,250.5", 1250.5), ("1.250,5", 1250.5), ("1.250.000", 1250000), ("1e3", 1000), ("−3", -3), ("+3", 3), (".5", 0.5), ("5.", 5),
        ("12 gpu-HOURS", 12), ("12GPU-hours", 12),
    ],
)  # fmt: skip
def test_a_number_is_read_as_people_write_it(typed, meant):
    assert meant in read_number(typed, "GPU-hours")


def test_one_separator_before_three_digits_is_read_both_ways():
    assert read_number("1,250") == (1.25, 1250.0)
    assert judge(NUMBER, "1,250").correct
    assert judge(dataclasses.replace(NUMBER, answer=1.25, tolerance=0), "1,250").correct


@pytest.mark.parametrize(
    "typed", ["inf", "nan", "1..2", "1,,2", "1.2.3", "1 2", ".", "", "0x10", "1_0", "1e9999", "12 EUR", "١"]
)
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(Invalid):
        read_number(typed, "GPU-hours")


NUMBERS = st.decimals(min_value=-(10**9), max_value=10**9, places=3, allow_nan=False)


@given(
    NUMBERS,
    st.sampled_from([" ", "\u00a0", "\u202f", "'", ",", "."]),
    st.sampled_from([".", ","]),
    st.sampled_from(["", " GPU-hours"]),
)
def test_every_way_of_writing_a_number_is_read(number, grouping, point, unit):
    if grouping == point:
        return
    text = f"{number:,.3f}".replace(",", "_").replace(".", point).replace("_", grouping)
    assert float(number) in read_number(text + unit, "GPU-hours")


@given(st.text(max_size=80))
def test_reading_a_number_never_fails_otherwise(typed):
    try:
        assert read_number(typed, "h")
    except Invalid as refused:
        assert "Write a number" in refused.message  # noqa: PT017  # either is right


@given(st.text(max_size=20), st.integers(2, 8))
def test_an_order_is_never_shown_right_and_always_the_same(seed, number):
    options = tuple(Option(option_id("q", str(index)), str(index)) for index in range(number))
    shown = shown_order(question("order", options=options), seed)
    assert shown != options
    assert sorted(shown, key=options.index) == list(options)
    assert shown == shown_order(question("order", options=options), seed)


def test_two_learners_see_two_orders():
    options = tuple(Option(str(index), str(index)) for index in range(8))
    assert len({shown_order(question("order", options=options), str(seed)) for seed in range(20)}) > 10


def test_an_option_id_tells_neither_place_nor_truth(good):
    assert option_id("q", "A") != option_id("p", "A")
    assert option_id("q", "A").isalnum()


@pytest.mark.parametrize(
    "pattern", ["(a+)+b", "(a|a)*", "(a|ab|b)*c", "a*a*a*a*a*b", r"(\w+\s?)+", "(x", r"(a)\1", "((ab)+c)*"]
)
def test_an_expression_that_could_take_for_ever_is_refused(pattern):
    assert refusal(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        ".*foo.*",
        "(sbatch|srun)( .*)?",
        r"--gpus-per-node[= ]\d+",
        "[(]a+[)]?",
        r"\(a\+\)\+",
        "(?:a|b)?c",
        "ä+",
    ],
)
def test_an_ordinary_expression_is_taken(pattern):
    assert refusal(pattern) == ""
