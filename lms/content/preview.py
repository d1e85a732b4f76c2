"""A draft served to its author. Changed files are read again and the page reloads. No database, and only this machine can reach it."""

import mimetypes
import threading
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from lms.content.draft import Draft

STATIC = Path(__file__).parent.parent / "web" / "static"

# The real site's policy: what would not work there does not work here.
_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'"
_RELOAD = b"new EventSource('/events').addEventListener('changed', () => location.reload());\n"


def serve(root: Path, port: int, on_ready: Callable[[str, Callable[[], None]], None]) -> None:
    """Serves until interrupted, on 127.0.0.1 only; port 0 takes a free one. `on_ready` is told the address, and given what
    ends the serving.
    """
    draft, stop = Draft(root), threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, draft)) as server:
        server.daemon_threads = True
        watcher = threading.Thread(target=draft.follow, args=(stop,), daemon=True)
        watcher.start()
        on_ready(f"http://127.0.0.1:{server.server_port}/", server.shutdown)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            stop.set()
            watcher.join()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, draft: Draft, *args: object) -> None:
        self.draft = draft
        super().__init__(*args)  # type: ignore[arg-type]  # as the server calls it

    def do_GET(self) -> None:
        # A page on the internet whose name is made to point here must not read an author's drafts.
        if self.headers.get("Host", "").rpartition(":")[0] not in {"127.0.0.1", "localhost"}:
            self._answer(403, b"Open this page as 127.0.0.1.", "text/plain")
            return
        path = self.path.split("?")[0]
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        if path == "/events":
            self._events()
        elif path == "/reload.js":
            self._answer(200, _RELOAD, "text/javascript")
        elif path.startswith("/assets/"):
            self._answer_if(self.draft.asset(path.removeprefix("/assets/")), kind)
        elif path.startswith("/static/"):
            file = (STATIC / path.removeprefix("/static/")).resolve()
            self._answer_if(
                file.read_bytes() if file.is_relative_to(STATIC) and file.is_file() else None, kind
            )
        else:
            page = self.draft.page(path)
            self._answer_if(page.encode() if page else None, "text/html; charset=utf-8")

    def _answer_if(self, body: bytes | None, kind: str) -> None:
        self._answer(
            404 if body is None else 200, body or b"There is no such page.", kind if body else "text/plain"
        )

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def _events(self) -> None:
        """Tells the page when to load itself again; a comment now and then finds out whether it is still there."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        edition = self.draft.edition
        try:
            while True:
                changed = self.draft.wait(edition, seconds=15)
                self.wfile.write(b"event: changed\ndata: \n\n" if changed else b": still here\n\n")
                self.wfile.flush()
                edition = self.draft.edition
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Authors look at the page, not at a log."""
