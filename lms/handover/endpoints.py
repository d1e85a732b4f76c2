"""Where it is told: added, paused, taken up again, given another secret, tried out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms import audit, outbound
from lms.certification.credential import Issuer
from lms.errors import Conflict, Invalid, NotFound, SlipwayError
from lms.handover import events, sign
from lms.handover.deliver import POST, TRIES, replay
from lms.handover.tables import Delivery, Endpoint
from lms.outbound import Policy
from lms.people.viewer import Viewer
from lms.words import gettext as _

BOTH_SIGN = timedelta(hours=24)
"""How long the old secret still signs after a rotation."""


@dataclass(frozen=True)
class Wish:
    """An address that may be asked, and what it wants to be told."""

    url: str
    description: str
    events: tuple[str, ...]


def wish(url: str, description: str, names: Sequence[str], *, policy: Policy = POST) -> Wish:
    """Raises Invalid with a sentence for each field that cannot be accepted: an address within our own network, say. It asks the name
    server, so no transaction is to be open.
    """
    fields, known = {}, tuple(each for each in events.NAMES if each in names)
    try:
        url = outbound.judge(url.strip(), policy)
    except SlipwayError as refusal:
        fields["url"] = refusal.message
    if not known:
        fields["events"] = _("Choose what it shall be told.")
    if len(description.strip()) > 200:
        fields["description"] = _("At most 200 characters, please.")
    if fields:
        raise Invalid(_("The endpoint was not added."), fields)
    return Wish(url, description.strip(), known)


def add(session: Session, wished: Wish, *, by: Viewer, now: datetime) -> Endpoint:
    """Tell it what happens from now on. Its secret is on it, to be shown once."""
    endpoint = Endpoint(
        url=wished.url,
        description=wished.description,
        events=list(wished.events),
        secret=sign.new_secret(),
        created_by=by.id,
        created_at=now,
    )
    session.add(endpoint)
    session.flush()
    _record(session, "webhook.added", endpoint, by, now, {"url": wished.url, "events": list(wished.events)})
    return endpoint


def pause(session: Session, endpoint: Endpoint, *, by: Viewer, now: datetime) -> None:
    """Send nothing until it is taken up again; what happens meanwhile waits. Twice is once."""
    if endpoint.disabled_at is None:
        endpoint.disabled_at, endpoint.disabled_because = now, "paused"
        _record(session, "webhook.paused", endpoint, by, now)


def resume(session: Session, endpoint: Endpoint, *, by: Viewer, now: datetime) -> None:
    """Send again, at once what waited. Twice is once."""
    if endpoint.disabled_at is None:
        return
    endpoint.disabled_at, endpoint.disabled_because = None, ""
    session.execute(
        update(Delivery)
        .where(Delivery.endpoint_id == endpoint.id, Delivery.next_at > now)
        .values(next_at=now, tries_left=TRIES)
    )
    _record(session, "webhook.resumed", endpoint, by, now)


def rotate(session: Session, endpoint: Endpoint, *, by: Viewer, now: datetime) -> str:
    """Another secret, to be shown once. The one before signs beside it for BOTH_SIGN."""
    endpoint.old_secret, endpoint.old_secret_until = endpoint.secret, now + BOTH_SIGN
    endpoint.secret = sign.new_secret()
    _record(session, "webhook.secret_rotated", endpoint, by, now)
    return endpoint.secret


def send_test(session: Session, issuer: Issuer, endpoint: Endpoint, *, by: Viewer, now: datetime) -> Delivery:
    """An event that tells nothing. Raises Conflict while the endpoint is disabled: nobody would see it arrive."""
    if endpoint.disabled_at is not None:
        raise Conflict(_("Nothing is sent there now. Take the endpoint up again first."))
    delivery = Delivery(
        endpoint_id=endpoint.id,
        event_id=events.event_id(issuer.base_url, f"test/{endpoint.id}", by.id, now),
        type=events.TEST,
        body=events.body_of(events.TEST, now, {"issuer": events.issuer_of(issuer)}),
        created_at=now,
        tries_left=TRIES,
        next_at=now,
    )
    session.add(delivery)
    session.flush()
    return delivery


def send_again(session: Session, endpoint: Endpoint, delivery_id: int, *, by: Viewer, now: datetime) -> None:
    """Replay a delivery of this endpoint, delivered or not. Raises NotFound, or Conflict while the endpoint is disabled."""
    delivery = session.scalar(
        select(Delivery)
        .where(Delivery.id == delivery_id, Delivery.endpoint_id == endpoint.id)
        .with_for_update()
    )
    if delivery is None:
        raise NotFound(_("There is no such delivery."))
    if endpoint.disabled_at is not None:
        raise Conflict(_("Nothing is sent there now. Take the endpoint up again first."))
    replay(session, delivery, by=by.id, now=now)


def endpoint_of(session: Session, endpoint_id: int, *, to_change: bool = False) -> Endpoint:
    """Raises NotFound. `to_change` locks it."""
    found = session.get(Endpoint, endpoint_id, with_for_update=to_change)
    if found is None:
        raise NotFound(_("There is no such endpoint."))
    return found


def _record(
    session: Session,
    action: str,
    endpoint: Endpoint,
    by: Viewer,
    now: datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    audit.record(session, action, f"webhook:{endpoint.id}", actor_id=by.id, now=now, detail=detail)
