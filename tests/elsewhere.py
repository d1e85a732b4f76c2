"""Somebody else's site on this machine: names that exist nowhere, served over TLS from 127.0.0.1, and a policy that lets them be asked."""

import ipaddress
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import trustme

from lms.outbound import Policy

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


class Elsewhere:
    """Hosts under `names`. `pages` maps (host, path) to (status, headers, body) or a function of the handler."""

    def __init__(self, names, port, authority):
        self.names, self.port, self.pages, self.asked = names, port, {}, []
        self.looked_up = []
        self._authority = authority

    def policy(self, **given):
        """A Policy that finds these hosts on this machine, and believes their certificates."""
        known = {
            "ports": frozenset({self.port}),
            "also": LOOPBACK,
            "look_up": self.look_up,
            "trust": self.trust,
            "seconds": 5.0,
        }
        return Policy(**{**known, **given})

    def look_up(self, host, _port):
        self.looked_up.append(host)
        if host not in self.names:
            raise OSError(f"no such host: {host}")
        return ["127.0.0.1"]

    def trust(self):
        context = ssl.create_default_context()
        self._authority.configure_trust(context)
        return context

    def url(self, path="/", host=None):
        return f"https://{host or self.names[0]}:{self.port}{path}"


@contextmanager
def serving(*names, certified=None):
    """Serve `names` with a certificate for `certified` (the same names unless said)."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*(certified or names)).configure_cert(context)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self._answer()

        def do_POST(self):
            self._answer()

        def _answer(self):
            host = self.headers["Host"].partition(":")[0]
            self.sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            site.asked.append((self.command, host, self.path, dict(self.headers), self.sent))
            page = site.pages.get((host, self.path), (404, {}, b""))
            if callable(page):
                page(self)
                return
            status, headers, body = page
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Nothing on the terminal."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def finish_request(self, request, client):
            # In the thread of this connection: a client that refuses the certificate holds nobody else up.
            try:
                wrapped = context.wrap_socket(request, server_side=True)
            except (OSError, ValueError):
                return
            try:
                super().finish_request(wrapped, client)
            except OSError:  # it went away
                return
            finally:
                wrapped.close()

        def handle_error(self, *_):
            """Nothing on the terminal."""

    server = Server(("127.0.0.1", 0), Handler)
    site = Elsewhere(names, server.server_port, authority)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
