"""Our tickets beside what Slurm says of its tasks: who is kept waiting, who has failed, who is to be cancelled.

Our lease stands above Slurm's state. While a task waits in Slurm's queue its lease is renewed here, by Slurm's word; once it has begun,
only the node renews it. So a task that hangs, or whose node vanished without a word, is replaced when its lease lapses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lms.labs import queue
from lms.labs.tables import Grading

from . import tickets
from .cluster import SlurmTask
from .tables import Ticket


@dataclass(frozen=True)
class Reckoning:
    """`cancel` are tasks that serve nobody any more; `waiting` how many have not begun; `live` how many tickets are still out."""

    cancel: tuple[SlurmTask, ...]
    waiting: int
    live: int


def reconcile(session: Session, seen: Sequence[SlurmTask], *, lease: timedelta, now: datetime) -> Reckoning:
    """Renew, give up and free. `seen` must be older than this transaction: a task that ended in it has brought its result by now."""
    tasks = {(task.batch, task.number): task for task in seen}
    waiting = living = 0
    for ticket, grading in tickets.live(session):
        task = tasks.get((ticket.batch, ticket.number))
        if not _is_current(ticket, grading):
            ticket.ended_at, ticket.trouble = now, "it fell silent, and another took over"
        elif over := _over(ticket, task, now):
            # One that never began has cost nobody anything.
            tickets.give_up(session, ticket, over, spared=_waits(task) and not ticket.started_at, now=now)
        else:
            living += 1
            waiting += ticket.started_at is None
            if _waits(task):
                queue.renew(session, tickets.claim_of(ticket), lease=lease, now=now)
    queue.free_the_abandoned(session, now=now)
    alive = {key: task for key, task in tasks.items() if task.stage != "ended"}
    given_up = tickets.given_up(session, alive)
    return Reckoning(tuple(alive[key] for key in sorted(given_up)), waiting, living)


def _is_current(ticket: Ticket, grading: Grading) -> bool:
    return grading.state == "running" and grading.delivery == ticket.delivery


def _waits(task: SlurmTask | None) -> bool:
    return task is not None and task.stage == "waiting"


def _over(ticket: Ticket, task: SlurmTask | None, now: datetime) -> str:
    """Why this delivery will come to nothing, or ''. A task that Slurm does not know may be on its way into its queue, or long forgotten:
    the lease decides.
    """
    if task is None:
        return ""
    if task.stage == "ended":
        where = f" on {task.node}" if task.node else ""
        return f"Slurm says {task.state} of {task.id}{where}, and no result came"
    if task.stage == "waiting" and ticket.started_at is not None:
        return f"Slurm put {task.id} back into its queue ({task.state})"
    if task.stage == "waiting" and ticket.expires_at <= now:
        return f"{task.id} waited in Slurm's queue until its token expired"
    return ""
