"""Claims gradings, does them in the sandbox, records what was found. Any number of these, on any number of hosts.

No transaction is open while a notebook runs. Killing a worker at any moment loses nothing: its lease runs out and another takes over;
what it would have written late is refused by the fencing token.
"""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from lms.content.shelf import Shelf
from lms.db import Database
from lms.errors import SlipwayError
from lms.labs import queue
from lms.labs.grade import grade
from lms.labs.job import Job, job_of
from lms.labs.queue import Claim
from lms.labs.report import Report
from lms.labs.sandbox.ways import Sandboxes
from lms.labs.tables import Grading

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.25
Grader = Callable[[Job, Callable[[str], None]], Report]


def grader_in(sandboxes: Sandboxes, *, tries_slurm: bool = True) -> Grader:
    """The grader of production: two sandboxes, see `labs.grade`."""

    def grader(job: Job, on_phase: Callable[[str], None]) -> Report:
        return grade(
            job.exercise,
            job.submission,
            seed=job.seed,
            sandboxes=sandboxes,
            tries_slurm=tries_slurm,
            on_phase=on_phase,
        )

    return grader


def work_until(stopping: threading.Event, work_once: Callable[[], bool], *, name: str) -> None:
    """Again and again, with a short rest when there was nothing to do. What fails (a database, a cluster) is waited for, not died of."""
    while not stopping.is_set():
        try:
            worked = work_once()
        except Exception:
            log.exception("%s: could not work; trying again", name)
            worked = False
            stopping.wait(2)
        if not worked:
            stopping.wait(IDLE_SECONDS)


class Worker:
    """One grading at a time; start several for more. `stop()` lets it finish what it holds."""

    def __init__(
        self,
        database: Database,
        shelf: Shelf,
        *,
        name: str,
        lease_seconds: int,
        cache: Path,
        grader: Grader,
    ) -> None:
        self._database, self._shelf, self._name, self._cache, self._grader = (
            database,
            shelf,
            name,
            cache,
            grader,
        )
        self._lease = timedelta(seconds=lease_seconds)
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        """Work until stopped."""
        work_until(self._stopping, self.work_once, name=self._name)

    def work_once(self) -> bool:
        """Do one grading. False when there is none."""
        with self._database.reading() as session:
            if not queue.is_anything_due(session, now=_now()):
                return False
        with self._database.transaction() as session:
            queue.free_the_abandoned(session, now=_now())
            held = queue.claim(session, self._name, lease=self._lease, now=_now())
        if held is None:
            return False
        with self._heartbeat(held):
            report = self._grade(held)
        written = as_json(report)
        executed = None if report.executed is None else json.dumps(report.executed).encode()
        with self._database.transaction() as session:
            if queue.finish(session, held, report, written, executed, now=_now()):
                log.info(
                    "grading %s: %s, %s of %s",
                    held.grading_id,
                    report.outcome,
                    report.score,
                    report.max_score,
                )
            else:
                log.warning("grading %s: another worker has it by now; nothing was recorded", held.grading_id)
        return True

    def _grade(self, held: Claim) -> Report:
        """The report; when our side fails, one that says so and costs the learner nothing."""
        try:
            with self._database.reading() as session:
                grading = session.get_one(Grading, held.grading_id)
                job = job_of(session, self._shelf, grading, self._cache)
            return self._grader(job, lambda phase: self._tell(held, phase))
        except SlipwayError as refusal:
            log.warning("grading %s: %s", held.grading_id, refusal.message)
            return _failed(refusal.message)
        except Exception:
            log.exception("grading %s: grading failed", held.grading_id)
            return _failed("Something went wrong on our side.")

    def _tell(self, held: Claim, phase: str) -> None:
        try:
            with self._database.transaction() as session:
                queue.enter_phase(session, held, phase, now=_now())
        except Exception:  # it is only for the page, and not worth a grading
            log.exception("grading %s: could not tell that it is at %s", held.grading_id, phase)

    @contextmanager
    def _heartbeat(self, held: Claim) -> Iterator[None]:
        done = threading.Event()

        def beat() -> None:
            while not done.wait(self._lease.total_seconds() / 3):
                try:
                    with self._database.transaction() as session:
                        if not queue.renew(session, held, lease=self._lease, now=_now()):
                            return
                except Exception:
                    log.exception("grading %s: could not renew the lease", held.grading_id)

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def as_json(report: Report) -> dict[str, object]:
    """The report without the executed notebook, which is kept apart."""
    plain = msgspec.to_builtins(report)
    assert isinstance(plain, dict)
    del plain["executed"]
    return plain


def _failed(why: str) -> Report:
    return Report(0.0, 0.0, "failed", (), notes=(why,))


def _now() -> datetime:
    return datetime.now(UTC)
