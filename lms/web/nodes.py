"""Compute nodes of the centre's cluster fetch what they grade and bring what they found. No session, no form: a token for one grading.

The token goes in a header, never into an address, which servers log. Bodies are bounded before they are read, and read before a
transaction begins. Refusals are a plain sentence, for the log of a task.
"""

from datetime import timedelta

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge

from lms.errors import Forbidden, SlipwayError
from lms.labs.engines import tickets
from lms.labs.engines.tables import Ticket
from lms.labs.engines.wire import MOST_BEAT, MOST_VERDICT, TYPE, Beat, Verdict, checked, decode, write_task
from lms.labs.job import Job, job_of
from lms.labs.tables import Grading
from lms.labs.version import grader_version
from lms.web.refusals import status_of
from lms.web.request import now, services, transaction
from lms.words import gettext as _

pages = Blueprint("nodes", __name__, url_prefix="/node")


@pages.get("/task")
def task() -> Response:
    """The exercise and the submission. Fetched again, when Slurm began a task anew, it is the same."""
    with services().database.reading() as session:
        ticket = tickets.shown(session, _token(), now=now())
        job = _job(session, ticket)
    data = write_task(
        job.exercise,
        job.submission,
        seed=job.seed,
        grader=grader_version(),
        lease_seconds=services().settings.lease_seconds,
    )
    answer = Response(data, mimetype=TYPE)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.post("/beat")
def beat() -> tuple[str, int]:
    given = decode(_body(MOST_BEAT), Beat)
    lease = timedelta(seconds=services().settings.lease_seconds)
    with transaction() as session:
        ticket = tickets.shown(session, _token(), now=now(), to_change=True)
        tickets.beat(
            session, ticket, task=given.task, node=given.node, phase=given.phase, lease=lease, now=now()
        )
    return "", 204


@pages.post("/verdict")
def verdict() -> tuple[str, int]:
    """What was found, once; or why the node could not grade."""
    given = decode(_body(MOST_VERDICT), Verdict)
    with transaction() as session:
        ticket = tickets.shown(session, _token(), now=now(), to_change=True)
        if given.report is None:
            ticket.unfit = given.unfit
            tickets.give_up(session, ticket, given.trouble or "no report", spared=False, now=now())
        else:
            checked(given.report, _job(session, ticket).exercise)
            tickets.take(session, ticket, given.report, now=now())
    return "", 204


@pages.errorhandler(SlipwayError)
def refused(error: SlipwayError) -> Response:
    return _plain(error.message, status_of(error))


@pages.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> Response:
    return _plain(_("That is more than is taken."), 413)


def _plain(sentence: str, status: int) -> Response:
    return Response(f"{sentence}\n", status, mimetype="text/plain")


def _token() -> str:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Forbidden(_("Compute nodes show the token of their task here."))
    return token


def _body(most: int) -> bytes:
    """All of it, unless it is too long. Who shows no token of ours is told before anything is read."""
    with services().database.reading() as session:
        tickets.shown(session, _token(), now=now())
    request.max_content_length = most
    return request.get_data(cache=False)


def _job(session: Session, ticket: Ticket) -> Job:
    grading = session.get_one(Grading, ticket.grading_id)
    return job_of(session, services().shelf, grading, services().cache)
