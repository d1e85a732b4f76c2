"""Every notebook here has wrong answers and an attack on the marks. The score is 0, always."""

from dataclasses import replace

import pytest

from lms.labs.sandbox import supervisor
from tests.sandbox.conftest import QUICK, Exam, check
from tests.sandbox.forgeries import FORGERIES, LIAR, NONSENSE, NOTEBOOK, RESULTS, RIGHT, points_elsewhere

pytestmark = pytest.mark.sandbox

FORGED = {forgery.what: forgery for forgery in FORGERIES}


@pytest.mark.parametrize("what", FORGED)
def test_wrong_answers_score_nothing_whatever_else_the_notebook_does(exam, what):
    report = exam.grade(FORGED[what].code, tests=FORGED[what].tests or exam.tests)
    assert report.score == 0, report
    assert len(report.cells) == len(FORGED[what].tests or exam.tests)


@pytest.mark.parametrize("what", FORGED)
def test_every_forgery_gives_points_without_its_guard(without, what):
    exam = Exam(None)
    forgery = FORGED[what]
    if forgery.guards in ((NOTEBOOK,), (RESULTS,)):
        assert points_elsewhere(forgery, exam.tests) >= 1
        return
    without(*forgery.guards)
    tests = forgery.tests or (
        *exam.tests,
        check("assert abs(mean([1]) - 1) < 1e-9\nassert not mean([1]) - 1", "near"),
    )
    assert exam.grade(forgery.code, tests=tests).score >= 1


@pytest.mark.parametrize("what", NONSENSE)
def test_nonsense_and_lies_in_place_of_answers_score_nothing(exam, what):
    report = exam.grade(NONSENSE[what])
    assert report.score == 0, report
    assert len(report.cells) == 4


def test_right_answers_score_everything_by_the_same_tests(exam):
    report = exam.grade(RIGHT)
    assert (report.outcome, report.score) == ("graded", 4)


def test_hidden_inputs_do_not_come_back_in_messages(exam):
    spy = """
def mean(xs): raise ValueError(f'the input was {xs}')
def variance(xs): raise type(f'Input{sum(xs)}', (Exception,), {})('secret')
def primes(n): raise AssertionError(f'the input was {n}')
def matmul(a, b): return a
"""
    hidden = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
    asked = (
        check(hidden.format("mean([4711])"), "q0"),
        check(hidden.format("variance([4711])"), "q1"),
        check(hidden.format("primes(4711)"), "q2"),
        check(hidden.format("import unittest\nunittest.TestCase().assertEqual(matmul(4711, 1), 4712)"), "q3"),
        check(hidden.format("assert matmul(4711, 1) == 4712"), "q4"),
    )
    report = exam.grade(spy, tests=asked)
    assert report.score == 0
    assert "471" not in str(report.cells), report.cells
    assert [cell.message for cell in report.cells] == [
        "your code raised ValueError",
        "your code raised Exception",
        "your code raised AssertionError",
        "a check failed",
        "a check failed",
    ]


def test_what_is_seen_during_the_tests_has_no_way_back(exam):
    spy = """
import atexit, os, stat, sys
def mean(xs):
    print('SEEN', xs); sys.stderr.write('SEEN'); get_ipython().display_pub.publish({'text/plain': 'SEEN'})
    for number in range(1, 64):
        try:
            if not stat.S_ISSOCK(os.fstat(number).st_mode): os.write(number, b'SEEN')
        except OSError: pass
    return sum(xs) / len(xs)
if os.fork() == 0:
    import time; time.sleep(30)
"""
    report = exam.grade(spy)
    assert report.cells[0].points == 1  # so it did run, and did see
    assert "SEEN" not in str(report)
    assert "SEEN" not in str(report.executed["cells"][0]["outputs"])


def test_data_that_is_huge_where_it_arrives_fails_its_test_and_nothing_else(exam):
    huge = "def mean(xs): return range(10 ** 10)\ndef primes(n): return n"
    report = exam.grade(
        huge, tests=(check("assert sorted(mean([])) == [1]", "huge"), check("assert primes(7) == 7", "after"))
    )
    assert report.outcome == "graded"
    assert [(cell.points, cell.message) for cell in report.cells] == [
        (0, "the test ended with MemoryError"),
        (1, ""),
    ]


