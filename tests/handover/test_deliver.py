"""What is sent can be verified, arrives at least once, and is tried again for days."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from standardwebhooks import Webhook, WebhookVerificationError

from lms.errors import Conflict
from lms.handover import endpoints
from lms.handover.deliver import LEASE, TRIES, WAITS, claim, deliver_next
from lms.handover.log import DeliveryState, state_of, told
from lms.handover.postman import Postman
from lms.handover.tables import Delivery, Endpoint
from tests.conftest import NOW


@pytest.fixture
def ready_post(post):
    """With one event to deliver."""
    post.endpoint = post.add()
    post.test(post.endpoint)
    return post


def one(post):
    (delivery,) = post.deliveries()
    return delivery


def endpoint_now(post):
    with post.services.database.reading() as session:
        return session.get_one(Endpoint, post.endpoint.id)


def state(post):
    return state_of(one(post), endpoint_now(post), post.now)


def test_the_standards_own_library_verifies_what_is_sent_and_refuses_what_was_changed_or_is_old(ready_post):
    post = ready_post
    post.now = datetime.now(UTC)
    post.deliver()
    ((headers, body),) = post.receiver.got
    hook = Webhook(post.endpoint.secret)
    assert hook.verify(body, headers)["type"] == "webhook.test"
    assert body.decode() == one(post).body
    with pytest.raises(WebhookVerificationError):
        hook.verify(body.replace(b"test", b"tost"), headers)
    with pytest.raises(WebhookVerificationError):
        hook.verify(body, {**headers, "webhook-id": "msg_other"})
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 43 + "=").verify(body, headers)
    # Sent again a day ago, it is too old; the same event, with the same id, signed for the moment it is sent.
    post.now -= timedelta(days=1)
    with post.services.database.transaction() as session:
        session.execute(update(Delivery).values(next_at=post.now, delivered_at=None))
    post.deliver()
    old_headers, old_body = post.receiver.got[1]
    assert (old_headers["webhook-id"], old_body) == (headers["webhook-id"], body)
    with pytest.raises(WebhookVerificationError):
        hook.verify(old_body, old_headers)


def test_while_a_secret_is_replaced_both_sign(ready_post):
    post = ready_post
    post.now = datetime.now(UTC)
    new = post.on(post.endpoint, endpoints.rotate)
    post.deliver()
    headers, body = post.receiver.got[0]
    assert headers["webhook-signature"].count("v1,") == 2
    for secret in (new, post.endpoint.secret):
        Webhook(secret).verify(body, headers)
    with post.services.database.transaction() as session:
        session.execute(update(Endpoint).values(old_secret_until=post.now - timedelta(seconds=1)))
    post.test(post.endpoint)
    post.deliver()
    headers, body = post.receiver.got[1]
    Webhook(new).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(post.endpoint.secret).verify(body, headers)


def test_what_fails_is_tried_again_for_days_then_given_up_and_said(ready_post):
    post = ready_post
    post.receiver.script = [500, 302, *[503] * (TRIES - 2)]
    assert post.deliver() == 1
    assert (one(post).status, one(post).answer, state(post)) == (500, "scripted 500", DeliveryState.AGAIN)
    for number, wait in enumerate(WAITS, start=1):
        post.now += wait - timedelta(seconds=1)
        assert post.deliver() == 0, number
        post.wait(seconds=1)
        assert post.deliver() == 1, number
    assert (one(post).attempts, one(post).next_at, state(post)) == (TRIES, None, DeliveryState.GIVEN_UP)
    assert post.now - NOW > timedelta(days=3)
    assert len({headers["webhook-id"] for headers, _body in post.receiver.got}) == 1
    post.wait(days=30)
    assert post.deliver() == 0
    with post.services.database.reading() as session:
        (row,) = told(session, post.now)
    assert (row.pending, row.given_up, row.last) == (0, 1, None)
    # Staff send it again once the other side is mended: with all its tries, under the same id.
    post.on(post.endpoint, endpoints.send_again, delivery_id=one(post).id)
    assert post.deliver() == 1
    assert (state(post), one(post).attempts) == (DeliveryState.DELIVERED, TRIES + 1)
    assert len({headers["webhook-id"] for headers, _body in post.receiver.got}) == 1


def test_a_receiver_that_is_slow_or_lost_is_told_apart_from_one_that_answers(ready_post):
    post = ready_post
    free = threading.Event()

    def slow(handler):
        time.sleep(1.5)
        free.set()
        handler.send_response(204)
        handler.end_headers()

    post.receiver.script = [slow, lambda _handler: None]
    began = time.monotonic()
    post.deliver()
    assert time.monotonic() - began < 1.4
    assert (one(post).status, "took too long" in one(post).answer) == (None, True)
    assert free.wait(20)  # who is still busy with the first would be slow to lose the second
    post.wait(seconds=5)
    post.deliver()
    assert (one(post).status, "no answer that can be read" in one(post).answer) == (None, True)
    post.wait(minutes=5)
    post.deliver()
    assert (one(post).status, state(post)) == (204, DeliveryState.DELIVERED)


def test_who_says_gone_is_sent_nothing_more_until_staff_take_it_up_again(ready_post):
    post = ready_post
    post.receiver.script = [410]
    post.deliver()
    endpoint = endpoint_now(post)
    assert (endpoint.disabled_because, state(post)) == ("gone", DeliveryState.HELD)
    post.wait(days=2)
    assert post.deliver() == 0
    with pytest.raises(Conflict, match="Take the endpoint up again"):
        post.test(post.endpoint)
    with pytest.raises(Conflict):
        post.on(post.endpoint, endpoints.send_again, delivery_id=one(post).id)
    post.on(post.endpoint, endpoints.resume)
    assert post.deliver() == 1
    assert state(post) is DeliveryState.DELIVERED


def test_what_happens_while_an_endpoint_is_paused_waits(post, ready):
    post.endpoint = post.add()
    post.on(post.endpoint, endpoints.pause)
    ready.grant()
    assert post.collect() == 2
    assert post.deliver() == 0
    post.wait(days=9)
    post.on(post.endpoint, endpoints.resume)
    assert post.deliver() == 2


def test_who_dies_between_sending_and_recording_leaves_it_to_the_next_with_the_same_id(ready_post):
    post = ready_post
    with post.services.database.transaction() as session:
        first = claim(session, now=post.now)
    assert post.deliver() == 0
    post.now += LEASE
    assert post.deliver() == 1
    assert post.receiver.got[0][0]["webhook-id"] == first.event_id
    assert (one(post).attempts, one(post).delivered_at) == (2, post.now)


def test_an_attempt_that_ends_after_somebody_asked_for_another_does_not_undo_that(ready_post):
    post = ready_post

    def meanwhile(handler):
        post.on(post.endpoint, endpoints.send_again, delivery_id=one(post).id)
        handler.send_response(500)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    post.receiver.script = [meanwhile]
    assert post.deliver() == 2
    assert state(post) is DeliveryState.DELIVERED


def test_no_transaction_is_held_while_the_other_side_is_waited_for(ready_post):
    post = ready_post
    written = []

    def write(handler):
        with post.services.database.transaction() as session:
            session.execute(update(Endpoint).values(description="Meanwhile"))
        written.append(True)
        handler.send_response(204)
        handler.end_headers()

    post.receiver.script = [write]
    post.deliver()
    assert (written, one(post).status) == ([True], 204)


def test_several_workers_deliver_each_event_once(post):
    post.endpoint = post.add()
    for _number in range(12):
        post.wait(seconds=1)
        post.test(post.endpoint)
    asked = []

    def work():
        while deliver_next(post.services.database, clock=lambda: post.now, policy=post.policy):
            asked.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [headers["webhook-id"] for headers, _body in post.receiver.got]
    assert (len(asked), len(ids), len(set(ids))) == (12, 12, 12)


def test_a_name_that_came_to_point_into_our_own_network_is_not_asked(ready_post):
    post = ready_post
    post.policy = post.receiver.site.policy(also=())
    post.deliver()
    assert post.receiver.got == []
    assert "not on the public internet" in one(post).answer


def test_a_worker_collects_and_delivers_by_itself(post, ready):
    post.now = datetime.now(UTC) - timedelta(minutes=1)
    post.add()
    ready.grant(now=datetime.now(UTC))
    postman = Postman(post.services.database, post.services.press.issuer, post.policy)
    running = threading.Thread(target=postman.run)
    running.start()
    deadline = time.monotonic() + 10
    while len(post.receiver.got) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    postman.stop()
    running.join(10)
    assert not running.is_alive()
    assert min(json.loads(body)["type"] for _headers, body in post.receiver.got) == "credential.issued"
