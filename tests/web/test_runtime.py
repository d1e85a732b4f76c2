"""Python for the browser, as it is served."""

import gzip
import hashlib
import json
import re

import pytest

from lms.runtime.recipe import shipped
from lms.runtime.standing import Standing, building, tell

WASM = b"\0asm" + bytes(1000)


@pytest.fixture
def runtime(site):
    """A made-up runtime where the site looks for one."""
    folder = site.settings.runtime / shipped().id
    folder.mkdir(parents=True)
    (folder / "pyodide.asm.wasm").write_bytes(WASM)
    (folder / "pyodide.asm.wasm.gz").write_bytes(gzip.compress(WASM))
    (folder / "pyodide.asm.wasm.br").write_bytes(b"pressed")
    (folder / "pyodide.asm.wasm.zst").write_bytes(b"pressed better")
    (folder / "secret").write_text("not in the manifest")
    files = {"pyodide.asm.wasm": {"sha256": hashlib.sha256(WASM).hexdigest(), "size": len(WASM)}}
    (folder / "manifest.json").write_text(
        json.dumps(
            {
                "build": "b1",
                "python": "3.14.0",
                "pyodide": "314",
                "files": files,
                "standard": [],
                "imports": [],
                "packages": {},
                "science": False,
            }
        )
    )
    return folder


ADDRESS = "/runtime/b1/pyodide.asm.wasm"


def test_a_file_is_for_everybody_and_for_ever(runtime, stranger):
    stranger.set_cookie("session", "somebody's")
    answer = stranger.get(ADDRESS, headers={"Accept-Encoding": "identity"}, buffered=True)
    assert answer.data == WASM
    assert answer.content_type == "application/wasm"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("accepts", "encoding"),
    [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("", None),
        ("compress", None),
    ],
)
def test_it_comes_in_the_best_encoding_the_browser_takes(runtime, stranger, accepts, encoding):
    answer = stranger.get(ADDRESS, headers={"Accept-Encoding": accepts}, buffered=True)
    assert answer.headers.get("Content-Encoding") == encoding
    data = gzip.decompress(answer.data) if encoding == "gzip" else answer.data
    assert data == {"zstd": b"pressed better", "br": b"pressed"}.get(encoding, WASM)
    assert answer.content_type == "application/wasm"


@pytest.mark.parametrize(
    "address",
    [
        "/runtime/b2/pyodide.asm.wasm",
        "/runtime/b1/secret",
        "/runtime/b1/manifest.json",
        "/runtime/b1/..%2fsecret",
        "/runtime/b1/pyodide.asm.wasm.br",
    ],
)
def test_nothing_else_is_served(runtime, stranger, address):
    assert len(stranger.get(ADDRESS, buffered=True).data) > 0
    assert stranger.get(address).status_code == 404


def test_the_frame_has_no_network_no_origin_and_no_page_but_ours_around_it(stranger):
    answer = stranger.get("/runtime/frame")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none'; script-src http://")
    assert "connect-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "'self'" not in policy.split("script-src")[1].split(";")[0]
    assert answer.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert re.search(r'src="http://localhost/static/[0-9a-f]+/notebook/frame.js"', answer.text)


def test_a_page_that_waits_is_told_how_far_it_is(site, visitor):
    root, client = site.settings.runtime, visitor("Ada")
    assert client.get("/runtime").json["state"] == "missing"
    with building(root):
        tell(root, Standing("building", "Compressing", 70, 100))
        told = client.get("/runtime").json
        assert (told["state"], told["step"], told["done"], told["of"]) == ("building", "Compressing", 70, 100)
    assert client.get("/runtime").json["state"] == "failed"


def test_it_is_found_as_soon_as_it_is_there(site, visitor, request):
    client = visitor("Ada")
    assert client.get("/runtime").json["url"] == ""
    request.getfixturevalue("runtime")
    assert client.get("/runtime").json["url"] == "/runtime/b1/"
