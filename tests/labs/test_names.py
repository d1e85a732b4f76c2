"""Tests of a notebook by itself get the learner's names from the learner and the author's from the author; what is missing is told."""

import pytest

from lms.labs.names import needs_of, unlisted
from lms.labs.notebook import read_source
from tests.labs.test_graft import file, marked, plain


def needs(*cells):
    """Cells by kind: ("given", "x = 1"), ("answer", …), ("tests", …)."""
    return needs_of(source(*cells))


def source(*cells):
    flags = {"answer": {"solution": True}, "tests": {"grade": True, "locked": True, "points": 1}}
    made = [
        plain(text) if kind == "given" else marked(f"{kind}-{number}", text, **flags[kind])
        for number, (kind, text) in enumerate(cells)
    ]
    return read_source(file(made))


@pytest.mark.parametrize(
    ("cells", "names", "prelude"),
    [
        ([("answer", "def f(): return 1"), ("tests", "assert f() == 1")], ["f"], []),
        ([("answer", "import math\nr = math.pi"), ("tests", "assert r == math.pi")], ["r"], ["import math"]),
        ([("given", "import math, os\nE = 1"), ("answer", "x = 1"), ("tests", "assert x == 1")], ["x"], []),
        (
            [
                ("given", "T = 0.1\ndef close(a, b): return abs(a - b) < T"),
                ("answer", "x = 1"),
                ("tests", "assert close(x, 1)"),
            ],
            ["x"],
            ["T = 0.1", "def close(a, b):\n    return abs(a - b) < T"],
        ),
        (
            [
                ("given", "def twice(n):\n    return f(n) * 2"),
                ("answer", "def f(n): return n"),
                ("tests", "assert twice(2) == 4"),
            ],
            ["f"],
            ["def twice(n):\n    return f(n) * 2"],
        ),
        (
            [
                ("given", "data = [i * i for i in range(3)]\ndata.append(1)"),
                ("answer", "def f(xs): return 1"),
                ("tests", "assert f(data)"),
            ],
            ["f"],
            ["data = [i * i for i in range(3)]", "data.append(1)"],
        ),
        (
            [
                ("answer", "def f(n): return n"),
                ("given", "table = [f(i) for i in range(3)]"),
                ("tests", "assert table == [0, 1, 2]"),
            ],
            ["table"],
            [],
        ),
        (
            [
                ("given", "def g():\n    return f()"),
                ("answer", "def f(): return 1"),
                ("given", "made = g()"),
                ("tests", "assert made == 1"),
            ],
            ["made"],
            [],
        ),
        (
            [
                ("given", "log = []"),
                ("answer", "def f(): log.append(1)"),
                ("tests", "f()\nassert log == [1]"),
            ],
            ["f", "log"],
            [],
        ),
        (
            [
                ("given", "n = 0"),
                ("answer", "def f():\n    global n\n    n += 1"),
                ("tests", "f()\nassert n == 1"),
            ],
            ["f", "n"],
            [],
        ),
        (
            [
                ("answer", "def f():\n    hidden = 1\n    return hidden"),
                ("tests", "hidden = f()\nassert hidden == 1"),
            ],
            ["f"],
            [],
        ),
        (
            [("answer", "def f(): return 1"), ("tests", "kept = f\ndel f\nf = kept\nassert f() == 1")],
            ["f"],
            [],
        ),
        (
            [
                ("answer", "x = 1"),
                ("tests", "def check(v):\n    return v == LIMIT\nLIMIT = 1\nassert check(x)"),
            ],
            ["x"],
            [],
        ),
        (
            [
                ("given", "import random\nrandom.seed(3)\ndata = random.random()"),
                ("answer", "x = data"),
                ("tests", "assert x == data"),
            ],
            ["x"],
            ["import random", "random.seed(3)", "data = random.random()"],
        ),
        (
            [("given", "%matplotlib inline\nA = 2"), ("answer", "x = 2"), ("tests", "assert x == A")],
            ["x"],
            ["A = 2"],
        ),
    ],
)
def test_names_and_prelude(cells, names, prelude):
    found = needs(*cells)
    assert (list(found.names), list(found.prelude), found.unknown) == (names, prelude, {})


def test_what_nothing_defines_is_told_by_test():
    found = needs(("answer", "x = 1"), ("tests", "assert y == x"), ("tests", "def g(): return z\nassert g()"))
    assert found.unknown == {"tests-1": ("y",), "tests-2": ("z",)}
    assert "tests-1 uses `y`, which no cell" in next(found.sentences())
    assert needs(("given", "from math import *"), ("tests", "assert sqrt(4) == 2")).unknown == {}


def test_tests_share_what_they_define_and_no_other_cell_may_rely_on_it():
    shared = needs(("answer", "x = 1"), ("tests", "ONE = 1"), ("tests", "assert x == ONE"))
    assert shared.unknown == {}
    relying = needs(
        ("tests", "cases = [1]"), ("given", "for case in cases: print(case)"), ("tests", "assert cases")
    )
    assert relying.from_tests == {"Cell 2": ("cases",)}
    assert "define it in a given cell" in list(relying.sentences())[-1]


def test_names_that_a_lab_does_not_list_are_told_by_test():
    lab = source(
        ("answer", "x = 1\ny = 2"),
        ("tests", "assert x"),
        ("tests", "y = 3\nassert y"),
        ("tests", "assert nobody"),
    )
    assert unlisted(lab, ["x"]) == {}
    assert unlisted(lab, []) == {"tests-1": ("x",)}
