"""What compute nodes may fetch and bring: one result a token, for the delivery it was given for, and nothing that does not fit."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import update

from lms.labs import queue
from lms.labs.engines import tickets
from lms.labs.engines.tables import Ticket
from lms.labs.engines.wire import MOST_VERDICT, TYPE, Beat, Verdict, encode, read_task
from lms.labs.files import executed
from lms.labs.report import CellResult, Report
from lms.labs.tables import Grading
from lms.labs.version import grader_version
from tests.conftest import new_person
from tests.steps import at_once, hand_in, notebook

LEASE = timedelta(seconds=30)
REPORT = Report(
    6.0,
    10.0,
    "graded",
    (
        CellResult("test-add", "auto", 3.0, 3.0),
        CellResult("test-more", "auto", 3.0, 3.0),
        CellResult("why", "manual", None, 4.0),
    ),
    executed={"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5},
)


def now():
    return datetime.now(UTC)


class Node:
    """A compute node with the token of one grading."""

    def __init__(self, site, client, held, token):
        self.site, self.client, self.held, self.token = site, client, held, token

    def send(self, method, path, body=None, token=None):
        headers = {"Authorization": f"Bearer {token or self.token}"}
        data = body if body is None or isinstance(body, bytes) else encode(body)
        return self.client.open(f"/node/{path}", method=method, data=data, headers=headers, content_type=TYPE)

    def bring(self, verdict=None, **given):
        return self.send("POST", "verdict", verdict or Verdict(report=REPORT), **given)

    @property
    def grading(self):
        with self.site.database.reading() as session:
            return session.get_one(Grading, self.held.grading_id)

    @property
    def ticket(self):
        with self.site.database.reading() as session:
            return session.query(Ticket).filter_by(delivery=self.held.delivery).one()

    def change(self, table, **values):
        with self.site.database.transaction() as session:
            session.execute(update(table).values(**values))


@pytest.fixture
def site(services):
    """On both databases: what happens at once depends on them."""
    return services


@pytest.fixture
def node(site, app):
    """With the form token asked for as in earnest."""
    hand_in(site, new_person(site, "Ada"))
    return dispatched(site, app)


def dispatched(site, app):
    with site.database.transaction() as session:
        held = queue.claim(session, "dispatcher", lease=LEASE, now=now())
        array = tickets.issue(session, [held], now=now())
    return Node(site, app.test_client(), held, array.tokens[0])


def test_a_node_fetches_its_grading_tells_how_far_it_is_and_brings_the_result_once(node, tmp_path):
    answer = node.send("GET", "task")
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, TYPE, "no-store")
    given = read_task(answer.data, tmp_path, grader=grader_version())
    assert given.submission == notebook()
    assert set(given.exercise.files) == {"numbers.txt"}
    lease, claimed = node.grading.lease_until, node.grading.started_at
    for phase in ("graft", None, "run"):
        assert node.send("POST", "beat", Beat("1_0", "n1", phase)).status_code == 204
    assert [name for name, _at in node.grading.phases] == ["queued", "graft", "run"]
    assert node.grading.lease_until > lease
    assert node.grading.started_at > claimed, "the time in Slurm's queue is waiting"
    assert (node.ticket.task, node.ticket.node, node.grading.worker) == ("1_0", "n1", "slurm:n1")
    assert node.bring().status_code == 204
    graded = node.grading
    assert (graded.state, graded.outcome, graded.score) == ("done", "graded", 6.0)
    with node.site.database.reading() as session:
        assert executed(session, graded.id).startswith(b'{"cells"')
    again = node.bring(Verdict(report=REPORT))
    assert (again.status_code, again.mimetype) == (409, "text/plain")
    assert "good for one result" in again.text
    for method, path, body in (("GET", "task", None), ("POST", "beat", Beat("", "", "run"))):
        assert node.send(method, path, body).status_code == 409
    assert node.grading.graded_at == graded.graded_at


def test_of_two_results_at_the_same_moment_one_is_taken(node, app):
    def bring(_number):
        return Node(node.site, app.test_client(), node.held, node.token).bring().status_code

    assert sorted(at_once(4, bring)) == [204, 409, 409, 409]
    assert (node.grading.state, node.grading.score) == ("done", 6.0)


def test_who_shows_no_token_or_a_wrong_one_is_refused_and_changes_nothing(node, site, app):
    for method, path, body in (
        ("GET", "task", None),
        ("POST", "beat", Beat("", "", None)),
        ("POST", "verdict", Verdict(report=REPORT)),
    ):
        assert node.send(method, path, body, token="forged").status_code == 403
        assert node.send(method, path, body, token=node.ticket.token_hash).status_code == 403
        bare = app.test_client().open(f"/node/{path}", method=method)
        assert (bare.status_code, bare.text) == (403, "Compute nodes show the token of their task here.\n")
        in_address = app.test_client().open(f"/node/{path}?token={node.token}", method=method)
        assert in_address.status_code == 403
    assert (node.grading.state, node.ticket.started_at, node.ticket.ended_at) == ("running", None, None)


def test_a_token_speaks_for_its_own_delivery_only(node, site, app):
    node.change(Grading, lease_until=now() - LEASE)
    with site.database.transaction() as session:
        queue.free_the_abandoned(session, now=now())
    assert node.bring().status_code == 409
    after = dispatched(site, app)
    for method, path, body in (("GET", "task", None), ("POST", "beat", Beat("", "", None))):
        assert "given to somebody else" in node.send(method, path, body).text
    assert node.bring().status_code == 409
    assert node.grading.state == "running"
    assert after.bring().status_code == 204
    assert (after.grading.score, after.grading.delivery) == (6.0, 2)


def test_a_token_expires(node):
    node.change(Ticket, expires_at=now())
    assert node.bring().status_code == 409
    assert "expired" in node.send("GET", "task").text
    node.change(Ticket, expires_at=now() + LEASE)
    assert node.bring().status_code == 204


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"\x80\x04K\x01.", 422),
        (b"csrf_token=x&report=1", 422),
        (encode(Verdict(report=Report(10.0, 10.0, "graded", ()))), 422),
        (msgspec.msgpack.encode({"report": {**msgspec.to_builtins(REPORT), "score": float("inf")}}), 422),
        (b"\xc6" + (MOST_VERDICT).to_bytes(4) + b"x" * MOST_VERDICT, 413),
    ],
)
def test_a_malformed_or_oversized_result_is_refused_and_the_right_one_still_taken(node, body, status):
    refused = node.send("POST", "verdict", body)
    assert (refused.status_code, refused.mimetype) == (status, "text/plain")
    assert (node.grading.state, node.ticket.ended_at) == ("running", None)
    assert node.bring().status_code == 204


def test_an_oversized_sign_of_life_is_refused(node):
    assert node.send("POST", "beat", b"x" * 5000).status_code == 413
    assert node.send("POST", "beat", Beat("1_0", "n1", "run")).status_code == 204


def test_a_node_that_cannot_grade_says_why_and_the_grading_goes_to_another(node, site, app):
    assert node.bring(Verdict(trouble="bubblewrap (bwrap) is missing.")).status_code == 204
    assert (node.grading.state, node.grading.outcome) == ("queued", None)
    assert node.ticket.trouble == "bubblewrap (bwrap) is missing."
    assert node.bring().status_code == 409
    assert dispatched(site, app).bring().status_code == 204


def test_what_no_node_can_grade_is_set_aside_for_staff_and_costs_no_attempt(node, site, app):
    assert node.bring(Verdict(trouble="no room")).status_code == 204
    for _ in range(queue.MOST_DELIVERIES - 1):
        assert dispatched(site, app).bring(Verdict(trouble="no room")).status_code == 204
    assert node.grading.state == "stuck"


def test_a_delivery_that_never_began_is_no_try(node, site):
    for _ in range(queue.MOST_DELIVERIES + 1):
        with site.database.transaction() as session:
            ((ticket, _grading),) = tickets.live(session)
            tickets.give_up(session, ticket, "refused", spared=True, now=now())
            held = queue.claim(session, "dispatcher", lease=LEASE, now=now())
            tickets.issue(session, [held], now=now())
    assert (node.grading.state, node.grading.delivery) == ("running", queue.MOST_DELIVERIES + 2)
