"""Answers go along into a newer version of a lab, and everything that is not the learner's is the newer version's."""

import json

import pytest

from lms.errors import Invalid
from lms.labs.handout import handout
from lms.labs.notebook import dump, read_source
from lms.labs.work.carry import carried
from tests.labs.test_graft import file, marked, plain

STUB = "def mean(xs):\n    ### BEGIN SOLUTION\n    return sum(xs) / len(xs)\n    ### END SOLUTION"


def lab(*, mean=STUB, task="Say it with numbers.", more=()):
    return read_source(
        file(
            [
                plain("# Means\n" + task, "markdown"),
                marked("setup", f"given = {task!r}", locked=True),
                marked("mean", mean, solution=True),
                marked(
                    "t-mean",
                    "assert mean([1]) == 1\n### BEGIN HIDDEN TESTS\nassert mean([1, 3]) == 2\n### END HIDDEN TESTS",
                    grade=True,
                    locked=True,
                    points=2,
                ),
                marked("why", "Because.", "markdown", grade=True, solution=True, points=1),
                *more,
            ]
        )
    )


OLD = lab()
HANDED_OUT = dump(handout(OLD))
NEW = lab(
    mean=STUB.replace("(xs):", "(values):"),
    task="Say it in words.",
    more=[marked("extra", "### BEGIN SOLUTION\n1\n### END SOLUTION", solution=True)],
)


def worked(*, mean=None, why=None, own=None):
    """The old hand-out with answers in it, and a cell of the learner's own after the setup."""
    notebook = json.loads(HANDED_OUT)
    for grade_id, text in (("mean", mean), ("why", why)):
        if text is not None:
            cell = next(each for each in notebook["cells"] if _name(each) == grade_id)
            cell["source"] = [text]
            cell.setdefault("outputs", []).append({"output_type": "stream", "name": "stdout", "text": "old"})
    if own is not None:
        notebook["cells"].insert(2, plain(own, id="mine", outputs=[], execution_count=None))
    return dump(notebook)


def _name(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def taken_along(work):
    """The sources of the newer notebook, by grade_id; cells without one under ""."""
    made = carried(NEW, work, handout=HANDED_OUT)
    assert made["nbformat"] == 4
    assert all(not cell.get("outputs") for cell in made["cells"])
    texts = {}
    for cell in made["cells"]:
        texts.setdefault(_name(cell) or "", []).append("".join(cell["source"]))
    return {name: found[0] if name else found for name, found in texts.items()}


def test_answers_and_own_cells_go_along_and_the_rest_is_the_newer_versions():
    texts = taken_along(worked(mean="def mean(xs):\n    return 1", why="It is so.", own="mean([7])"))
    assert texts["mean"] == "def mean(xs):\n    return 1"
    assert texts["why"] == "It is so."
    assert texts["setup"] == "given = 'Say it in words.'"
    assert texts[""] == ["# Means\nSay it in words.", "mean([7])"]
    assert texts["extra"] == "# YOUR CODE HERE\nraise NotImplementedError()"


def test_what_was_not_touched_begins_as_the_newer_version_does():
    texts = taken_along(worked(why="It is so."))
    assert texts["mean"].startswith("def mean(values):")
    assert texts["why"] == "It is so."
    assert taken_along(HANDED_OUT)["why"] == "YOUR ANSWER HERE"


def test_an_answer_that_was_emptied_stays_empty():
    assert taken_along(worked(mean=""))["mean"] == ""


def test_nothing_that_is_hidden_comes_to_light():
    made = dump(carried(NEW, worked(mean="return 1"), handout=HANDED_OUT)).decode()
    assert "HIDDEN" not in made
    assert "mean([1, 3])" not in made
    assert "sum(xs)" not in made


def test_what_is_no_notebook_is_refused():
    with pytest.raises(Invalid, match="not a Jupyter notebook"):
        carried(NEW, b"PK", handout=HANDED_OUT)
