"""A company that is ready, a receiver elsewhere that answers by script, and an endpoint that is told everything."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from lms.handover import endpoints, events
from lms.handover.collect import collect
from lms.handover.deliver import POST, deliver_next
from lms.handover.tables import Delivery
from lms.outbound import Policy
from tests.conftest import NOW
from tests.elsewhere import serving
from tests.readiness.conftest import crew, ready  # noqa: F401

HOST = "desk.example"


class ScriptedReceiver:
    """Answers each POST with the next of its script, then with 204; keeps what came: (headers, body)."""

    def __init__(self, site):
        self.site, self.script, self.got = site, [], []
        site.pages[HOST, "/hook"] = self._answer

    @property
    def url(self):
        return self.site.url("/hook", host=HOST)

    def _answer(self, handler):
        self.got.append((dict(handler.headers), handler.sent))
        step = self.script.pop(0) if self.script else 204
        if callable(step):
            step(handler)
            return
        body = b"" if step == 204 else f"scripted {step}".encode()
        handler.send_response(step)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


@pytest.fixture(scope="session")
def _elsewhere():
    with serving(HOST) as site:
        yield site


@pytest.fixture
def receiver(_elsewhere):
    return ScriptedReceiver(_elsewhere)


@dataclass
class Post:
    """The delivering side, by a clock that the test moves."""

    services: object
    by: object
    receiver: ScriptedReceiver
    policy: Policy
    now: object = NOW
    made: list = field(default_factory=list)

    def verb(self, act, *given, **named):
        with self.services.database.transaction() as session:
            return act(session, *given, now=self.now, **named)

    def add(self, *names, url=None):
        wished = endpoints.wish(
            url or self.receiver.url, "The desk", names or events.NAMES, policy=self.policy
        )
        return self.verb(endpoints.add, wished, by=self.by)

    def on(self, endpoint, act, **named):
        """A verb on an endpoint as it is now."""
        with self.services.database.transaction() as session:
            found = endpoints.endpoint_of(session, endpoint.id, to_change=True)
            return act(session, found, by=self.by, now=self.now, **named)

    def test(self, endpoint):
        with self.services.database.transaction() as session:
            found = endpoints.endpoint_of(session, endpoint.id)
            issuer = self.services.press.issuer
            return endpoints.send_test(session, issuer, found, by=self.by, now=self.now)

    def collect(self):
        return collect(self.services.database, self.services.press.issuer, now=self.now)

    def deliver(self):
        """Everything that is due. How often the other side was asked."""
        times = 0
        while deliver_next(self.services.database, clock=lambda: self.now, policy=self.policy):
            times += 1
        return times

    def deliveries(self):
        with self.services.database.reading() as session:
            return session.query(Delivery).order_by(Delivery.id).all()

    def wait(self, **given):
        self.now += timedelta(**given)


@pytest.fixture
def post(ready, receiver, _elsewhere):  # noqa: F811
    policy = _elsewhere.policy(seconds=1.0, redirects=POST.redirects)
    return Post(ready.services, ready.sofia, receiver, policy)