def test_an_end_of_iteration_from_a_call_does_not_end_the_tests_own_loop(exam):
    looped = check("for got, want in zip(map(mean, [[1], [2]]), [1, 2]): assert got == want", "looped")
    report = exam.grade("def mean(xs): raise StopIteration", tests=(looped,))
    assert (report.score, report.cells[0].message) == (0, "your code raised RuntimeError")
    liar = LIAR.replace("REPLY", "send(sock, {'stop': True} if asked['op'] == 'call' else REF)")
    forged = liar.replace("REF", "{'v': {'$': 'ref', 'id': 1, 'call': True}}")
    assert exam.grade(forged, tests=(looped,)).score == 0
    assert exam.grade(RIGHT, tests=(looped,)).score == 1


def test_data_the_tests_cannot_compute_with_is_not_called_our_fault(exam, monkeypatch):
    monkeypatch.setattr(supervisor, "TESTER_LEAST_SECONDS", 0)
    same_hash = "def mean(xs): return [k * (2 ** 61 - 1) for k in range(150_000)]"
    counted = check("assert len(set(mean([]))) == 1", "counted")
    report = exam.grade(same_hash, tests=(counted,), limits=replace(QUICK, cpu_seconds=1, test_seconds=30))
    assert (report.outcome, report.score) == ("timeout", 0)


def test_a_flood_of_claims_costs_the_grader_neither_memory_nor_time(exam, monkeypatch):
    heard = []
    line = supervisor._Run._line
    monkeypatch.setattr(
        supervisor._Run, "_line", lambda run, *given: (heard.append(given), line(run, *given))
    )
    report = exam.grade(
        """
import os
lines = b''.join(b'[%d,{}]\\n' % number for number in range(100, 220))
errors = os.readlink('/proc/self/fd/2')  # another limit ends it when that is full
while True:
    for number in range(3, 64):
        try:
            here = os.readlink(f'/proc/self/fd/{number}')
            if 'pipe' in here and here != errors: os.write(number, lines)
        except OSError: pass"""
    )
    assert report.outcome == "output"
    assert 100 < len(heard) < 800_000


@pytest.mark.parametrize(
    ("later", "said"),
    [
        ("mean([])", "your code raised ValueError"),
        ("assert mean([1]) == 2, f'mean([1]) gave {mean([1])}'", "this check failed"),
        (
            "import sys\nassert mean([1]) == 2, 'the mean of one number is that number'",
            "the mean of one number",
        ),
    ],
)
def test_what_a_hidden_test_told_the_learner_does_not_come_back_through_a_later_one(exam, later, said):
    remembers = """
heard = []
def mean(xs):
    heard.append(xs)
    if not xs: raise ValueError(str(heard))
    return str(heard)"""
    hidden = "### BEGIN HIDDEN TESTS\nmean([987654])\n### END HIDDEN TESTS"
    report = exam.grade(remembers, tests=(check(hidden, "hidden"), check(later, "later")))
    later = report.cells[1]
    assert "987654" not in later.message
    assert said in later.message


def test_where_nothing_hidden_was_told_authors_may_show_what_they_got(exam):
    tests = (
        check("### BEGIN HIDDEN TESTS\nassert number == 3\n### END HIDDEN TESTS", "hidden"),
        check("assert mean([1]) == 2, f'mean([1]) gave {mean([1])}'", "later"),
    )
    report = exam.grade("number = 3\ndef mean(xs): return 7", tests=tests)
    assert report.cells[1].message == "mean([1]) gave 7"


def test_half_a_surrogate_pair_in_a_message_is_one_that_can_be_shown(exam):
    report = exam.grade("def mean(xs): raise ValueError('\\ud800')", tests=(check("mean([1])", "t"),))
    report.cells[0].message.encode()
    assert report.cells[0].message == "your code raised ValueError: ?"


def test_a_counter_that_the_learners_function_fills_is_filled_in_the_test_too(exam):
    tests = (
        check(
            "from collections import Counter, defaultdict\nseen = Counter()\nmean(seen)\nassert seen['x'] == 1",
            "counter",
        ),
        check(
            "from collections import defaultdict\nseen = defaultdict(list)\nmean(seen)\nassert seen['x'] == 1",
            "default",
        ),
    )
    report = exam.grade("def mean(seen): seen['x'] = 1", tests=tests)
    assert [cell.points for cell in report.cells] == [1, 1], report
