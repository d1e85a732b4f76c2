"""`lms readiness`: keep companies' readiness true, and make a stored evaluation again."""

import sys
from datetime import UTC, datetime

import click

from lms.cli.composing import services
from lms.readiness.replay import replay as replay_evaluation
from lms.readiness.sweep import sweep as sweep_all

DIFFERS = 1


@click.group()
def readiness() -> None:
    """Readiness of companies."""


@readiness.command()
def sweep() -> None:
    """Evaluate every company now. A grading worker does it by itself every few minutes."""
    with services() as built:
        companies, changed = sweep_all(built.database, built.shelf, now=datetime.now(UTC))
    click.echo(f"{companies} looked at; something new was written down of {changed}.")


@readiness.command()
@click.argument("evaluation", type=int)
def replay(evaluation: int) -> None:
    """Make a stored EVALUATION again, and tell whether the outcome is the same. Exit status 1 when it is not."""
    with services() as built, built.database.reading() as session:
        replayed = replay_evaluation(session, built.shelf, evaluation)
        day, version = replayed.evaluation.day, replayed.evaluation.policy_version
    if replayed.is_same:
        click.echo(f"Evaluation {evaluation}, of {day} by policy {version}, comes out the same.")
        return
    for line in replayed.differences:
        click.echo(line)
    click.echo(f"Evaluation {evaluation} does not come out the same.", err=True)
    sys.exit(DIFFERS)
