"""nbgrader's marks are read as nbgrader reads them, in every schema; what it refuses is refused, with all that is wrong at once."""

import pytest

from lms.content.dialect import Marks, as_python, is_python, problems_in, read_marks
from lms.content.regions import marked_lines, replaced, without

FULL = {
    "schema_version": 3,
    "grade": False,
    "solution": False,
    "locked": False,
    "task": False,
    "grade_id": "q",
}


def read(cell_type="code", **marks):
    return read_marks({"nbgrader": marks}, cell_type)


def full(cell_type="code", **marks):
    return read(cell_type, **(FULL | marks))


def refused(cell_type="code", **marks):
    """All that is wrong, in one text."""
    found = full(cell_type, **marks)[1]
    assert found
    return "; ".join(found)


@pytest.mark.parametrize(
    ("cell_type", "flags", "kind"),
    [
        ("code", {"solution": True}, "solution"),
        ("code", {"grade": True, "points": 1}, "tests"),
        ("code", {"grade": True, "solution": True, "points": 1}, "manual"),
        ("markdown", {"grade": True, "solution": True, "points": 1}, "manual"),
        ("markdown", {"task": True, "locked": True, "points": 1}, "task"),
        ("code", {"locked": True}, "given"),
        ("markdown", {"locked": True}, "text"),
    ],
)
def test_the_flags_say_what_a_cell_is(cell_type, flags, kind):
    marks, problems = full(cell_type, **flags)
    assert (marks.kind, marks.points, problems) == (kind, flags.get("points", 0), [])


@pytest.mark.parametrize("metadata", [None, {}, {"nbgrader": {}}, {"nbgrader": FULL}, {"tags": ["x"]}, 7])
def test_a_cell_without_a_flag_is_text_or_given_code_and_its_grade_id_counts_for_nothing(metadata):
    assert read_marks(metadata, "code") == (Marks("given"), [])
    assert read_marks(metadata, "markdown") == (Marks("text"), [])


def test_schema_0_is_upgraded_as_nbgrader_does():
    """What is absent is false; points are text, or nothing, or below nothing; without a flag there are no marks."""
    for points, read_as in (("1", 1), ("", 0), (-2, 0), (0.5, 0.5), (None, 0)):
        given = {} if points is None else {"points": points}
        assert read(grade=True, grade_id="t", **given) == (Marks("tests", "t", read_as), [])
    assert read(solution=True, grade_id="a", points="3") == (Marks("solution", "a"), [])
    assert read(grade=False, solution=False, points=3) == (Marks("given"), [])
    assert "its points are 'many'" in read(grade=True, grade_id="t", points="many")[1][0]
    assert "its grade_id is None" in read(grade=True, points=1)[1][0]


@pytest.mark.parametrize("schema", [1, 2, 3])
def test_schemas_1_to_3_need_their_flags_and_the_points_of_what_is_graded(schema):
    good = {"schema_version": schema, "grade": True, "solution": False, "locked": True, "grade_id": "t"}
    assert read(**good, points=2) == (Marks("tests", "t", 2), [])
    assert "it has no points" in read(**good)[1][0]
    assert (
        "lacks `locked`"
        in read(**{key: value for key, value in good.items() if key != "locked"}, points=1)[1][0]
    )


@pytest.mark.parametrize("schema", [4, 10, -1, "3", 3.0, True, None])
def test_a_schema_of_the_future_is_refused_with_what_to_do(schema):
    (found,) = full(solution=True, schema_version=schema)[1]
    assert f"schema_version is {schema!r}" in found
    assert "reads 0 to 3" in found
    assert "0.6 to 0.9" in found


def test_every_problem_of_a_cell_is_told():
    told = refused("markdown", grade_id="has space", grade="yes", points=-1)
    for part in ("`grade` is 'yes'", "has to be code", "0 or more", "'has space'"):
        assert part in told
    assert "count nowhere" in refused(solution=True, points=2)
    assert "nobody ever looks" in refused("markdown", solution=True)
    assert "Markdown cell" in refused(task=True, points=1)
    assert "no object" in read_marks({"nbgrader": [1]}, "code")[1][0]


@pytest.mark.parametrize("points", [float("nan"), float("inf"), True, "2", None, [1]])
def test_points_are_numbers(points):
    assert "0 or more" in refused(grade=True, points=points)


