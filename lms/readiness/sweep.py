"""All companies, looked at again and again: evidence ages, grace ends and certificates expire without anybody doing anything."""

import logging
import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from lms.content.shelf import Shelf
from lms.content.tables import Publication
from lms.db import Database, insert_once
from lms.people.tables import Organisation
from lms.readiness.evaluate import evaluate
from lms.readiness.looking import look_at
from lms.readiness.tables import Sweep

log = logging.getLogger(__name__)

AT_ONCE = 50
"""Companies read together. Only those with something new are then locked, one by one."""
EVERY = timedelta(minutes=5)
_REST_SECONDS = 30
_ONLY = 1


def sweep(database: Database, shelf: Shelf, *, now: datetime) -> tuple[int, int]:
    """Evaluate every company. How many there are, and of how many something new was written down."""
    with database.reading() as session:
        ids = list(session.scalars(select(Organisation.id).order_by(Organisation.id)))
    changed = 0
    for start in range(0, len(ids), AT_ONCE):
        with database.reading() as session:
            looks = look_at(session, shelf, ids[start : start + AT_ONCE], now=now)
            due = [each for each, look in looks.items() if look.is_due]
        for organisation_id in due:
            with database.transaction() as session:
                evaluate(session, shelf, organisation_id, cause="swept", by=None, now=now)
        changed += len(due)
    return len(ids), changed


def claim(session: Session, *, now: datetime) -> bool:
    """Whether this process does the sweep that is due now, and no other. It is due from time to time, and when another policy went live."""
    insert_once(session, Sweep, id=_ONLY, at=datetime.fromtimestamp(0, UTC))
    published = select(func.max(Publication.at)).scalar_subquery()
    moved = session.execute(
        update(Sweep)
        .where(Sweep.id == _ONLY, or_(Sweep.at <= now - EVERY, Sweep.at < published))
        .values(at=now)
    )
    return bool(getattr(moved, "rowcount", 0))


class Sweeper:
    """Sweeps while a grading worker runs, whoever of them is first."""

    def __init__(self, database: Database, shelf: Shelf) -> None:
        self._database, self._shelf = database, shelf
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        """Until stopped. What fails (a database that is away) is waited for, not died of."""
        while not self._stopping.is_set():
            try:
                self.sweep_if_due(datetime.now(UTC))
            except Exception:
                log.exception("readiness: could not sweep; trying again")
            self._stopping.wait(_REST_SECONDS)

    def sweep_if_due(self, now: datetime) -> bool:
        """Whether it was due, and done."""
        with self._database.transaction() as session:
            is_mine = claim(session, now=now)
        if is_mine:
            companies, changed = sweep(self._database, self._shelf, now=now)
            log.info("readiness: %s companies, %s with something new", companies, changed)
        return is_mine
