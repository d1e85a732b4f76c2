"""Ordinary labs, graded: what authors may write, and what learners read."""

import json
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from lms.cli import grading
from lms.errors import Invalid
from lms.labs.exercise import Exercise
from lms.labs.handout import handout
from lms.labs.notebook import dump, read_source
from lms.labs.prove import Workshop, prove
from lms.labs.source import find_lab
from tests.sandbox.conftest import QUICK, answer, check, code, grade, notebook

pytestmark = [pytest.mark.sandbox, pytest.mark.usefixtures("sandbox")]

ANSWERS = """
import collections
def mean(xs): return sum(xs) / len(xs)
def bad(x): raise ValueError('negative') if x < 0 else KeyError(x)
class MyError(Exception): pass
def custom(): raise MyError('boom')
def sort_in_place(xs): xs.sort()
def twice(f, x): return f(f(x))
def squares(n):
    for i in range(n): yield i * i
class Stack:
    def __init__(self): self._x = []
    def push(self, v): self._x.append(v); return self
    def pop(self): return self._x.pop()
    def __len__(self): return len(self._x)
    def __iter__(self): return iter(list(self._x))
    def __getitem__(self, k): return self._x[k]
    def __eq__(self, o): return True
    @property
    def top(self): return self._x[-1]
class Vec:
    def __init__(self, x, y): self.x, self.y = x, y
    def __add__(self, o): return Vec(self.x + o.x, self.y + o.y)
def hello(name): print('Hello', name)
def counted(words): return collections.Counter(words)
big = 10 ** 40
many = (1, (2, 3), {4}, frozenset([5]), b'6', 1 + 2j, float('inf'))
"""
NAMES = [
    "mean",
    "bad",
    "MyError",
    "custom",
    "sort_in_place",
    "twice",
    "squares",
    "Stack",
    "Vec",
    "hello",
    "counted",
    "big",
    "many",
]
STYLES = {
    "plain": "assert mean([1, 2, 3]) == 2",
    "helper": "cases = [([1, 2], 1.5), ([4], 4)]\ndef good():\n    return all(abs(mean(a) - b) < 1e-9 for a, b in cases)\nassert good()",
    "random": """
import random, statistics
r = random.Random(7)
for _ in range(50):
    xs = [r.random() for _ in range(9)]
    assert abs(mean(xs) - statistics.fmean(xs)) < 1e-9""",
    "builtin-exception": "try:\n    bad(-1)\n    assert False\nexcept ValueError as e:\n    assert 'neg' in str(e)",
    "own-exception": "try:\n    custom()\n    assert False\nexcept MyError: pass",
    "in-place": "xs = [3, 1, 2]\nsort_in_place(xs)\nassert xs == [1, 2, 3]",
    "callback": "assert twice(lambda v: v + 3, 1) == 7",
    "generator": "assert list(squares(4)) == [0, 1, 4, 9]\nassert next(squares(2)) == 0",
    "class": """
s = Stack()
s.push(1).push(2)
assert len(s) == 2 and s.pop() == 2 and s.top == 1 and list(s) == [1] and s[0] == 1
assert isinstance(s, Stack)
assert not hasattr(s, 'nothing')""",
    "operators": "v = Vec(1, 2) + Vec(3, 4)\nassert (v.x, v.y) == (4, 6)",
    "printed": "assert printed(hello, 'Ann') == 'Hello Ann\\n'",
    "values": "assert big == 10 ** 40\nassert many == (1, (2, 3), {4}, frozenset([5]), b'6', 1 + 2j, float('inf'))",
    "counter": "assert counted('aab') == {'a': 2, 'b': 1}",
    "unittest": """
import unittest
class Case(unittest.TestCase):
    def test_mean(self): self.assertEqual(mean([2, 4]), 3)
result = unittest.TestResult()
unittest.defaultTestLoader.loadTestsFromTestCase(Case).run(result)
assert result.wasSuccessful() and result.testsRun == 1""",
}


