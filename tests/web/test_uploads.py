"""Handing a file in over HTTP, and getting it back exactly as it was."""

import io

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.steps import notebook
from tests.web.conftest import shown


@pytest.fixture
def ada(visitor):
    return visitor("Ada")


def upload(client, data, name="add.ipynb", field="notebook"):
    boundary, body = encode_multipart({field: FileStorage(io.BytesIO(data), filename=name)})
    kind = f"multipart/form-data; boundary={boundary}"
    return client.post("/labs/SL1/submissions", data=body, content_type=kind)


def test_a_notebook_comes_back_byte_for_byte_and_only_to_who_may_see_it(ada, visitor):
    answer = upload(ada, notebook(), "my work.ipynb")
    assert answer.location == "/submissions/1"
    file = ada.get("/submissions/1/file")
    assert file.data == notebook()
    assert file.headers["Content-Disposition"] == 'attachment; filename="my work.ipynb"'
    assert file.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert visitor("Eve").get("/submissions/1/file").status_code == 404
    assert visitor("Miriam", mentor=True).get("/submissions/1/file").data == notebook()


@pytest.mark.parametrize(
    ("data", "status", "told"),
    [
        (b"", 422, "The file is empty"),
        (b"PK", 422, "Not handed in"),
        (b" " * (8 * 2**20 + 1), 422, "larger than 8 MB"),
        (b" " * (20 * 2**20), 413, "larger than 8 MB"),
    ],
)
def test_a_refused_file_is_told_on_the_labs_page_and_costs_nothing(ada, data, status, told):
    answer = upload(ada, data)
    assert (answer.status_code, told in shown(answer)) == (status, True)
    assert upload(ada, notebook()).status_code == 302
    assert "2 of 3 left" in shown(ada.get("/labs/SL1"))


def test_no_file_is_no_attempt(ada):
    for answer in (ada.post("/labs/SL1/submissions"), upload(ada, notebook(), field="other")):
        assert answer.status_code == 422
        assert "No file was chosen" in shown(answer)
    assert upload(ada, notebook()).status_code == 302


@pytest.mark.parametrize("name", ["../../a.ipynb", 'a".ipynb', "ü 🦊.ipynb", "a\0.ipynb", "x" * 999])
def test_a_files_name_breaks_nothing_wherever_it_is_shown(ada, name):
    assert upload(ada, notebook(), name).status_code == 302
    file = ada.get("/submissions/1/file")
    assert file.status_code == 200
    assert "X" not in file.headers
    assert ada.get("/labs/SL1").status_code == ada.get("/submissions/1").status_code == 200


def test_what_is_handed_out_has_no_solution_in_it(ada):
    assert b"return a + b" not in ada.get("/labs/SL1/handout").data
    assert b"repeated counting" not in ada.get("/labs/SL1/handout").data
    assert ada.get("/labs/SL1/files/numbers.txt").status_code == 200
    assert ada.get("/labs/SL1/files/lab.ipynb").status_code == 404
