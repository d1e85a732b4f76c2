"""`lms handover` from a terminal, and the receiver that the documentation shows."""

import re
import sys
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from lms.cli.handover import handover
from lms.handover.postman import Postman
from tests.conftest import REPOSITORY


@pytest.fixture
def services(site):
    """A terminal needs one database only."""
    return site


def documented():
    text = (REPOSITORY / "docs" / "HANDOVER.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    made = {}
    exec(code, made)
    return made["is_genuine"]


def test_what_is_due_is_sent_from_a_terminal_and_the_documented_receiver_believes_it(post, site, monkeypatch):
    post.now = datetime.now(UTC)
    endpoint = post.add()
    post.test(endpoint)

    class Services:
        def postman(self):
            return Postman(site.database, site.press.issuer, post.policy)

    @contextmanager
    def these():
        yield Services()

    monkeypatch.setattr(sys.modules["lms.cli.handover"], "services", these)
    assert CliRunner().invoke(handover).output == "1 delivery was tried.\n"
    assert CliRunner().invoke(handover).output == "0 deliveries were tried.\n"
    ((headers, body),) = post.receiver.got
    lower, is_genuine = {name.lower(): value for name, value in headers.items()}, documented()
    assert is_genuine(endpoint.secret, lower, body)
    assert not is_genuine(endpoint.secret, lower, body + b" ")
    assert not is_genuine(endpoint.secret, {**lower, "webhook-timestamp": "1700000000"}, body)
