"""Assignments as authors write them for nbgrader, and notebooks handed in for them.

A cell is (kind, grade_id or "", source, points). An answer is what replaces the hand-out's text of a cell; `cells` may also add cells of
the learner's own, by the grade_id of the one before.
"""

from dataclasses import dataclass, field

from lms.labs.handout import handout
from lms.labs.notebook import dump, read_source

FLAGS = {
    "given": {"locked": True},
    "solution": {"solution": True},
    "tests": {"grade": True, "locked": True},
    "manual": {"grade": True, "solution": True},
    "prose": {"grade": True, "solution": True},
    "task": {"task": True, "locked": True},
}


@dataclass(frozen=True)
class Handed:
    answers: dict = field(default_factory=dict)
    added: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Assignment:
    name: str
    cells: tuple
    handed: dict

    def source(self):
        cells = [_cell(*cell) | {"id": f"cell-{number}"} for number, cell in enumerate(self.cells)]
        return dump({"cells": cells, **_REST})

    def submissions(self):
        """Notebooks by what they are: the author's answers, the hand-out, and what else was handed in."""
        lab = read_source(self.source())
        given = handout(lab)["cells"]
        solved = {cell.grade_id: cell.source for cell in lab.cells if cell.is_answer}
        for name, handed in {"solution": Handed(solved), "handout": Handed(), **self.handed}.items():
            cells = []
            for cell in given:
                grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
                text = handed.answers.get(grade_id)
                cells.append(cell if text is None else cell | {"source": text})
                cells += [
                    _cell("", "", text) | {"id": f"own-{number}"}
                    for number, text in enumerate(handed.added.get(grade_id, ()))
                ]
            yield name, dump({"cells": cells, **_REST})


