"""Python for the browser: its files, the frame it runs in, and whether it is there yet."""

from flask import Blueprint, Response, request, send_file, url_for

from lms.errors import NotFound
from lms.runtime.built import PRESSED, Built
from lms.runtime.standing import standing
from lms.web.compression import taken
from lms.web.filters import asset
from lms.web.front import YEAR
from lms.web.request import services
from lms.words import gettext as _

pages = Blueprint("runtime", __name__)

TYPES = {".mjs": "text/javascript", ".wasm": "application/wasm", ".json": "application/json"}

FOR_ANYBODY = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}
"""What the frame needs to be given files at all: its origin is nobody's, so it asks as a stranger from elsewhere, without cookies."""


@pages.get("/runtime")
def state() -> dict[str, object]:
    """How far it is, as JSON, for a page that waits."""
    stands = standing(services().settings.runtime)
    return {
        **told(services().runtime()),
        "state": stands.state,
        "step": _step_words(stands.step),
        "done": stands.done,
        "of": stands.of,
        "message": stands.message,
    }


def told(built: Built | None) -> dict[str, object]:
    """Where the files of a build are, and their sizes in bytes; for a page that fetches them."""
    if built is None:
        return {"url": "", "files": {}}
    return {
        "url": url_for("runtime.file", build=built.build, name="-").removesuffix("-"),
        "files": {name: {"size": each.size} for name, each in built.files.items()},
    }


@pages.get("/runtime/frame")
def frame() -> Response:
    """The document that Python's worker lives in, and all its rights: its own script, the runtime's files and WebAssembly. No network, no
    origin, no storage, no forms, no windows.
    """
    site = request.host_url.rstrip("/")
    script = site + asset("notebook/frame.js")
    response = Response(
        f'<!doctype html><html lang="en"><title>Python</title><script src="{script}"></script></html>'
    )
    response.headers["Content-Security-Policy"] = (
        f"sandbox allow-scripts; default-src 'none'; script-src {script} {site}{url_for('runtime.state')}/ 'wasm-unsafe-eval'; "
        "worker-src data:; connect-src 'none'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
    )
    response.headers.update(FOR_ANYBODY)
    response.headers["Cache-Control"] = "no-cache"
    return response


@pages.get("/runtime/<build>/<name>")
def file(build: str, name: str) -> Response:
    """One file of a build, for ever the same."""
    built = services().runtime()
    if built is None or build != built.build or name not in built.files:
        raise NotFound(_("There is no such file."))
    encoding = taken(PRESSED)
    path = built.folder / (name + PRESSED[encoding] if encoding else name)
    response = send_file(
        path, mimetype=TYPES.get(path.with_name(name).suffix, "application/octet-stream"), etag=False
    )
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    response.headers.update(FOR_ANYBODY)
    return response


def _step_words(step: str) -> str:
    return {
        "Getting the build tools": _("Getting the build tools"),
        "Getting the packages": _("Getting the packages"),
        "Getting Pyodide": _("Getting Pyodide"),
        "Compiling to byte code": _("Compiling to byte code"),
        "Starting Python once": _("Starting Python once"),
        "Compressing": _("Compressing"),
    }.get(step, step)
