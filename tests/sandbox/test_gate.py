"""The publish gate finds every kind of test that checks nothing, and leaves alone what checks something."""

import pytest

from lms.labs.exercise import Exercise
from lms.labs.notebook import read_source
from lms.labs.prove import prove
from tests.sandbox.conftest import QUICK, answer, check, notebook

pytestmark = [pytest.mark.sandbox, pytest.mark.usefixtures("sandbox")]

ANSWERS = """
class Stack:
    def __init__(self): self.items = []
    def push(self, item): self.items.append(item)
    def __len__(self): return len(self.items)
def tidy(words): return sorted(set(words))
def ratio(a, b):
    if b == 0: raise ValueError('nothing to divide by')
    return a / b
total = sum(range(10))
"""
NAMES = ("Stack", "tidy", "ratio", "total")
VACUOUS = {
    "something-comes-back": "assert ratio(1, 2) is not None",
    "a-type": "assert isinstance(ratio(1, 2), float)",
    "an-exact-type": "assert type(tidy(['b', 'a'])) == list and type(total) is int",
    "types-of-several": "assert type(ratio(1, 2)) is float and type(tidy([])) is list and type(total) is int",
    "a-shape": "assert len(tidy(['c', 'a', 'b'])) == 3 and isinstance(tidy(['x'])[0], str)",
    "a-length": "assert len(tidy(['c', 'a', 'b'])) == 3",
    "not-empty": "assert tidy(['a'])",
    "true": "assert ratio(1, 2)",
    "an-attribute": "assert hasattr(Stack, 'push') and hasattr(Stack(), 'push')",
    "callable": "assert callable(ratio)",
    "a-class": "assert isinstance(Stack(), Stack)",
    "a-loop-over-nothing": "for word in tidy(['b', 'a']):\n    assert word in ('a', 'b')",
    "all-of-nothing": "assert all(a <= b for a, b in zip(tidy(['b', 'a']), tidy(['b', 'a'])[1:]))",
    "swallowed": "try:\n    assert ratio(1, 2) == 0.5\nexcept Exception:\n    pass",
    "expected-error-that-need-not-come": "try:\n    ratio(1, 0)\nexcept ValueError:\n    pass",
    "constant": "assert True, 'well done'",
    "never-called": "def test_ratio():\n    assert ratio(1, 2) == 0.5",
    "never-run": "import unittest\nclass Test(unittest.TestCase):\n    def test_it(self): self.assertEqual(ratio(1, 2), 0.5)",
    "compared-with-itself": "assert ratio(1, 2) == ratio(1, 2)",
    "compared-with-what-they-change": "words = ['b', 'a']\nassert tidy(words) == sorted(words)",
    "what-was-given": "assert sorted(tidy(['b', 'a'])) == ['a', 'b']",
    "in-bounds": "assert not ratio(1, 2) > 1 and not ratio(1, 2) < 0",
    "points-without-a-check": "1",
    "points-for-trying": "passed = 1\nfor x in tidy([]):\n    passed -= 1\npassed",
    "printed-only": "if ratio(1, 2) != 0.5:\n    print('wrong')",
}
SOUND = {
    "values": "assert ratio(1, 2) == 0.5 and ratio(9, 3) == 3",
    "a-raise": "try:\n    ratio(1, 0)\nexcept ValueError:\n    pass\nelse:\n    raise AssertionError('no error')",
    "a-loop": "for a, b in ((1, 4), (3, 8)):\n    assert ratio(a, b) == a / b",
    "partial": "sum(ratio(a, 4) == a / 4 for a in (1, 3)) * 0.5",
    "state": "s = Stack()\ns.push('x')\nassert len(s) == 1\ns.push('y')\nassert len(s) == 2",
    "order": "assert tidy(['b', 'a', 'b']) == ['a', 'b']",
    "number": "assert total == 45",
}


@pytest.fixture(scope="module")
def flaws():
    """What the gate says of a lab with all of these, by test."""
    cells = [check(text, grade_id) for grade_id, text in (VACUOUS | SOUND).items()]
    source = notebook(answer(f"### BEGIN SOLUTION{ANSWERS}### END SOLUTION"), *cells)
    found = {}
    for flaw in prove(Exercise(read_source(source), NAMES, limits=QUICK)):
        found.setdefault(flaw.grade_id, []).append(flaw.text)
    return found


@pytest.mark.parametrize("grade_id", VACUOUS)
def test_a_test_that_checks_nothing_is_named(flaws, grade_id):
    assert any("without an answer" in text or "blank hand-out" in text for text in flaws.get(grade_id, ()))


@pytest.mark.parametrize("grade_id", SOUND)
def test_a_test_that_checks_something_is_left_alone(flaws, grade_id):
    assert grade_id not in flaws, flaws[grade_id]


def test_a_name_that_the_lab_does_not_list_is_told_where_the_solution_fails_for_it():
    source = read_source(
        notebook(answer("### BEGIN SOLUTION\nx = 3\n### END SOLUTION"), check("assert x == 3", "t"))
    )
    (flaw,) = prove(Exercise(source, (), limits=QUICK))
    assert "the author's own solution scores 0 of 1" in flaw.text
    assert "tests may not fetch `x`: add it to `names` in lab.yaml" in flaw.text
