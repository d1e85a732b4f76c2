"""The learner's version holds no solution, no hidden test and no output, and is the same bytes for the same source."""

import json

from lms.labs.handout import handout, hidden_lines, leaks
from lms.labs.notebook import dump, read_source


def source(*cells):
    made = []
    for text, type_, marks in cells:
        full = {
            "schema_version": 3,
            "grade": False,
            "solution": False,
            "locked": False,
            "task": False,
        } | marks
        cell = {"cell_type": type_, "metadata": {"nbgrader": full} if marks else {}, "source": text}
        if type_ == "code":
            cell |= {
                "outputs": [{"output_type": "stream", "name": "stdout", "text": "42"}],
                "execution_count": 7,
            }
        made.append(cell)
    return read_source(
        dump(
            {
                "cells": made,
                "metadata": {"kernelspec": {"name": "python3"}, "secret": 1},
                "nbformat": 4,
                "nbformat_minor": 2,
            }
        )
    )


LAB = source(
    ("# Lab", "markdown", {}),
    ("given = 1", "code", {}),
    (
        "def mean(xs):\n    ### BEGIN SOLUTION\n    return sum(xs) / len(xs)\n    ### END SOLUTION\n\nmean([1])",
        "code",
        {"grade_id": "mean", "solution": True},
    ),
    ("everything = 'of this is the solution'", "code", {"grade_id": "whole", "solution": True}),
    (
        "assert mean([1]) == 1\n### BEGIN HIDDEN TESTS\nassert mean([1, 2, 6]) == 3\n### END HIDDEN TESTS\nassert mean([2]) == 2",
        "code",
        {"grade_id": "t", "grade": True, "points": 2},
    ),
    ("Because it is so.", "markdown", {"grade_id": "why", "grade": True, "solution": True, "points": 1}),
    ("Do it.\n=== BEGIN MARK SCHEME ===\nOne point.\n=== END MARK SCHEME ===", "markdown", {"grade_id": "do", "task": True, "points": 1}),
)  # fmt: skip


def texts(made):
    return ["".join(cell["source"]) for cell in made["cells"]]


def test_solutions_become_placeholders_and_hidden_tests_go():
    assert texts(handout(LAB)) == [
        "# Lab",
        "given = 1",
        "def mean(xs):\n    # YOUR CODE HERE\n    raise NotImplementedError()\n\nmean([1])",
        "# YOUR CODE HERE\nraise NotImplementedError()",
        "assert mean([1]) == 1\nassert mean([2]) == 2",
        "YOUR ANSWER HERE",
        "Do it.",
    ]


def test_outputs_counts_and_private_metadata_are_not_handed_out():
    made = handout(LAB)
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in made["cells"])
    assert made["metadata"] == {"kernelspec": {"name": "python3"}}


def test_the_same_source_gives_the_same_bytes_with_an_id_for_each_cell():
    made = handout(LAB)
    assert dump(made) == dump(handout(LAB))
    assert len({cell["id"] for cell in made["cells"]}) == len(LAB.cells)
    assert json.loads(dump(made))["nbformat_minor"] == 5


def test_a_handout_can_be_read_as_a_source_again_with_the_same_points():
    again = read_source(dump(handout(LAB)))
    assert [cell.kind for cell in again.cells] == [cell.kind for cell in LAB.cells]
    assert again.points == LAB.points


def test_only_what_a_learner_may_change_can_be_changed():
    editable = [cell["metadata"].get("editable", True) for cell in handout(LAB)["cells"]]
    assert editable == [True, True, True, True, False, True, False]


def test_hidden_lines_are_known_with_their_markers():
    assert hidden_lines(LAB.cells[4]) == {2, 3, 4}


def test_a_solution_that_stands_elsewhere_in_the_handout_is_a_leak():
    assert leaks(LAB, handout(LAB)) == []
    leaking = source(
        ("Hint: write\n    return sum(xs) / len(xs)", "markdown", {}),
        ("# the answer\nfor x in xs: pass", "code", {}),
        *(
            [
                (
                    "### BEGIN SOLUTION\nreturn_value = 1\n    return sum(xs) / len(xs)\nfor x in xs: pass\n### END SOLUTION",
                    "code",
                    {"grade_id": "mean", "solution": True},
                )
            ]
        ),
    )
    (leak,) = leaks(leaking, handout(leaking))
    assert "solution of mean stands in cell 1" in leak
