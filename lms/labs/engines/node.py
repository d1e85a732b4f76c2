"""One task of an array, on a compute node: fetch a grading with its token, grade it in this node's sandboxes, bring the result.

There is no database here, no setting and no secret but the token. The site may say at any time that the grading is somebody else's by now;
then everything stops at once and nothing is brought. Whatever else goes wrong is told to the site, which alone decides what becomes of it.
"""

import http.client
import logging
import os
import random
import signal
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from urllib.parse import SplitResult, urlsplit

from lms.errors import Conflict, Invalid, SlipwayError, Unavailable
from lms.labs.grade import grade
from lms.labs.report import Report
from lms.labs.version import grader_version

from .wire import TYPE, Beat, Given, Verdict, encode, read_task

log = logging.getLogger(__name__)

SITE, TOKENS = "SLIPWAY_SITE", "SLIPWAY_TOKENS"
PATIENCE_SECONDS = 120
ANSWER_SECONDS = 30
MOST_ANSWER = 64 << 20
Grader = Callable[[Given, Callable[[str], None]], Report]


@dataclass(frozen=True)
class Errand:
    """Where to go with which token, and where this is: Slurm's task ("1234_7") and node."""

    site: SplitResult
    token: str
    task: str
    node: str


def errand_of(environ: Mapping[str, str]) -> Errand:
    """The errand of one task, of an array that carries the tokens of all. Raises Invalid outside of one."""
    task, tokens = environ.get("SLURM_ARRAY_TASK_ID", ""), environ.get(TOKENS, "").split()
    site = urlsplit(environ.get(SITE, ""))
    if not task.isdecimal() or int(task) >= len(tokens) or site.scheme not in ("http", "https"):
        raise Invalid(
            f"This is no task of a grading array: SLURM_ARRAY_TASK_ID, {TOKENS} and {SITE} are set by LMS_ENGINE=slurm."
        )
    node = environ.get("SLURMD_NODENAME", os.uname().nodename)
    return Errand(site, tokens[int(task)], f"{environ.get('SLURM_ARRAY_JOB_ID', '')}_{task}", node)


def sandboxed(given: Given, on_phase: Callable[[str], None]) -> Report:
    """The grader of production. Fresh sandboxes: whatever makes the next one quicker does not pay for one."""
    return grade(given.exercise, given.submission, seed=given.seed, on_phase=on_phase)


def run(errand: Errand, grader: Grader = sandboxed) -> bool:
    """Do it. Whether the site has the result; False when the grading is somebody else's by now."""
    site = Site(errand)
    try:
        with _ends_cleanly(), tempfile.TemporaryDirectory(prefix="slipway-task-") as folder:
            Path(folder).chmod(0o755)  # the sandbox runs as another user when this one is root
            verdict = _carried_out(site, Path(folder), grader)
            try:
                site.bring(verdict)
            except Invalid as refused:  # a report nobody takes would be made again and again
                site.bring(Verdict(trouble=refused.message))
    except (Conflict, Taken) as gone:
        log.warning("%s: nothing was brought: %s", errand.task, gone)
        return False
    log.info("%s: %s", errand.task, verdict.report.outcome if verdict.report else verdict.trouble)
    return True


def _carried_out(site: "Site", folder: Path, grader: Grader) -> Verdict:
    try:
        site.arrive()
        task = site.fetch()
    except Conflict:
        raise
    except SlipwayError as refusal:  # the site's doing, or the way there: this node is as good as any
        return Verdict(trouble=refusal.message)
    try:
        given = read_task(task, folder, grader=grader_version())
        with _heart(site, given.lease_seconds / 3):
            return Verdict(report=grader(given, site.enter_phase))
    except Conflict:
        raise
    except SlipwayError as refusal:  # no sandbox, another version: nothing else would go better here
        return Verdict(trouble=refusal.message, unfit=True)
    except Exception as error:
        log.exception("grading failed")
        return Verdict(
            trouble=f"{type(error).__name__} while grading; the task's output on the node tells more"
        )


class Taken(BaseException):
    """The grading was given to somebody else, or Slurm ends this task. Whoever handles errors must not take it for one."""


@contextmanager
def _ends_cleanly() -> Iterator[None]:
    """SIGTERM (from Slurm, or from our own heart) unwinds, so that sandboxes and files are gone when the process is."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough: cleaning up is not interrupted
        raise Taken("the task was told to stop")

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _heart(site: "Site", every: float) -> Iterator[None]:
    done = threading.Event()

    def beat() -> None:
        while not done.wait(every):
            try:
                site.beat()
            except Conflict as gone:
                log.warning("%s", gone)
                os.kill(os.getpid(), signal.SIGTERM)
                return
            except (
                SlipwayError
            ) as trouble:  # a site that restarts is back before the lease is lost, or it is lost
                log.warning("%s", trouble)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


class Site:
    """The site as a node sees it. It follows no redirect: the token goes to the address it was given for, or nowhere.

    All raise Conflict when the grading is no longer ours, and Unavailable when there is no (good) answer.
    """

    def __init__(self, errand: Errand) -> None:
        self._errand = errand

    def arrive(self) -> None:
        """First of all, so that the site knows which node it hears of."""
        self._patiently("POST", "/node/beat", self._life(None))

    def fetch(self) -> bytes:
        return self._patiently("GET", "/node/task", None)

    def beat(self, phase: str | None = None) -> None:
        self._once("POST", "/node/beat", self._life(phase))

    def enter_phase(self, phase: str) -> None:
        """Raises Taken when there is no use in going on."""
        try:
            self.beat(phase)
        except Conflict as gone:
            raise Taken(gone.message) from None
        except SlipwayError as trouble:
            log.warning("%s", trouble)  # the phase is only for the page

    def bring(self, verdict: Verdict) -> None:
        self._patiently("POST", "/node/verdict", encode(verdict))

    def _life(self, phase: str | None) -> bytes:
        return encode(Beat(self._errand.task, self._errand.node, phase))

    def _patiently(self, method: str, path: str, body: bytes | None) -> bytes:
        """Again, while the site does not answer or restarts: minutes of work are worth a minute of waiting."""
        deadline, pause = time.monotonic() + PATIENCE_SECONDS, 0.5
        while True:
            try:
                return self._once(method, path, body)
            except Unavailable as trouble:
                if time.monotonic() + pause > deadline:
                    raise
                log.warning("%s; trying again", trouble)
            time.sleep(pause * random.uniform(0.7, 1.3))  # noqa: S311 - not all nodes at the same moment
            pause = min(2 * pause, 15)

    def _once(self, method: str, path: str, body: bytes | None) -> bytes:
        errand = self._errand
        headers = {"Authorization": f"Bearer {errand.token}", "Content-Type": TYPE}
        connection = self._connection()
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            data = answer.read(MOST_ANSWER)
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(f"{errand.site.geturl()} does not answer: {error}.") from None
        finally:
            connection.close()
        if 200 <= answer.status < 300:
            return data
        said = f"{method} {path}: {answer.status} {data[:500].decode(errors='replace').strip()}"
        if answer.status in (403, 409):
            raise Conflict(said)
        if answer.status in (413, 422):
            raise Invalid(said)
        raise Unavailable(said)

    def _connection(self) -> http.client.HTTPConnection:
        host = self._errand.site.netloc
        if self._errand.site.scheme == "https":
            return http.client.HTTPSConnection(
                host, timeout=ANSWER_SECONDS, context=ssl.create_default_context()
            )
        return http.client.HTTPConnection(host, timeout=ANSWER_SECONDS)
