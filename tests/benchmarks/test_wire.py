"""The relay that counts."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.benchmarks.wire import Count, relaying

BODY = b"x" * 100_000
HEADERS = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.wfile.write(HEADERS + BODY)

    def log_message(self, *arguments):
        """Says nothing."""


@pytest.fixture
def server():
    with HTTPServer(("127.0.0.1", 0), Answering) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield made.server_port
        made.shutdown()
        thread.join()


def test_every_byte_that_comes_back_is_counted_headers_and_all(server):
    with relaying(server) as relay:
        connection = http.client.HTTPConnection("127.0.0.1", relay.port)
        for number in range(1, 4):
            connection.request("GET", "/")
            assert connection.getresponse().read() == BODY
            assert relay.count() == Count(number, number * len(HEADERS + BODY))
        before = relay.count()
        connection.request("GET", "/")
        connection.getresponse().read()
        assert relay.count().since(before) == Count(1, len(HEADERS + BODY))
        connection.close()
