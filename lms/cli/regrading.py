"""`lms regrade`: grade anew what was graded, look at what would change, let it count."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, datetime

import click

from lms.cli.composing import services
from lms.cli.progress import progress
from lms.labs.appeal import changes_of, get_regrade, progress_of
from lms.labs.changes import Change, Verdict, digest, tally
from lms.labs.marks import Mark
from lms.labs.regrade import apply, ask, close, graded_of_lab, graded_submission
from lms.labs.sandbox.host import this_host
from lms.labs.sandbox.ways import open_ways
from lms.services import Services

POLL_SECONDS = 0.5
WORRY_SECONDS = 30
LOWERS = 2

WORDS: dict[Verdict, str] = {
    "raised": "would rise",
    "lowered": "would fall",
    "differs": "keep their points, for other tests",
    "same": "stay the same",
    "unusable": "could not be graded anew",
    "dropped": "were not graded anew: the regrade was closed before",
    "pending": "are not graded yet",
}


@click.command()
@click.argument("what", metavar="LAB|SUBMISSION")
@click.option("--reason", required=True, help="Why. Learners whose grade changes read it.")
@click.option(
    "--live", is_flag=True, help="Grade by the lab as it is taught now, not as each was handed in for."
)
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
@click.option(
    "--raise-only", is_flag=True, help="Let count what raises a grade; leave the others as they are."
)
@click.option("--lower", is_flag=True, help="Let everything count, also where grades fall.")
@click.option("--here", is_flag=True, help="Grade on this host instead of waiting for the site's graders.")
def regrade(
    what: str, reason: str, *, live: bool, dry_run: bool, raise_only: bool, lower: bool, here: bool
) -> None:
    """Grade a whole LAB anew (L04), or one SUBMISSION by its number, and tell grade by grade what changes.

    Graders do it behind everything that learners wait for. Marks by mentors stay as they are, and are shown to mentors again.
    When grades would fall, or rest on other tests, and neither --raise-only nor --lower was said, nothing is applied and the exit status
    is 2.
    """
    if raise_only and lower:
        raise click.UsageError("Say either --raise-only or --lower, not both.")
    if here:
        this_host()  # refuses a host that has no sandbox, before anything is claimed
    with services() as built:
        with built.database.transaction() as session:
            chosen = (
                [graded_submission(session, int(what))] if what.isdecimal() else graded_of_lab(session, what)
            )
            asked = ask(
                session, built.shelf, chosen, live=live, reason=reason, by=None, now=datetime.now(UTC)
            )
            older = 0 if live else _made_for_older(built, [each.release_id for each in chosen], asked.lab_id)
        try:
            _await(built, asked.id, here=here)
            with built.database.reading() as session:
                changes = changes_of(session, built.shelf, asked.id)
        finally:
            if dry_run:  # also when it is interrupted: nobody else knows that it was a rehearsal
                _close(built, asked.id)
        _tell(changes)
        if older:
            click.echo(
                f"{older} of them were handed in for an older version of {asked.lab_id}: --live grades them by the one taught now."
            )
        found = tally(changes)
        if dry_run:
            click.echo("This was a rehearsal: every grade is as it was.")
            return
        if (found["lowered"] or found["differs"]) and not (raise_only or lower):
            page = f"{built.settings.base_url}/staff/regrades/{asked.id}"
            click.echo(f"Nothing was applied: say --raise-only or --lower, or choose on {page}.", err=True)
            sys.exit(LOWERS)
        with built.database.transaction() as session:
            applied = apply(
                session,
                built.shelf,
                get_regrade(session, asked.id),
                seen=digest(changes),
                may_lower=lower,
                by=None,
                now=datetime.now(UTC),
            )
        click.echo(f"{applied.total()} of {len(changes)} grades were replaced.")


def _made_for_older(built: Services, releases: list[int], lab_id: str) -> int:
    """How many were handed in for another version of the lab than is taught now."""
    with built.database.reading() as session:
        now = built.shelf.live(session).catalogue.lab_by_id.get(lab_id)
        versions = {
            each: built.shelf.edition(session, each).catalogue.lab_by_id[lab_id].version
            for each in set(releases)
        }
    return 0 if now is None else sum(versions[each] != now.version for each in releases)


def _close(built: Services, regrade_id: int) -> None:
    with built.database.transaction() as session:
        found = get_regrade(session, regrade_id)
        if found.state == "open":  # nobody closed it meanwhile
            close(session, found, by=None, now=datetime.now(UTC))


def _await(built: Services, regrade_id: int, *, here: bool) -> None:
    """Until all of it is graded."""
    show, began, worried = progress(), time.monotonic(), False
    with _at_work(built) if here else nullcontext(lambda: False) as work_once:
        while True:
            with built.database.reading() as session:
                done, total = progress_of(session, regrade_id)
            show(done, total, "graded anew")
            if done == total:
                return
            if not done and not worried and time.monotonic() > began + WORRY_SECONDS:
                click.echo(
                    "No grader has done any of it yet. Is `lms worker` running? With --here this host grades.",
                    err=True,
                )
                worried = True
            if not work_once():
                time.sleep(POLL_SECONDS)


@contextmanager
def _at_work(built: Services) -> Iterator[Callable[[], bool]]:
    """A grader in this very process: does one grading, and says whether there was any."""
    with closing(open_ways(built.settings.sandbox)) as sandboxes:
        yield built.worker("lms regrade", sandboxes).work_once


def _tell(changes: list[Change]) -> None:
    """A line for each grade that would change, with the tests that make the difference; then the sums."""
    for each in changes:
        if each.verdict == "same":
            continue
        after = _marked(each.mark_after) if each.after.is_grade else "–"
        click.echo(
            f"submission {each.submission.id:>6}  {_marked(each.mark_before)} -> {after}  {WORDS[each.verdict]}"
        )
        for test in each.tests:
            click.echo(f"    {test.grade_id:30} {_score(test.before)} -> {_score(test.after)}")
    found: Counter[Verdict] = tally(changes)
    click.echo(
        ", ".join(f"{found[verdict]} {words}" for verdict, words in WORDS.items() if found[verdict]) + "."
    )


def _marked(mark: Mark) -> str:
    """The whole mark, with what a mentor gave: 8/10 passed"""
    return f"{mark.points:g}/{mark.max_points:g} {mark.standing.value}"


def _score(points: float | None) -> str:
    return "–" if points is None else f"{points:g}"
