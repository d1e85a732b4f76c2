"""The files of the interface: compressed on their way, kept by browsers for ever, and nothing else with them."""

import gzip
import os

import brotli
import pytest

from lms.web import filters

SCRIPT = "notebook/notebook.js"
UNPACKED = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}


@pytest.fixture
def get(app, stranger):
    """Asks for a file by its path: at the address that pages have it at, or at another version's."""

    def ask(path, accepts="gzip, deflate, br, zstd", *, version=None, **headers):
        with app.test_request_context():
            address = filters.asset(path)
        if version:
            address = f"/static/{version}/{path}"
        return stranger.get(address, headers={"Accept-Encoding": accepts, **headers}, buffered=True)

    return ask


@pytest.mark.parametrize(
    ("accepts", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("", None),
        ("identity", None),
        ("zstd", None),
    ],
)
@pytest.mark.parametrize("path", [SCRIPT, "css/slipway.css", "icons.svg"])
def test_what_gains_by_it_is_compressed_as_the_browser_takes_it(get, path, accepts, encoding):
    answer, plain = get(path, accepts), get(path, "")
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding") == encoding
    assert UNPACKED[encoding](answer.data) == (filters.STATIC / path).read_bytes()
    assert answer.content_length == len(answer.data)
    assert encoding is None or answer.content_length < plain.content_length / 2
    assert answer.content_type == plain.content_type
    for name in ("Cache-Control", "Vary", "Cross-Origin-Resource-Policy", "Content-Security-Policy"):
        assert answer.headers[name] == plain.headers[name]
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_font_goes_out_as_it_is(get):
    answer = get("fonts/text-latin-normal.woff2")
    assert "Content-Encoding" not in answer.headers
    assert answer.data == (filters.STATIC / "fonts/text-latin-normal.woff2").read_bytes()


@pytest.mark.parametrize("accepts", ["br", "gzip", ""])
def test_who_has_it_already_is_told_so_by_a_tag_that_is_one_encodings(get, accepts):
    tag = get(SCRIPT, accepts).headers["ETag"]
    answer = get(SCRIPT, accepts, **{"If-None-Match": tag})
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["Vary"] == "Accept-Encoding"
    other = "gzip" if accepts == "br" else "br"
    assert get(SCRIPT, other, **{"If-None-Match": tag}).status_code == 200


def test_at_an_address_of_another_version_it_is_kept_for_a_day(get):
    for accepts in ("br", ""):
        assert (
            get("css/fonts.css", accepts, version="old").headers["Cache-Control"] == "public, max-age=86400"
        )


def test_a_file_that_changes_while_the_site_runs_is_compressed_again(get, monkeypatch, tmp_path):
    monkeypatch.setattr(filters, "STATIC", tmp_path)
    file = tmp_path / "own.css"
    for number, text in enumerate((b"a { color: red }", b"b { color: blue }"), 1):
        file.write_bytes(text)
        os.utime(file, (number, number))
        assert brotli.decompress(get("own.css", version="any").data) == text


@pytest.mark.parametrize("path", ["../front.py", "css", "css/none.css", "%2e%2e/front.py", "..%2ffront.py"])
def test_nothing_else_is_served(stranger, path):
    for accepts in ("br", ""):
        answer = stranger.get(f"/static/any/{path}", headers={"Accept-Encoding": accepts})
        assert answer.status_code == 404