_REST = {
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def _cell(kind, grade_id, source, points=None):
    type_ = "markdown" if kind in ("text", "prose", "task") else "code"
    cell = {"cell_type": type_, "metadata": {}, "source": source}
    if grade_id:
        marks = {
            "schema_version": 3,
            "grade_id": grade_id,
            "grade": False,
            "solution": False,
            "locked": False,
            "task": False,
        }
        cell["metadata"]["nbgrader"] = marks | FLAGS[kind] | ({} if points is None else {"points": points})
    return cell | ({"outputs": [], "execution_count": None} if type_ == "code" else {})


def region(before, solution, after=""):
    lines = "\n".join(
        f"    {line}" for line in ("### BEGIN SOLUTION", *solution.split("\n"), "### END SOLUTION")
    )
    return f"{before}\n{lines}{after}"


RAISES = """try:
    squares(0)
except ValueError:
    pass
else:
    raise AssertionError("did not raise")"""
USES = """kept = squares
del squares
try:
    sum_of_squares(1)
except NameError:
    pass
else:
    raise AssertionError("sum_of_squares does not use squares")
finally:
    squares = kept"""

SQUARES = Assignment(
    "squares",
    (
        ("text", "", "# Squares"),
        (
            "solution",
            "squares",
            region(
                "def squares(n):",
                "if n < 1:\n    raise ValueError('n must be 1 or more')\nreturn [i ** 2 for i in range(1, n + 1)]",
            ),
        ),
        ("", "", "squares(10)"),
        (
            "tests",
            "correct",
            "assert squares(1) == [1]\nassert squares(3) == [1, 4, 9]\n### BEGIN HIDDEN TESTS\nassert squares(11)[-1] == 121\n### END HIDDEN TESTS",
            1,
        ),
        ("tests", "raises", RAISES, 1),
        ("solution", "sum", region("def sum_of_squares(n):", "return sum(squares(n))")),
        ("tests", "sums", "assert sum_of_squares(1) == 1\nassert sum_of_squares(10) == 385", 0.5),
        ("tests", "uses", USES, 0.5),
        ("tests", "still-there", "assert squares(2) == [1, 4]", 1),
        ("prose", "formula", "$\\sum i^2$", 1),
        ("manual", "use", "def pyramid(n):\n    return sum_of_squares(n)", 2),
        ("task", "verify", "Verify a formula.", 4),
    ),
    {
        "half": Handed(
            {
                "squares": "def squares(n):\n    return [i ** 2 for i in range(1, n + 1)]",
                "sum": "def sum_of_squares(n):\n    return sum(i * i for i in range(1, n + 1))",
                "formula": "x",
            }
        ),
        "wrong": Handed(
            {
                "squares": "def squares(n):\n    return n",
                "sum": "def sum_of_squares(n):\n    return squares(n)",
            }
        ),
        "a helper of their own": Handed(
            {"squares": "def squares(n):\n    check(n)\n    return [i ** 2 for i in range(1, n + 1)]"},
            {"squares": ["def check(n):\n    if n < 1: raise ValueError(n)"]},
        ),
        "a syntax error": Handed(
            {
                "squares": "def squares(n) return 1",
                "sum": "def sum_of_squares(n):\n    return 385 if n > 1 else 1",
            }
        ),
    },
)

STATISTICS = Assignment(
    "statistics",
    (
        (
            "given",
            "setup",
            "import math\nimport unittest\nTOLERANCE = 1e-6\nSAMPLES = [[1, 2, 3], [4.5], list(range(10))]\n\ndef close(a, b):\n    return abs(a - b) < TOLERANCE",
        ),
        ("solution", "mean", region("def mean(xs):", "return sum(xs) / len(xs)")),
        (
            "tests",
            "mean-close",
            "for sample in SAMPLES:\n    assert close(mean(sample), sum(sample) / len(sample))",
            2,
        ),
        ("given", "table", "means = [mean(sample) for sample in SAMPLES]\nmeans"),
        ("tests", "mean-table", "assert means == [2.0, 4.5, 4.5]", 1),
        (
            "solution",
            "spread",
            region(
                "def spread(xs):", "m = mean(xs)\nreturn math.sqrt(sum((x - m) ** 2 for x in xs) / len(xs))"
            ),
        ),
        (
            "tests",
            "spread-unittest",
            "case = unittest.TestCase()\ncase.assertAlmostEqual(spread([1, 3]), 1.0)\ncase.assertEqual(spread([2, 2]), 0)\nwith case.assertRaises(ZeroDivisionError):\n    spread([])",
            2,
        ),
        ("solution", "first", "result = mean([1, 2])"),
        ("tests", "first-result", "assert close(result, 1.5), 'the mean of 1 and 2'", 1),
        ("solution", "second", "result = spread([1, 3])"),
        ("tests", "second-result", "assert math.isclose(result, 1)", 1),
        (
            "tests",
            "there",
            "assert 'result' in globals()\nassert 'nothing_of_that_name' not in globals()\nassert isinstance(result, float)",
            1,
        ),
    ),
    {
        "half": Handed(
            {
                "mean": "def mean(xs):\n    return sum(xs) // len(xs)",
                "spread": "def spread(xs):\n    return (max(xs) - min(xs)) / 2",
                "first": "result = 1.5",
            }
        ),
        "wrong": Handed(
            {
                "mean": "def mean(xs):\n    return 0",
                "spread": "def spread(xs):\n    return '1'",
                "first": "res = 1.5",
                "second": "result = 1",
            }
        ),
        "only the last": Handed({"second": "result = 1.0"}),
    },
)

CLASSES = Assignment(
    "classes",
    (
        (
            "solution",
            "stack",
            "class Empty(Exception):\n    pass\n\nclass Stack:\n    ### BEGIN SOLUTION\n    def __init__(self, items=()):\n        self.items = list(items)\n    def push(self, item):\n        self.items.append(item)\n        return self\n    def pop(self):\n        if not self.items:\n            raise Empty('nothing there')\n        return self.items.pop()\n    def __len__(self):\n        return len(self.items)\n    def __iter__(self):\n        return iter(self.items)\n    def __getitem__(self, at):\n        return self.items[at]\n    def __str__(self):\n        return ' '.join(map(str, self.items))\n    def __repr__(self):\n        return f'Stack({self.items})'\n    @property\n    def top(self):\n        return self.items[-1]\n    ### END SOLUTION",
        ),
        (
            "tests",
            "push",
            "s = Stack()\ns.push(1).push(2)\nassert len(s) == 2\nassert s.top == 2\nassert list(s) == [1, 2]\nassert s[0] == 1",
            2,
        ),
        (
            "tests",
            "pop",
            "s = Stack([1])\nassert s.pop() == 1\ntry:\n    s.pop()\nexcept Empty as error:\n    assert 'nothing' in str(error)\nelse:\n    assert False, 'an empty stack gives nothing'",
            2,
        ),
        (
            "tests",
            "text",
            "assert str(Stack([1, 2])) == '1 2'\nassert repr(Stack([])) == 'Stack([])'\nassert f'{Stack([3])}' == '3'",
            1,
        ),
        (
            "tests",
            "kind",
            "assert isinstance(Stack(), Stack)\nassert hasattr(Stack, 'push') and not hasattr(Stack(), 'peek')\nassert issubclass(Empty, Exception)",
            1,
        ),
    ),
    {
        "half": Handed(
            {
                "stack": "class Empty(Exception):\n    pass\n\nclass Stack:\n    def __init__(self, items=()): self.items = list(items)\n    def push(self, item):\n        self.items.append(item)\n        return self\n    def pop(self): return self.items.pop()\n    def __len__(self): return len(self.items)\n    def __iter__(self): return iter(self.items)\n    def __getitem__(self, at): return self.items[at]\n    top = property(lambda self: self.items[-1])"
            }
        ),
        "wrong": Handed(
            {
                "stack": "class Empty(Exception):\n    pass\n\nclass Stack(list):\n    def push(self, item): self.append(item)"
            }
        ),
    },
)

CREDIT = Assignment(
    "partial credit",
    (
        (
            "solution",
            "vowels",
            region("def vowels(text):", "return sum(letter in 'aeiou' for letter in text.lower())"),
        ),
        (
            "tests",
            "by-case",
            "cases = {'': 0, 'abc': 1, 'AEIOU': 5, 'why': 0}\npassed = sum(vowels(text) == count for text, count in cases.items())\npassed / len(cases) * 2",
            2,
        ),
        ("tests", "as-text", "assert vowels('a') == 1\n'all fine'", 1),
        ("tests", "as-truth", "vowels('xyz') == 0", 1),
        ("tests", "silenced", "vowels('aeiou') * 0.1;", 1),
        ("tests", "printed", "print('checked', vowels('a'))\nassert vowels('e') == 1", 1),
        ("tests", "whole-number", "1 if vowels('Anna') == 2 else 0", 1),
        ("tests", "nothing", "vowels('a') == 1 or None", 1),
    ),
    {
        "half": Handed({"vowels": "def vowels(text):\n    return sum(letter in 'aeiou' for letter in text)"}),
        "wrong": Handed({"vowels": "def vowels(text):\n    return -1"}),
        "raises": Handed({"vowels": "def vowels(text):\n    raise RuntimeError('no')"}),
    },
)

FUNCTIONS = Assignment(
    "functions",
    (
        (
            "given",
            "log",
            "calls = []\n\ndef noted(f):\n    def wrapper(*given):\n        calls.append(given)\n        return f(*given)\n    return wrapper",
        ),
        (
            "solution",
            "fib",
            "@noted\ndef fib(n):\n    ### BEGIN SOLUTION\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n    ### END SOLUTION",
        ),
        ("tests", "fib-values", "assert [fib(n) for n in range(8)] == [0, 1, 1, 2, 3, 5, 8, 13]", 1),
        ("solution", "hello", region("def hello(name):", "print('Hello,', name)")),
        (
            "tests",
            "hello-prints",
            "import io\nfrom contextlib import redirect_stdout\ncaught = io.StringIO()\nwith redirect_stdout(caught):\n    hello('Ann')\nassert caught.getvalue() == 'Hello, Ann\\n'",
            1,
        ),
        ("solution", "sort", region("def sort_it(xs):", "xs.sort()")),
        ("tests", "in-place", "data = [3, 1, 2]\nassert sort_it(data) is None\nassert data == [1, 2, 3]", 1),
        ("solution", "compose", region("def compose(f, g):", "return lambda x: f(g(x))")),
        (
            "tests",
            "composes",
            "add = lambda x: x + 1\nassert compose(add, abs)(-2) == 3\nassert compose(str, add)(1) == '2'",
            1,
        ),
        ("solution", "evens", region("def evens(limit):", "for n in range(0, limit, 2):\n    yield n")),
        (
            "tests",
            "generates",
            "import types\nmade = evens(6)\nassert next(made) == 0\nassert list(made) == [2, 4]",
            1,
        ),
        (
            "tests",
            "implemented",
            "try:\n    evens(2), compose(abs, abs)\nexcept NotImplementedError:\n    raise AssertionError('there is no answer yet')",
            1,
        ),
        (
            "solution",
            "words",
            region(
                "def words(text):",
                "counted = {}\nfor word in text.split():\n    counted[word] = counted.get(word, 0) + 1\nreturn counted",
            ),
        ),
        (
            "tests",
            "counts",
            "assert words('a b a') == {'a': 2, 'b': 1}\nassert words('') == {}\nassert type(words('x')) == dict",
            1,
        ),
        ("tests", "stderr", "import sys\nif words('z') != {'z': 1}:\n    print('wrong', file=sys.stderr)", 1),
        (
            "tests",
            "magic",
            "%matplotlib inline\nassert words('q') == {'q': 1}"
            if False
            else "%precision 3\nassert words('q') == {'q': 1}",
            1,
        ),
    ),
    {
        "half": Handed(
            {
                "fib": "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)",
                "hello": "def hello(name):\n    return f'Hello, {name}'",
                "sort": "def sort_it(xs):\n    return sorted(xs)",
                "compose": "def compose(f, g):\n    return lambda x: g(f(x))",
                "evens": "def evens(limit):\n    return iter(range(0, limit, 2))",
                "words": "def words(text):\n    return {word: 1 for word in text.split()}",
            }
        ),
        "wrong": Handed(
            {
                "fib": "def fib(n):\n    return 1",
                "hello": "def hello(name):\n    print(name)",
                "sort": "def sort_it(xs):\n    xs.reverse()",
                "compose": "def compose(f, g):\n    return 3",
                "evens": "def evens(limit):\n    return [0]",
                "words": "def words(text):\n    return []",
            }
        ),
    },
)

FORGED = Assignment(
    "forged",
    (
        ("solution", "mean", region("def mean(xs):", "return sum(xs) / len(xs)")),
        ("tests", "values", "assert mean([1, 2, 3]) == 2\nassert mean([4]) == 4", 2),
        ("tests", "below", "-1 if mean([1, 2]) == 1.5 else float('nan')", 1),
    ),
    {
        "an object that equals everything": Handed(
            {"mean": "class Same:\n    def __eq__(self, other): return True\ndef mean(xs): return Same()"}
        ),
        "asserts stripped": Handed(
            {
                "mean": "import ast\nclass Strip(ast.NodeTransformer):\n    def visit_Assert(self, node): return ast.Pass()\nget_ipython().ast_transformers.append(Strip())\ndef mean(xs): return 0"
            }
        ),
        "cells made to do nothing": Handed(
            {
                "mean": "def mean(xs): return 0\nget_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])"
            }
        ),
        "its own AssertionError": Handed(
            {
                "mean": "import sys\ndef mean(xs):\n    sys.stdout.write('')\n    return 0\nget_ipython().showtraceback = get_ipython()._showtraceback = lambda *a, **k: None"
            }
        ),
    },
)

ASSIGNMENTS = (SQUARES, STATISTICS, CLASSES, CREDIT, FUNCTIONS, FORGED)
