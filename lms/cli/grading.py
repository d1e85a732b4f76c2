"""`lms grade`, `lms handout`, `lms doctor`: labs from a terminal, without a database unless a stored grade is made again."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import click

from lms.errors import NotFound, SlipwayError, Unavailable
from lms.labs.grade import grade as grade_notebook
from lms.labs.handout import handout as learners_version
from lms.labs.notebook import dump
from lms.labs.report import Report
from lms.labs.sandbox.probe import Check, thorough
from lms.labs.slurm.probe import slurm_check
from lms.labs.source import find_lab

REFUSED, OURS = 1, 3


@click.command()
@click.argument("lab", required=False)
@click.argument("submission", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Write the report as JSON.")
@click.option(
    "--replay",
    "number",
    type=int,
    metavar="NUMBER",
    help="Make the grade of this submission of the site again.",
)
@click.option("--anyway", is_flag=True, help="With --replay: compare although another grader gave the grade.")
def grade(
    lab: str | None, submission: Path | None, *, as_json: bool, number: int | None, anyway: bool
) -> None:
    """Grade SUBMISSION (an .ipynb) by LAB: a lab's id or folder below ./labs, or any notebook in nbgrader's format.

    With --replay, make a grade of the site again from what its database keeps (release, notebook, seed, limits), and tell whether it comes
    out the same to the byte, or where it differs.

    Exit status: 0 graded, whatever the score, or reproduced; 1 the lab or the submission cannot be used, or the grade is not reproduced;
    3 the fault is ours.
    """
    try:
        if number is not None:
            if lab is not None:
                raise click.UsageError(
                    "Give either LAB and SUBMISSION, or --replay with a submission's number."
                )
            from lms.cli.replaying import replay  # noqa: PLC0415 - grading a file needs no database

            replay(number, anyway=anyway)
            return
        if lab is None or submission is None:
            raise click.UsageError("Give LAB and SUBMISSION, or --replay with a submission's number.")
        report = grade_notebook(find_lab(lab).exercise, _bytes(submission))
    except SlipwayError as refusal:
        _stop(refusal)
    if as_json:
        click.echo(json.dumps(_plain(report), indent=2, ensure_ascii=False))
    else:
        _tell(report)
    match report.outcome:
        case "refused":
            sys.exit(REFUSED)
        case "failed":
            sys.exit(OURS)
        case "graded" | "timeout" | "memory" | "output" | "crashed":
            return


@click.command()
@click.argument("lab")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Where to write it; standard output unless said."
)
def handout(lab: str, output: Path | None) -> None:
    """Write the learner's version of LAB: without solutions, hidden tests and outputs."""
    try:
        made = dump(learners_version(find_lab(lab).exercise.notebook))
    except SlipwayError as refusal:
        _stop(refusal)
    if output is None:
        click.echo(made, nl=False)
        return
    try:
        output.write_bytes(made)
    except OSError as error:
        _stop(NotFound(f"{output} cannot be written: {error.strerror}."))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write what was found as JSON.")
def doctor(*, as_json: bool) -> None:
    """Try whether this host can grade notebooks, which way and how fast, and say what to do if not.

    Exit status: 0 it can, though there may be advice (!); 3 it cannot (✗), and grading refuses to run.
    """
    found = []
    for check in _all_checks():
        found.append(check)
        sign = "!" if check.good is None else "✓" if check.good else "✗"
        if not as_json:
            click.echo(f"{sign} {check.name}: {check.text}")
    sick = any(check.good is False for check in found)
    if as_json:
        click.echo(json.dumps({"can_grade": not sick, "checks": list(map(asdict, found))}, indent=2))
    if sick:
        sys.exit(OURS)


def _all_checks() -> Iterator[Check]:
    yield from thorough()
    yield slurm_check()


def _plain(report: Report) -> dict[str, Any]:
    """The report without the executed notebook."""
    return {key: value for key, value in asdict(report).items() if key != "executed"}


def _tell(report: Report) -> None:
    for note in report.notes:
        click.echo(note, err=report.outcome == "refused")
    for cell in report.cells:
        points = "to be marked" if cell.points is None else f"{cell.points:g} of {cell.max_points:g}"
        click.echo(f"{cell.grade_id:30} {points:>12}  {cell.message}".rstrip())
    if report.on_slurm is not None:
        for test in report.on_slurm.tests:
            click.echo(f"{test.grade_id:30} {'on Slurm':>12}  {test.message or report.proved}".rstrip())
    if report.cells:
        waiting = (
            " (the rest waits for a mentor)" if any(cell.points is None for cell in report.cells) else ""
        )
        click.echo(f"{report.score:g} of {report.max_score:g} points{waiting}")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotFound(f"{path} could not be read: {error.strerror}.") from None


def _stop(refusal: SlipwayError) -> NoReturn:
    click.echo(f"Error: {refusal.message}", err=True)
    sys.exit(OURS if isinstance(refusal, Unavailable) else REFUSED)
