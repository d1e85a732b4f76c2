"""Grading on the centre's own cluster: a dispatcher that submits arrays and watches over them. It grades nothing itself.

It may be killed at any moment. Tickets and leases are in the database, arrays carry their tickets' name in Slurm, so the next dispatcher
(or another that runs already) sees the same. Each round asks Slurm first and changes the database afterwards, in one transaction.
"""

import logging
import math
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from lms.content.model import Limits
from lms.content.shelf import Shelf
from lms.db import Database
from lms.labs import queue
from lms.labs.queue import Claim
from lms.labs.tables import Grading, Submission
from lms.labs.worker import work_until

from . import tickets
from .cluster import PREFIX, Array, Asked, Cluster, Refused, SlurmTask, Unreachable
from .reconcile import Reckoning, reconcile

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
LONGEST_PAUSE = 300.0
BESIDE_THE_LIMITS_MB = 512
BESIDE_THE_LIMITS_SECONDS = 120


@dataclass
class Pause:
    """Patience that doubles: 5 seconds, 10, 20, … five minutes. `until` is a moment, or None."""

    until: datetime | None = None
    _seconds: float = 0.0

    def lengthen(self, now: datetime) -> None:
        self._seconds = min(max(5.0, 2 * self._seconds), LONGEST_PAUSE)
        self.until = now + timedelta(seconds=self._seconds)

    def end(self) -> None:
        self.until, self._seconds = None, 0.0

    def lasts(self, now: datetime) -> bool:
        return self.until is not None and now < self.until


class Slurm:
    """`array` is the most gradings that wait in Slurm's queue at once, and so the largest array: what is more urgent than the
    rest, a learner who waits, is never behind more of them.
    """

    def __init__(
        self,
        database: Database,
        shelf: Shelf,
        cluster: Cluster,
        asked: Asked,
        *,
        name: str,
        lease_seconds: int,
        array: int,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._database, self._shelf, self._cluster, self._asked = database, shelf, cluster, asked
        self._name, self._array = name, array
        self._lease = timedelta(seconds=lease_seconds)
        self._look_every = timedelta(seconds=look_seconds)
        self._looked: datetime | None = None
        self._reckoning = Reckoning(
            (), 0, 1
        )  # until it has looked, it must suppose that there is something to see
        self._unreachable, self._refused = Pause(), Pause()
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        """Dispatch until stopped."""
        work_until(self._stopping, self.work_once, name=self._name)
        self._withdraw()

    def work_once(self) -> bool:
        """Look at the cluster when it is time, and submit what is queued. Whether anything was submitted."""
        if self._unreachable.lasts(_now()):
            return False
        try:
            self._look()
            submitted = self._submit()
        except Unreachable as trouble:
            self._unreachable.lengthen(_now())
            log.warning("Slurm cannot be reached; trying again at %s: %s", self._unreachable.until, trouble)
            return False
        self._unreachable.end()
        return submitted

    def _look(self) -> None:
        """Nobody asks Slurm more often than it likes, nor when there is nothing to ask for."""
        now = _now()
        if self._looked is not None and now < self._looked + self._look_every:
            return
        seen = self._cluster.tasks() if self._reckoning.live or self._reckoning.cancel else []
        with self._database.transaction() as session:
            self._reckoning = reconcile(session, seen, lease=self._lease, now=_now())
            if self._looked is None:
                tickets.forget(session, now=now)
        self._looked = now
        if self._reckoning.cancel:
            log.warning(
                "cancelling what serves nobody: %s", ", ".join(each.id for each in self._reckoning.cancel)
            )
            self._cancel(self._reckoning.cancel)

    def _submit(self) -> bool:
        room = self._array - self._reckoning.waiting
        if room <= 0 or self._refused.lasts(_now()):
            return False
        with self._database.transaction() as session:
            held = list(self._claims(session, room))
            if not held:
                return False
            array = tickets.issue(session, held, now=_now())
            asked = self._needed(session, held)
        # Whatever happens from here on, there is something in Slurm to look for.
        self._reckoning = replace(self._reckoning, waiting=self._reckoning.waiting + len(held), live=1)
        try:
            self._cluster.submit(array, asked)
        except Refused as refusal:
            self._refused.lengthen(_now())
            log.warning("Slurm refused an array; trying again at %s: %s", self._refused.until, refusal)
            self._put_back(array, f"Slurm refused it: {refusal.message}")
            return False
        except Unreachable as trouble:
            self._put_back(array, f"Slurm could not be reached: {trouble.message}")
            raise
        self._refused.end()
        log.info("submitted %s gradings as %s%s", len(held), PREFIX, array.batch)
        return True

    def _claims(self, session: Session, most: int) -> Iterator[Claim]:
        while most and (held := queue.claim(session, self._name, lease=self._lease, now=_now())) is not None:
            most -= 1
            yield held

    def _needed(self, session: Session, held: Sequence[Claim]) -> Asked:
        """Enough for the neediest of an array: the sandbox keeps each within its own limits."""
        all_limits = [self._limits(session.get_one(Grading, claim.grading_id), session) for claim in held]
        seconds = max(limits.wall_seconds for limits in all_limits) + BESIDE_THE_LIMITS_SECONDS
        memory = max(limits.memory_mb + 2 * limits.disk_mb for limits in all_limits) + BESIDE_THE_LIMITS_MB
        return replace(
            self._asked,
            minutes=max(self._asked.minutes, math.ceil(seconds / 60)),
            memory_mb=memory,
            avoid=tuple(tickets.unfit_nodes(session, now=_now())),
        )

    def _limits(self, grading: Grading, session: Session) -> Limits:
        if grading.limits is not None:
            return Limits(**grading.limits)
        lab_id = session.get_one(Submission, grading.submission_id).lab_id
        return self._shelf.edition(session, grading.release_id).catalogue.lab_by_id[lab_id].limits

    def _put_back(self, array: Array, trouble: str) -> None:
        with self._database.transaction() as session:
            for ticket, _grading in tickets.live(session):
                if ticket.batch == array.batch:
                    tickets.give_up(session, ticket, trouble, spared=True, now=_now())

    def _cancel(self, tasks: Collection[SlurmTask], *, waiting_only: bool = False) -> None:
        try:
            self._cluster.cancel(tasks, waiting_only=waiting_only)
        except Refused as refusal:  # gone already, or somebody else's by now
            log.warning("%s", refusal)

    def _withdraw(self) -> None:
        """Cancel what this dispatcher submitted and Slurm has not begun; the rest needs no dispatcher to finish."""
        with self._database.reading() as session:
            mine = {
                (ticket.batch, ticket.number)
                for ticket, grading in tickets.live(session)
                if grading.worker == self._name and ticket.started_at is None
            }
        if not mine:
            return
        try:
            waiting = [
                each for each in self._cluster.tasks() if each.stage == "waiting" and _key(each) in mine
            ]
            self._cancel(waiting, waiting_only=True)
            # Of a task that never began Slurm keeps no trace; one that began just before the cancelling is still there.
            left = {_key(each) for each in self._cluster.tasks() if each.stage != "ended"}
        except (Refused, Unreachable) as trouble:
            log.warning("what waits in Slurm's queue stays there: %s", trouble)
            return
        with self._database.transaction() as session:
            for ticket, _grading in tickets.live(session):
                if (ticket.batch, ticket.number) in {_key(each) for each in waiting} - left:
                    tickets.give_up(session, ticket, "the dispatcher was stopped", spared=True, now=_now())


def _key(task: SlurmTask) -> tuple[str, int]:
    return task.batch, task.number


def _now() -> datetime:
    return datetime.now(UTC)
