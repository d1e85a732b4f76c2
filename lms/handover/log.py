"""What staff look at: who is told, whether it arrives, and what was answered."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.handover.tables import Delivery, Endpoint


class DeliveryState(enum.Enum):
    """WAITS: not tried yet. AGAIN: tried, to be tried again. HELD: not sent while its endpoint is disabled."""

    DELIVERED = "delivered"
    WAITS = "waits"
    AGAIN = "again"
    HELD = "held"
    GIVEN_UP = "given-up"


@dataclass(frozen=True)
class Told:
    """An endpoint, when it last took something, and how many deliveries it has not taken yet or never took."""

    endpoint: Endpoint
    last: datetime | None
    pending: int
    given_up: int


def state_of(delivery: Delivery, endpoint: Endpoint, now: datetime) -> DeliveryState:
    if delivery.delivered_at is not None:
        return DeliveryState.DELIVERED
    if delivery.next_at is None or (delivery.tries_left <= 0 and delivery.next_at <= now):
        return DeliveryState.GIVEN_UP
    if endpoint.disabled_at is not None:
        return DeliveryState.HELD
    return DeliveryState.AGAIN if delivery.attempts else DeliveryState.WAITS


def told(session: Session, now: datetime) -> list[Told]:
    """Every endpoint, oldest first."""
    open_ = Delivery.delivered_at.is_(None)
    over = open_ & (Delivery.next_at.is_(None) | ((Delivery.tries_left <= 0) & (Delivery.next_at <= now)))
    rows = session.execute(
        select(
            Endpoint,
            func.max(Delivery.delivered_at),
            func.count(Delivery.id).filter(open_),
            func.count(Delivery.id).filter(over),
        )
        .outerjoin(Delivery, Delivery.endpoint_id == Endpoint.id)
        .group_by(Endpoint.id)
        .order_by(Endpoint.id)
    )
    return [Told(endpoint, last, not_taken - lost, lost) for endpoint, last, not_taken, lost in rows]


def deliveries(session: Session, endpoint_id: int, *, limit: int, offset: int = 0) -> Sequence[Delivery]:
    """Newest first."""
    return session.scalars(
        select(Delivery)
        .where(Delivery.endpoint_id == endpoint_id)
        .order_by(Delivery.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()


def count_deliveries(session: Session, endpoint_id: int) -> int:
    return (
        session.scalar(select(func.count()).select_from(Delivery).where(Delivery.endpoint_id == endpoint_id))
        or 0
    )
