"""A folder, served as a good host of static files does it: compressed ahead, kept by browsers for a year. Our site's server serves it."""

import mimetypes
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.site import REPOSITORY, free_port

FOLDER = "BENCH_FOLDER"
TYPES = {".mjs": "text/javascript", ".wasm": "application/wasm", ".ipynb": "application/json"}


def app(environ, start_response):
    """WSGI. A file has its compressed copy beside it."""
    root = Path(os.environ[FOLDER])
    path = (root / environ["PATH_INFO"].lstrip("/")).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        start_response("404 Not Found", [("Content-Length", "0")])
        return []
    kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    headers = [("Content-Type", kind), ("Cache-Control", "public, max-age=31536000, immutable")]
    if "br" in environ.get("HTTP_ACCEPT_ENCODING", ""):
        path = path.with_name(f"{path.name}.br")
        headers.append(("Content-Encoding", "br"))
    data = path.read_bytes()
    start_response("200 OK", [*headers, ("Content-Length", str(len(data)))])
    return [data]


@contextmanager
def serving_folder(folder: Path) -> Iterator[int]:
    """The port at which it is served."""
    port = free_port()
    process = subprocess.Popen(
        [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
            "--blocking-threads", "4", "--backpressure", "64", "--no-ws", "--log-level", "warning", "tests.benchmarks.static:app",
        ],
        cwd=REPOSITORY,
        env={**os.environ, FOLDER: str(folder.resolve())},
    )  # fmt: skip
    try:
        _await(port)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _await(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/index.html", timeout=5).close()
        except urllib.error.URLError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the server of static files did not come up")
