"""`lms grade --replay`: a stored grade made again."""

import sys

import click

from lms.cli.composing import services
from lms.labs.grade import grade
from lms.labs.job import job_of
from lms.labs.replay import Replayed, compare, replayable
from lms.labs.worker import as_json

DIFFERS = 1


def replay(submission_id: int, *, anyway: bool) -> None:
    """Tell whether the grade that counts for a submission is reproduced to the byte; exit with DIFFERS when it is not."""
    with services() as built:
        with built.database.reading() as session:
            grading = replayable(session, submission_id, anyway=anyway)
            job = job_of(session, built.shelf, grading, built.cache)
        again = grade(job.exercise, job.submission, seed=job.seed)
    assert grading.report is not None
    _tell(submission_id, compare(grading.report, as_json(again)))


def _tell(submission_id: int, replayed: Replayed) -> None:
    if replayed.is_same:
        size = len(replayed.stored.encode())
        click.echo(f"The grade of submission {submission_id} is reproduced to the byte ({size} bytes).")
        return
    for line in replayed.differences:
        click.echo(line)
    click.echo(f"The grade of submission {submission_id} is not reproduced.", err=True)
    sys.exit(DIFFERS)