def test_ordinary_tests_run_unchanged():
    source = notebook(answer(ANSWERS), *(check(text, style) for style, text in STYLES.items()))
    report = grade(source, source, names=NAMES, limits=QUICK)
    assert {cell.grade_id: cell.message for cell in report.cells if cell.points != 1} == {}


def test_partial_credit_is_the_last_expression_and_never_more_than_all():
    source = notebook(
        answer("x = 3"),
        check("assert x == 3\n0.5", "half", 2),
        check("9", "more", 2),
        check("-1", "less", 2),
        check("x == 3", "true-is-no-number", 2),
        check("float('nan')", "nan", 2),
    )
    report = grade(source, source, names=["x"], limits=QUICK)
    assert [cell.points for cell in report.cells] == [0.5, 2, 0, 2, 0]


def test_messages_tell_a_learner_what_to_do_and_nothing_that_is_hidden():
    asked = {
        "assert f(1) == 2, 'M8: count from one'": "M8: count from one",
        "assert f(1) == 2": "this check failed: assert f(1) == 2",
        "f('x')": "your code raised TypeError: not for text",
        "g(1)": "`g` is not there: did the cell that defines it run without an error?",
        "blank()": "there is no answer here yet (NotImplementedError)",
        "### BEGIN HIDDEN TESTS\nassert f(1) == 2\n### END HIDDEN TESTS": "a check failed",
        "### BEGIN HIDDEN TESTS\nf('x')\n### END HIDDEN TESTS": "your code raised TypeError",
        # What was told it under a hidden line it could say in every later test.
        "f('x') ": "your code raised TypeError",
        "blank() ": "there is no answer here yet (NotImplementedError)",
    }
    source = notebook(
        answer(
            "def f(x):\n    if x == 'x': raise TypeError('not for text')\n    return x\ndef blank(): raise NotImplementedError()"
        ),
        *(check(text, f"q{number}") for number, text in enumerate(asked)),
    )
    report = grade(source, source, names=["f", "g", "blank"], limits=QUICK)
    assert [cell.message for cell in report.cells] == list(asked.values())


def test_a_cell_that_raises_does_not_stop_the_next_one():
    source = notebook(answer("1 / 0", "first"), answer("x = 1", "second"), check("assert x == 1", "t"))
    report = grade(source, source, names=["x"], limits=QUICK)
    assert report.score == 1
    (error,) = report.executed["cells"][0]["outputs"]
    assert (error["output_type"], error["ename"]) == ("error", "ZeroDivisionError")


def test_the_executed_notebook_has_outputs_and_no_hidden_test():
    source = notebook(
        code("print('given')"),
        answer("from IPython.display import HTML, display\ndisplay(HTML('<b>1</b>'))\n6 * 7"),
        check("assert x == 1\n### BEGIN HIDDEN TESTS\nassert secret\n### END HIDDEN TESTS", "t"),
    )
    executed = grade(source, source, limits=QUICK).executed
    assert executed["cells"][0]["outputs"] == [{"output_type": "stream", "name": "stdout", "text": "given\n"}]
    shown, result = executed["cells"][1]["outputs"]
    assert shown["data"]["text/html"] == "<b>1</b>"
    assert (result["data"], result["execution_count"]) == ({"text/plain": "42"}, 2)
    assert "".join(executed["cells"][2]["source"]) == "assert x == 1"
    assert "secret" not in json.dumps(executed)


def test_what_a_person_marks_waits_unless_nothing_was_written():
    manual = {
        "grade": True,
        "solution": True,
        "locked": False,
        "schema_version": 3,
        "grade_id": "why",
        "points": 4,
    }
    cell = {"cell_type": "markdown", "metadata": {"nbgrader": manual}, "source": "Because."}
    source = notebook(cell)
    written, blank = (
        grade(source, source, limits=QUICK),
        grade(source, dump(handout(read_source(source))), limits=QUICK),
    )
    assert [(each.cells[0].points, each.score, each.max_score) for each in (written, blank)] == [
        (None, 0, 4),
        (0, 0, 4),
    ]


