"""What a page sends is read strictly: a notebook, files with plain names, nothing damaged, nothing too large."""

import base64
import hashlib
import json

import pytest

from lms.errors import Invalid
from lms.labs.notebook import MAX_CELLS
from lms.labs.work.content import MOST_FILES, notebook_bytes, packed, parsed, read_sent, unpacked, uploaded
from tests.labs.editors import EDITORS
from tests.labs.test_graft import HANDOUT

NOTEBOOK = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
MEGABYTE = 1 << 20


def file(name="out.txt", data=b"x", **changed):
    return {
        "name": name,
        "sha256": hashlib.sha256(data).hexdigest(),
        "data": base64.b64encode(data).decode(),
        **changed,
    }


def read(*files, notebook=NOTEBOOK, max_bytes=MEGABYTE):
    return read_sent({"notebook": notebook, "files": list(files)}, max_bytes=max_bytes)


def test_a_notebook_and_its_files_come_as_they_were_sent():
    sent = read(file("a/b.txt", b"one"), file("c.txt", b"two"), {**file("d.txt", b"three"), "data": None})
    assert json.loads(sent.notebook) == NOTEBOOK
    assert set(sent.files) == {"a/b.txt", "c.txt", "d.txt"}
    assert sorted(sent.brought.values()) == [b"one", b"two"]
    assert sent.sha256 == read().sha256
    assert unpacked(packed(sent.notebook)) == sent.notebook


def test_the_same_notebook_is_the_same_bytes_whatever_order_it_came_in():
    turned = dict(reversed(NOTEBOOK.items()))
    assert notebook_bytes(turned, max_bytes=MEGABYTE) == notebook_bytes(NOTEBOOK, max_bytes=MEGABYTE)


@pytest.mark.parametrize("name", ["a", "a b.txt", "öl/ü.csv", "a" * 100, ".hidden", "x/y/z", "naïve…txt"])
def test_a_plain_name_is_taken(name):
    assert list(read(file(name)).files) == [name]


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../a", "a/..", "/a", "a/", "a//b", "a\\b", "a\nb", "a\x7f", "x" * 101, "a/" * 120 + "a", "\ud800"],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused_and_keeps_nothing_else_back(name):
    sent = read(file(name, b"one"), file("good.txt", b"two"))
    assert list(sent.files) == ["good.txt"]
    assert list(sent.brought.values()) == [b"two"]
    assert list(sent.refused) == [name]
    assert sent.refused[name].endswith(".")


def test_why_a_name_is_refused_says_what_to_change():
    names = {
        "x" * 101: "too long",
        "a\nb": "cannot be read",
        "a\\b": "backslash",
        "../a": "below the notebook's folder",
    }
    told = read(*(file(name) for name in names)).refused
    assert all(why in told[name] for name, why in names.items())


@pytest.mark.parametrize("name", [7, None, ["a"]])
def test_what_is_no_name_at_all_is_no_save(name):
    with pytest.raises(Invalid, match="without a name"):
        read(file(name))


@pytest.mark.parametrize(
    "changed",
    [
        {"data": "!!!"},
        {"data": base64.b64encode(b"other").decode()},
        {"data": 7},
        {"data": "ü"},
        {"sha256": "F" * 64},
        {"sha256": "f" * 63},
        {"sha256": None},
    ],
)
def test_a_damaged_file_is_refused(changed):
    with pytest.raises(Invalid):
        read({**file(), **changed})


def test_too_much_is_refused_with_how_much_is_taken():
    many = [file(f"{number}.txt") for number in range(MOST_FILES + 1)]
    assert len(read(*many[1:]).files) == MOST_FILES
    with pytest.raises(Invalid, match=f"At most {MOST_FILES} files"):
        read(*many)
    size = len(read().notebook)
    assert read(max_bytes=size).notebook
    with pytest.raises(Invalid, match="larger than"):
        read(max_bytes=size - 1)
    cells = [{"cell_type": "raw", "metadata": {}, "source": ""}] * (MAX_CELLS + 1)
    assert read(notebook={**NOTEBOOK, "cells": cells[1:]}).notebook
    with pytest.raises(Invalid, match=f"more than {MAX_CELLS} cells"):
        read(notebook={**NOTEBOOK, "cells": cells})


@pytest.mark.parametrize(
    ("notebook", "why"),
    [
        (None, "no notebook"),
        ([], "no notebook"),
        ({**NOTEBOOK, "nbformat": 3}, "no notebook of format 4"),
        ({**NOTEBOOK, "cells": {}}, "no list of cells"),
        ({**NOTEBOOK, "cells": ["x"]}, "no list of cells"),
    ],
)
def test_what_is_no_notebook_is_refused_by_what_it_lacks(notebook, why):
    with pytest.raises(Invalid, match=why):
        read(notebook=notebook)
    with pytest.raises(Invalid):
        read_sent(notebook, max_bytes=MEGABYTE)


@pytest.mark.parametrize("editor", EDITORS, ids=lambda editor: editor.__name__)
def test_what_an_editor_saved_is_taken_in_a_form_that_a_browser_reads(editor):
    data = editor(json.loads(HANDOUT))
    try:
        found = json.loads(data)
    except ValueError:
        found = {}
    if found.get("nbformat") != 4:
        with pytest.raises(Invalid):
            uploaded(data, max_bytes=MEGABYTE)
        return
    kept = uploaded(data, max_bytes=MEGABYTE)
    strict = json.loads(kept, parse_constant=pytest.fail)
    assert len(strict["cells"]) >= len(json.loads(HANDOUT)["cells"])


@pytest.mark.parametrize("number", [b"NaN", b"-Infinity", b"1e999", b"9" * 5000])
def test_a_number_that_no_browser_reads_becomes_none(number):
    data = b'{"cells": [], "nbformat": 4, "metadata": {"x": [%s, 1, 2.5]}}' % number
    assert parsed(data)["metadata"]["x"] == [None, 1, 2.5]
    assert json.loads(uploaded(data, max_bytes=MEGABYTE), parse_constant=pytest.fail)
