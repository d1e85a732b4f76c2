"""What goes over the wire: a relay between a browser and a server that counts.

Chromium tells of the bytes of a page, but not of all that its workers, frames without an origin and service workers load; here nothing
passes uncounted. What is timed does not go through it.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from socketserver import BaseRequestHandler, ThreadingTCPServer

CHUNK = 1 << 16
HEAD = b" HTTP/1.1\r\n"


@dataclass(frozen=True)
class Count:
    """`received` are bytes from the server, headers and all."""

    requests: int = 0
    received: int = 0

    def since(self, before: "Count") -> "Count":
        return Count(self.requests - before.requests, self.received - before.received)


class Relay(ThreadingTCPServer):
    """At `port`, for the server at the port `server` of this machine."""

    daemon_threads = True
    block_on_close = False  # a browser keeps connections open for as long as it likes

    def __init__(self, server: int) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.port = self.server_address[1]
        self.server = server
        self._counting = threading.Lock()
        self._count = Count()

    def count(self) -> Count:
        """Of everything so far."""
        return self._count

    def asked(self, data: bytes) -> None:
        self._add(Count(requests=data.count(HEAD)))

    def answered(self, data: bytes) -> None:
        self._add(Count(received=len(data)))

    def _add(self, more: Count) -> None:
        with self._counting:
            self._count = Count(self._count.requests + more.requests, self._count.received + more.received)


class _Connection(BaseRequestHandler):
    server: Relay

    def handle(self) -> None:
        with socket.create_connection(("127.0.0.1", self.server.server)) as beyond:
            back = threading.Thread(
                target=_pass, args=(beyond, self.request, self.server.answered), daemon=True
            )
            back.start()
            _pass(self.request, beyond, self.server.asked)
            back.join()


def _pass(source: socket.socket, target: socket.socket, tell: Callable[[bytes], None]) -> None:
    """Until there is no more; and then `target` is told that there is no more."""
    with suppress(OSError):
        while data := source.recv(CHUNK):
            tell(data)
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def relaying(server: int) -> Iterator[Relay]:
    """A relay that serves in threads of its own, for as long as it is needed."""
    with Relay(server) as relay:
        thread = threading.Thread(target=relay.serve_forever, daemon=True)
        thread.start()
        try:
            yield relay
        finally:
            relay.shutdown()
            thread.join()