def test_what_is_no_notebook_is_refused_and_what_is_no_source_is_our_mistake():
    source = notebook(answer("x = 1"), check("assert x", "t"))
    report = grade(source, b"%PDF", limits=QUICK)
    assert (report.outcome, report.max_score, report.cells) == ("refused", 1, ())
    with pytest.raises(Invalid):
        grade(b"%PDF", source)


def test_phases_are_told_as_they_begin_and_timed():
    told = []
    source = notebook(answer("x = 1"), check("assert x", "t"))
    report = grade(source, source, names=["x"], on_phase=told.append)
    assert told == ["graft", "run", "test"] == [phase.name for phase in report.phases]


def test_a_notebook_of_twelve_cells_is_graded_in_a_moment():
    cells = []
    for n in range(4):
        cells += [code(f"a{n} = {n}"), answer(f"def f{n}(): return {n}", f"f{n}")]
        cells += [check(f"assert f{n}() == {n}", f"t{n}")]
    source = notebook(*cells)
    names = [f"f{n}" for n in range(4)]
    best = min(_seconds(lambda: grade(source, source, names=names)) for _ in range(5))
    assert best < 3.0  # 0.12 s on an idle machine; a busy one proves nothing finer


def test_the_gate_lets_a_sound_lab_pass_and_names_each_unsound_test():
    answers = answer("def f(x):\n    ### BEGIN SOLUTION\n    return sorted(x)\n    ### END SOLUTION", "f")
    sound = read_source(notebook(answers, check("assert f([2, 1]) == [1, 2]\nassert f([]) == []", "sound")))
    assert prove(Exercise(sound, ("f",), QUICK)) == []
    unsound = read_source(
        notebook(
            answers,
            check("for x in f([]): assert x > 0", "vacuous"),
            check("data = [2, 1]\nassert f(data) == sorted(data)", "forgeable"),
            check("assert f([3]) == 4", "wrong"),
            check("import os", "free"),
        )
    )
    found = {
        (flaw.grade_id, flaw.text.split(",")[0].split(" scores")[0])
        for flaw in prove(Exercise(unsound, ("f",), QUICK))
    }
    assert found == {
        ("vacuous", "this test can be passed without an answer"),
        ("forgeable", "this test can be passed without an answer"),
        ("free", "this test can be passed without an answer"),
        ("free", "the blank hand-out passes this test"),
        ("wrong", "the author's own solution"),
    }


def test_the_workshop_proves_a_lab_once_and_points_at_the_line(tmp_path, monkeypatch):
    source = notebook(
        answer("### BEGIN SOLUTION\ndef f(x): return x\n### END SOLUTION", "f"), check("import os", "free")
    )
    lab = SimpleNamespace(version="v1", limits=QUICK, names=("f",), outputs=(), preload=(), slurm=None)
    workshop = Workshop(tmp_path / "proved")
    assert b"YOUR CODE HERE" in workshop.handout(source)
    assert workshop.handout(b"no notebook") == b""
    found = workshop.problems(lab, source, {}, {"machine/__init__.py": b"x = 1"})
    assert {severity for _, _, severity in found} == {"error"}
    assert all(b'"grade_id": "free"' in source.splitlines()[line - 1] for _, line, _ in found)
    monkeypatch.setenv("PATH", "")  # nothing could run any more
    assert list(Workshop(tmp_path / "proved").problems(lab, source, {}, {})) == list(found)


