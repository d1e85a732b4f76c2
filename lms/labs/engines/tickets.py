"""Tickets: issued with an array, shown by its tasks, ended once. The grading row stays the truth; they only say who may speak for it."""

import hashlib
import json
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lms.errors import Conflict, Forbidden
from lms.labs import queue
from lms.labs.queue import Claim
from lms.labs.report import Report
from lms.labs.tables import Grading
from lms.labs.worker import as_json
from lms.words import gettext as _

from .cluster import Array
from .tables import Ticket

GOOD_FOR = timedelta(days=3)
KEPT_FOR = timedelta(days=30)
AVOIDED_FOR = timedelta(minutes=15)
MOST_TROUBLE = 500
MOST_SHOWN = 20


def issue(session: Session, held: Sequence[Claim], *, now: datetime) -> Array:
    """A ticket for each claim. The tokens are in what is returned and nowhere else."""
    array = Array(secrets.token_hex(8), tuple(secrets.token_urlsafe(32) for _claim in held))
    session.add_all(
        Ticket(
            grading_id=claim.grading_id,
            delivery=claim.delivery,
            token_hash=_hashed(token),
            batch=array.batch,
            number=number,
            issued_at=now,
            expires_at=now + GOOD_FOR,
        )
        for number, (claim, token) in enumerate(zip(held, array.tokens, strict=True))
    )
    return array


def shown(session: Session, token: str, *, now: datetime, to_change: bool = False) -> Ticket:
    """The ticket whose token this is, when it may still speak for its grading.

    Raises Forbidden when there is none, and Conflict when its time is over: it brought its result, it expired, or the grading was
    given to somebody else. `to_change` locks it, so that of two that show the same token one comes second.
    """
    ask = select(Ticket).where(Ticket.token_hash == _hashed(token))
    ticket = session.scalar(ask.with_for_update() if to_change else ask)
    if ticket is None:
        raise Forbidden(_("No grading has this token."))
    if ticket.ended_at is not None:
        raise Conflict(_("This token was used, or its task was given up: it is good for one result."))
    if ticket.expires_at <= now:
        raise Conflict(_("This token has expired."))
    grading = session.get_one(Grading, ticket.grading_id, with_for_update=to_change)
    if grading.state != "running" or grading.delivery != ticket.delivery:
        raise Conflict(_("This grading was given to somebody else by now."))
    return ticket


def beat(
    session: Session,
    ticket: Ticket,
    *,
    task: str,
    node: str,
    phase: str | None,
    lease: timedelta,
    now: datetime,
) -> None:
    """The task lives: keep its lease, and tell the page how far it is."""
    held = claim_of(ticket)
    if ticket.started_at is None:
        ticket.started_at, ticket.task, ticket.node = now, task, node
        grading = session.get_one(Grading, ticket.grading_id)
        grading.worker, grading.started_at = f"slurm:{node}", now
    queue.renew(session, held, lease=lease, now=now)
    if phase is not None:
        queue.enter_phase(session, held, phase, now=now)


def take(session: Session, ticket: Ticket, report: Report, *, now: datetime) -> None:
    """Record what the task found, once: the ticket is used. Raises Conflict when the grading is somebody else's by now."""
    executed = None if report.executed is None else json.dumps(report.executed).encode()
    if not queue.finish(session, claim_of(ticket), report, as_json(report), executed, now=now):
        raise Conflict(_("This grading was given to somebody else by now."))
    ticket.ended_at = now


def give_up(session: Session, ticket: Ticket, trouble: str, *, spared: bool, now: datetime) -> None:
    """The delivery came to nothing: the grading goes back into the queue, or is set aside when it has cost too many.
    `spared` when it never began, so that it does not count among them.
    """
    ticket.ended_at, ticket.trouble = now, trouble[:MOST_TROUBLE]
    queue.put_back(session, claim_of(ticket), spared=spared, now=now)


def unfit_nodes(session: Session, *, now: datetime) -> list[str]:
    """Nodes that said lately that they can grade nothing. Such a node is always free, and would draw every task to it."""
    lately = Ticket.ended_at > now - AVOIDED_FOR
    return sorted(
        session.scalars(select(Ticket.node).where(Ticket.unfit, lately, Ticket.node != "").distinct())
    )


def troubles(session: Session, *, now: datetime) -> list[Ticket]:
    """What went wrong in the last day, the newest first: for staff."""
    lately = Ticket.ended_at > now - timedelta(days=1)
    query = select(Ticket).where(Ticket.trouble != "", lately).order_by(Ticket.ended_at.desc())
    return list(session.scalars(query.limit(MOST_SHOWN)))


def claim_of(ticket: Ticket) -> Claim:
    return Claim(ticket.grading_id, ticket.delivery)


def live(session: Session) -> list[tuple[Ticket, Grading]]:
    """Every ticket that has not ended, with its grading, oldest first."""
    rows = session.execute(
        select(Ticket, Grading)
        .join(Grading, Grading.id == Ticket.grading_id)
        .where(Ticket.ended_at.is_(None))
        .order_by(Ticket.id)
    )
    return [(ticket, grading) for ticket, grading in rows]


def given_up(session: Session, keys: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
    """Which of these (batch, number) are tickets of this site that came to nothing. Those of another site, under the same user of the
    cluster, are none of ours.
    """
    batches = {batch for batch, _number in keys}
    rows = session.execute(
        select(Ticket.batch, Ticket.number).where(
            Ticket.batch.in_(batches), Ticket.ended_at.is_not(None), Ticket.trouble != ""
        )
    )
    return {(batch, number) for batch, number in rows} & set(keys)


def forget(session: Session, *, now: datetime) -> None:
    """Drop tickets that ended long ago."""
    session.execute(delete(Ticket).where(Ticket.ended_at < now - KEPT_FOR))


def _hashed(token: str) -> str:
    # A random token of 256 bits needs no salt and no slow hash: there is nothing to guess.
    return hashlib.sha256(token.encode()).hexdigest()