COMMENTS = (
    "### {}",
    "# {}",
    "#{}",
    "<!-- {} -->",
    "=== {} ===",
    "// {}",
    "%% {}",
    "    ### {} (part 2)",
    "{}",
    "x = 1  # {}",
)


@pytest.mark.parametrize("comment", COMMENTS)
def test_a_marker_counts_in_whatever_comment_it_stands(comment):
    source = "\n".join(
        ["def f():", comment.format("BEGIN SOLUTION"), "    return 42", comment.format("END SOLUTION"), "f()"]
    )
    shown = replaced(source, "STUB")
    assert "42" not in shown
    assert shown.split("\n")[1].strip() == "STUB"
    assert list(problems_in(source, "solution", "code")) == []
    assert without(source.replace("SOLUTION", "MARK SCHEME"), "MARK SCHEME") == "def f():\nf()"


def test_a_stub_is_indented_like_the_marker_it_replaces():
    assert replaced("if x:\n\t### BEGIN SOLUTION\n\ty\n\t### END SOLUTION", "a\nb") == "if x:\n\ta\n\tb"
    assert replaced("nothing here", "a") is None


def test_hidden_lines_are_counted_as_python_counts_them():
    """A U+2028, a form feed or a NEL in a string ends a line for some, and must not move what is hidden."""
    for odd in ("\u2028", "\x0c", "\x85", "\x1c"):
        source = f"x = 'a{odd}b'\n### BEGIN HIDDEN TESTS\nassert x\n### END HIDDEN TESTS\ny = 1"
        assert marked_lines(source, "HIDDEN TESTS") == {2, 3, 4}
        assert without(source, "HIDDEN TESTS") == f"x = 'a{odd}b'\ny = 1"


@pytest.mark.parametrize(
    ("source", "kind", "told"),
    [
        ("### BEGIN SOLUTION\nx", "solution", "line 1: BEGIN SOLUTION without END"),
        ("x\n### END SOLUTION", "solution", "line 2: END SOLUTION without BEGIN"),
        ("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION", "solution", "within the region that line 1 begins"),
        ("### BEGIN SOLUTION\n### END SOLUTION", "given", "no meaning in code that is given"),
        ("### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS", "solution", "no meaning in an answer that tests judge"),
        ("### BEGIN MARK SCHEME\n### END MARK SCHEME", "tests", "no meaning in a test cell"),
        ("### Begin Solution\nx = 1\n### End Solution", "solution", "looks like the marker of a region but is none"),
        ("# begin hidden test\nassert 1", "tests", "looks like the marker"),
        ("### AUTOTEST squares(3)\n### HASHED AUTOTEST f(1)", "tests", "lines 1, 2 are autotests"),
        ("assert f(1) = 2", "tests", "line 1 is no Python"),
        ("import os\n!ls", "tests", "line 2 is for IPython"),
        ("%timeit f(1)", "tests", "line 1 is for IPython"),
        ("=== BEGIN MARK SCHEME ===\n![](attachment:a.png)\n=== END MARK SCHEME ===", "task", "attached image"),
    ],
)  # fmt: skip
def test_what_would_be_handed_out_or_never_pass_is_refused(source, kind, told):
    assert any(
        told in problem for problem in problems_in(source, kind, "markdown" if kind == "task" else "code")
    )


def test_lines_for_ipython_that_change_nothing_are_no_obstacle():
    source = "%matplotlib inline\nif True:\n    %load_ext autoreload\n%time x = 1\nassert x == 1, '''\n%time flies\n'''"
    assert as_python(source) == "pass\nif True:\n    pass\nx = 1\nassert x == 1, '''\n%time flies\n'''"
    assert as_python("%%time\nx = 1") == "pass\nx = 1"
    assert as_python("%%capture\nx = 1") == "pass\nx = 1"
    kept = "x = '''\n%time flies\n'''"
    assert as_python(kept) == kept
    assert list(problems_in(source, "tests", "code")) == []


@pytest.mark.parametrize(
    ("metadata", "python"),
    [
        ({}, True),
        ({"kernelspec": {"name": "python3", "language": "python"}}, True),
        ({"language_info": {"name": "ipython"}}, True),
        ({"kernelspec": {"name": "ir", "language": "R"}}, False),
        ({"kernelspec": 7, "language_info": {"name": "julia"}}, False),
    ],
)
def test_only_python_is_graded(metadata, python):
    assert is_python(metadata) is python