def test_a_lone_notebook_grades_with_names_derived_from_its_answers(tmp_path):
    path = tmp_path / "lone.ipynb"
    lone = notebook(
        code("import math\nTOLERANCE = 0.1\ndef close(a, b): return abs(a - b) < TOLERANCE"),
        answer("### BEGIN SOLUTION\nimport math\ndef area(r): return math.pi * r ** 2\n### END SOLUTION"),
        check("assert close(area(1), 3.14)\nassert math.isclose(area(2), 4 * math.pi)", "t"),
    )
    path.write_bytes(lone)
    lab = find_lab(str(path))
    assert lab.exercise.names == ("area",)
    forged = lone.replace(b"return math.pi", b"return 7 #").replace(
        b"import math", b"close = lambda *a: True"
    )
    runner = CliRunner()
    (tmp_path / "forged.ipynb").write_bytes(forged)
    for submission, score in (("lone.ipynb", 1), ("forged.ipynb", 0)):
        done = runner.invoke(grading.grade, [str(path), str(tmp_path / submission), "--json"])
        assert done.exit_code == 0
        assert json.loads(done.stdout)["score"] == score
        assert set(json.loads(done.stdout)["cells"][0]) == {
            "grade_id",
            "kind",
            "points",
            "max_points",
            "message",
        }


def test_the_terminal_says_in_one_line_what_is_wrong(tmp_path):
    runner = CliRunner()
    lone = tmp_path / "lone.ipynb"
    lone.write_bytes(notebook(answer("x = 1"), check("assert x", "t")))
    (tmp_path / "no.ipynb").write_text("not JSON")
    for arguments, says in (
        (["nope", str(lone)], "No lab and no notebook is called nope."),
        ([str(lone), str(tmp_path / "gone.ipynb")], "could not be read"),
        ([str(lone), str(tmp_path / "no.ipynb")], "not a Jupyter notebook"),
        ([str(tmp_path / "no.ipynb"), str(lone)], "not a Jupyter notebook"),
    ):
        done = runner.invoke(grading.grade, arguments)
        assert done.exit_code == 1
        assert says in done.stderr
        assert done.stderr.count("\n") == 1
    assert runner.invoke(grading.handout, [str(lone), "-o", str(tmp_path / "out.ipynb")]).exit_code == 0
    assert b"YOUR CODE HERE" in (tmp_path / "out.ipynb").read_bytes()
    assert runner.invoke(grading.doctor).exit_code == 0


def _seconds(action):
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def test_arrays_are_compared_where_no_learners_code_runs(sandboxes):
    numpy = pytest.importorskip("numpy")
    folder = Path(numpy.__file__).parent
    modules = {path.name: path for path in folder.parent.glob("numpy*") if path.suffix in ("", ".libs")}
    answers = """
import numpy as np
def scaled(xs, by): return np.asarray(xs) * by
def clip(xs): xs[xs > 1] = 1
class Equal(np.ndarray):
    def __eq__(self, other): return np.array(True)
def forged(xs): return np.asarray(xs).view(Equal)
biggest = np.float64(7)"""
    tests = (
        check("import numpy as np\nassert np.allclose(scaled([1, 2], 2.5), [2.5, 5.0])", "allclose"),
        check("import numpy as np\nassert (scaled(np.arange(3), 2) == np.array([0, 2, 4])).all()", "equal"),
        check("import numpy as np\nxs = np.array([0.5, 3])\nclip(xs)\nassert xs.max() == 1", "in-place"),
        check("assert biggest == 7 and biggest + 1 == 8", "number"),
        check("import numpy as np\nassert (forged([1]) == np.array([2])).all()", "forged"),
    )
    source = notebook(answer(answers), *tests)
    roomy = replace(QUICK, memory_mb=1024, cpu_seconds=20)
    names = ["scaled", "clip", "forged", "biggest"]
    report = grade(
        source, source, sandboxes=sandboxes, names=names, limits=roomy, modules=modules, preload=("numpy",)
    )
    assert [cell.points for cell in report.cells] == [1, 1, 1, 1, 0], report
    assert "compare plain values" in report.cells[-1].message
