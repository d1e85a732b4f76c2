"""An author's notebook is read strictly and all its problems are told at once; a learner's file as tolerantly as can be."""

import json

import pytest

from lms.errors import Invalid
from lms.labs.handout import handout
from lms.labs.notebook import MAX_BYTES, MAX_CELLS, Cell, LooseCell, dump, read_source, read_submission


def cell(source="", type_="code", **marks):
    made = {"cell_type": type_, "metadata": {"nbgrader": marks} if marks else {}, "source": source}
    return made | ({"outputs": [], "execution_count": None} if type_ == "code" else {})


def marks(grade_id="q", **flags):
    return {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": False,
        "solution": False,
        "locked": False,
        "task": False,
    } | flags


def file(*cells, **more):
    return dump({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | more)


def problems(*cells):
    with pytest.raises(Invalid) as caught:
        read_source(file(*cells))
    return caught.value.fields


def test_each_kind_of_cell_is_known_by_its_marks():
    source = read_source(
        file(
            cell("# Title", "markdown"),
            cell("x = 1"),
            cell("y = 2", **marks("given", locked=True)),
            cell("z = 3", **marks("answer", solution=True)),
            cell("assert z", **marks("tests", grade=True, locked=True, points=2)),
            cell("why", "markdown", **marks("why", grade=True, solution=True, points=1.5)),
            cell("do", "markdown", **marks("task", task=True, points=3)),
        )
    )
    assert [each.kind for each in source.cells] == [
        "text",
        "given",
        "given",
        "solution",
        "tests",
        "manual",
        "task",
    ]
    assert (source.points, source.auto_points) == (6.5, 2)
    assert source.cells[3] == Cell(3, "answer", "code", "solution", "z = 3", "answer")
    assert [each.runs for each in source.cells] == [False, True, True, True, False, False, False]


def test_every_problem_is_told_with_its_cell():
    found = problems(
        cell("", **marks("twice", solution=True)),
        cell("", **marks("twice", grade=True, points=-1)),
        cell("### BEGIN SOLUTION\nx", **marks("open", solution=True)),
        cell("", "markdown", **marks("prose", solution=True)),
        cell("### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS", **marks("place", solution=True)),
        cell("", **marks("", solution=True)),
        cell("", "html"),
    )
    assert set(found) == {
        "cell 1 (twice)",
        "cell 2 (twice)",
        "cell 3 (open)",
        "cell 4 (prose)",
        "cell 5 (place)",
        "cell 6",
        "cell 7",
    }
    assert found["cell 1 (twice)"] == "the grade_id twice is used 2 times"
    assert "0 or more" in found["cell 2 (twice)"]
    assert "used 2 times" in found["cell 2 (twice)"]
    assert "without END" in found["cell 3 (open)"]
    assert "cell_type is 'html'" in found["cell 7"]


def test_another_language_is_refused():
    data = file(cell("x <- 1"), metadata={"kernelspec": {"name": "ir", "language": "R"}})
    with pytest.raises(Invalid, match="not in Python"):
        read_source(data)


def test_cell_ids_are_kept_where_they_are_good_and_made_where_not():
    cells = [
        cell(**marks("a", solution=True)),
        cell(),
        cell() | {"id": "mine"},
        cell() | {"id": "mine"},
        cell() | {"id": "no good"},
    ]
    assert [each.id for each in read_source(file(*cells)).cells] == [
        "a",
        "cell-1",
        "mine",
        "cell-3",
        "cell-4",
    ]


LOOSE = (LooseCell("code", "x = 1\ny = 2", grade_id="q"), LooseCell("markdown", "text"))


def loose(**more):
    return {
        "cells": [cell("x = 1\ny = 2", grade_id="q"), cell("text", "markdown")],
        "nbformat": 4,
        "metadata": {},
    } | more


NBGRADER = {"nbgrader": {"grade_id": "q"}}
LISTED = {"source": ["x = 1\n", "y = 2"], "metadata": NBGRADER}
INPUT = {"cell_type": "code", "input": "x = 1\ny = 2", "metadata": NBGRADER}
HEADING = {"cell_type": "heading", "level": 2, "source": "text"}


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(loose()).encode(),
        b"\xef\xbb\xbf" + json.dumps(loose()).encode(),
        json.dumps(loose()).replace("\\n", "\\r\\n").encode(),
        json.dumps(loose(), indent=1).replace("\n", "\r\n").encode(),
        json.dumps(loose(nbformat_minor=5, metadata=None, extra=float("nan"))).encode(),
        json.dumps(
            loose(cells=[LISTED, {"source": "text", "cell_type": "markdown", "metadata": 7}])
        ).encode(),
        json.dumps({"nbformat": 3, "worksheets": [{"cells": [INPUT, HEADING]}]}).encode(),
        json.dumps(
            {"nbformat": 2, "worksheets": [7, {"cells": [INPUT]}, {"cells": 7}, {"cells": [HEADING]}]}
        ).encode(),
        json.dumps(loose()).encode("utf-16"),
        json.dumps(loose()).encode("utf-32-be"),
        json.dumps(loose()).replace("\\n", "\\r").encode(),
        json.dumps(loose(outputs=[{"text": "\ud83d"}])).encode(),
        json.dumps(loose(extra="x")).encode().replace(b'"x"', b'"\xf0\x9f\x98"'),
        json.dumps(loose()).replace("{", '{"cells": [], "nbformat": 1, ', 1).encode(),
        json.dumps(loose(extra=10)).replace("10", "9" * 10_000).encode(),
    ],
    ids=[
        "plain",
        "byte-order mark",
        "CRLF in text",
        "CRLF in JSON",
        "NaN, no metadata",
        "hardly anything",
        "nbformat 3",
        "nbformat 2, several worksheets",
        "UTF-16",
        "UTF-32",
        "CR in text",
        "half a character in an output",
        "bytes that are no UTF-8",
        "a key given twice",
        "a number of ten thousand digits",
    ],
)
def test_a_learners_file_is_read_in_whatever_shape_it_came(data):
    assert read_submission(data).cells == LOOSE


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not a Jupyter notebook"),
        (b"%PDF-1.7 \xff\xfe", "not a Jupyter notebook"),
        (b"{", "line 1"),
        (b"[]", "no list of cells"),
        (b'{"cells": 3}', "no list of cells"),
        (b'{"cells": [3]}', "cell 1 is not a cell"),
        (b"[" * 200_000, "not a Jupyter notebook"),
        (b" " * (MAX_BYTES + 1), "8.0 MB"),
        (json.dumps({"cells": [{}] * (MAX_CELLS + 1)}).encode(), "2001 cells"),
    ],
)
def test_what_is_no_notebook_is_refused_with_what_to_do(data, says):
    with pytest.raises(Invalid, match=says) as caught:
        read_submission(data)
    assert any(what in caught.value.message for what in ("Hand in", "hand it in again", "try again"))


def test_half_a_character_in_an_answer_is_read_as_what_can_be_stored():
    (broken,) = read_submission(
        json.dumps({"cells": [{"cell_type": "code", "source": "x = '\ud83d'"}]}).encode()
    ).cells
    assert broken.source == "x = '?'"
    broken.source.encode()


def test_images_go_with_the_text_that_shows_them_and_those_of_a_solution_do_not():
    shown = {
        "map.png": {"image/png": "AA=="},
        "a b.png": {"image/png": "AA=="},
        "answer.png": {"image/png": "AA=="},
    }
    text = "![](attachment:map.png) ![](attachment:a%20b.png)"
    answer = f"{text}\n### BEGIN SOLUTION\n![](attachment:answer.png)\n### END SOLUTION"
    source = read_source(
        file(
            cell(answer, "markdown", **marks("q", grade=True, solution=True, points=1))
            | {"attachments": shown},
            cell("no image", "markdown") | {"attachments": shown},
        )
    )
    first, second = handout(source)["cells"]
    assert first["attachments"].keys() == {"map.png", "a b.png"}
    assert "attachments" not in second
