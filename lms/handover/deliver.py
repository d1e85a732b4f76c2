"""Deliveries, claimed one at a time, posted, and recorded.

Nothing is locked while the other side is waited for: who claims a delivery holds it by a lease. One that dies in between leaves it to the
next, so that everything arrives at least once, and what arrives twice has the same `webhook-id`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from lms import audit, outbound
from lms.db import Database
from lms.errors import SlipwayError
from lms.handover import sign
from lms.handover.tables import Delivery, Endpoint
from lms.outbound import Policy

WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=each) for each in (2, 5, 10, 14, 20, 24)),
)
"""Before each further try: over three days in all."""
TRIES = len(WAITS) + 1
LEASE = timedelta(minutes=2)
POST = replace(outbound.POLICY, seconds=15.0, redirects=0)
GONE = 410
MOST_ANSWER = 300


@dataclass(frozen=True)
class Parcel:
    """One attempt at a delivery. `secrets` are those it is signed with."""

    delivery_id: int
    attempt: int
    tries_left: int
    url: str
    event_id: str
    body: bytes
    secrets: tuple[str, ...]


@dataclass(frozen=True)
class Receipt:
    """What the other side said: `status` is None when it gave no answer, and `answer` then says why."""

    status: int | None
    answer: str

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def deliver_next(
    database: Database, *, clock: Callable[[], datetime], policy: Policy = POST
) -> Receipt | None:
    """Try the delivery that has been due longest. None when none is."""
    with database.transaction() as session:
        parcel = claim(session, now=clock())
    if parcel is None:
        return None
    receipt = post(parcel, policy=policy, now=clock())
    with database.transaction() as session:
        settle(session, parcel, receipt, now=clock())
    return receipt


def claim(session: Session, *, now: datetime) -> Parcel | None:
    """Take what has been due longest, of endpoints that are not disabled. Commit at once: others wait."""
    due = (
        (Delivery.next_at <= now)
        & (Delivery.tries_left > 0)
        & Delivery.endpoint_id.in_(select(Endpoint.id).where(Endpoint.disabled_at.is_(None)))
    )
    pick = (
        select(Delivery.id)
        .where(due)
        .order_by(Delivery.next_at, Delivery.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Delivery)  # as the grading queue does
    )
    taken = session.scalar(
        update(Delivery)
        .where(Delivery.id == pick.scalar_subquery(), Delivery.next_at <= now)
        .values(
            next_at=now + LEASE,
            tries_left=Delivery.tries_left - 1,
            attempts=Delivery.attempts + 1,
            tried_at=now,
        )
        .returning(Delivery.id)
    )
    if taken is None:
        return None
    delivery = session.get_one(Delivery, taken, populate_existing=True)
    endpoint = session.get_one(Endpoint, delivery.endpoint_id)
    return Parcel(
        delivery.id,
        delivery.attempts,
        delivery.tries_left,
        endpoint.url,
        delivery.event_id,
        delivery.body.encode(),
        secrets_of(endpoint, now=now),
    )


def post(parcel: Parcel, *, policy: Policy, now: datetime) -> Receipt:
    """Send it, and take what is answered. Redirects are not followed."""
    headers = {
        "Content-Type": "application/json",
        **sign.headers(parcel.secrets, parcel.event_id, parcel.body, now=now),
    }
    try:
        answer = outbound.request("POST", parcel.url, headers=headers, body=parcel.body, policy=policy)
    except SlipwayError as refusal:
        return Receipt(None, refusal.message[:MOST_ANSWER])
    text = answer.body[: 4 * MOST_ANSWER].decode(errors="replace")
    return Receipt(
        answer.status, "".join(each if each.isprintable() else " " for each in text)[:MOST_ANSWER].strip()
    )


def settle(session: Session, parcel: Parcel, receipt: Receipt, *, now: datetime) -> bool:
    """Record an attempt. False when it was not waited for any more: it was claimed anew, or is replayed."""
    delivery = session.get_one(Delivery, parcel.delivery_id, with_for_update=True, populate_existing=True)
    is_current = (delivery.attempts, delivery.tries_left) == (parcel.attempt, parcel.tries_left)
    if not is_current or delivery.next_at is None:
        return False
    delivery.status, delivery.answer = receipt.status, receipt.answer
    if receipt.is_taken:
        delivery.delivered_at, delivery.next_at = now, None
        return True
    left = delivery.tries_left
    delivery.next_at = now + WAITS[len(WAITS) - left] if left > 0 else None
    if receipt.status == GONE:
        _disable_gone(session, delivery.endpoint_id, now=now)
    return True


def replay(session: Session, delivery: Delivery, *, by: int, now: datetime) -> None:
    """Send it again from the beginning, under the same `webhook-id`."""
    delivery.next_at, delivery.delivered_at, delivery.tries_left = now, None, TRIES
    audit.record(
        session,
        "delivery.replayed",
        f"webhook:{delivery.endpoint_id}",
        actor_id=by,
        now=now,
        detail={"event": delivery.event_id},
    )


def secrets_of(endpoint: Endpoint, *, now: datetime) -> tuple[str, ...]:
    """What is signed with now: while a secret is being replaced, the old one too."""
    if endpoint.old_secret is None or endpoint.old_secret_until is None or endpoint.old_secret_until <= now:
        return (endpoint.secret,)
    return (endpoint.secret, endpoint.old_secret)


def _disable_gone(session: Session, endpoint_id: int, *, now: datetime) -> None:
    changed = session.execute(
        update(Endpoint)
        .where(Endpoint.id == endpoint_id, Endpoint.disabled_at.is_(None))
        .values(disabled_at=now, disabled_because="gone")
    )
    assert isinstance(changed, CursorResult)
    if changed.rowcount:
        audit.record(session, "webhook.gone", f"webhook:{endpoint_id}", actor_id=None, now=now)
