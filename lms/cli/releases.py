"""`lms publish`, `lms releases`, `lms rollback`."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from lms.cli.composing import services
from lms.cli.progress import progress
from lms.content import publish as shelf
from lms.content.check import report
from lms.content.tree import Tree, root_of
from lms.publishing import publish as publish_tree


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--git", "url", help="Publish from this repository instead of a folder.")
@click.option("--ref", default="HEAD", show_default=True, help="With --git: a branch, a tag or a commit.")
@click.option("--dry-run", is_flag=True, help="Check, and tell what would change, but make nothing live.")
def publish(path: Path | None, url: str | None, ref: str, *, dry_run: bool) -> None:
    """Check PATH (a folder with courses/ and labs/) and make it live, for everybody at once.

    What is wrong is told with file and line, and the last good release stays live. Exit status 1 then.
    """
    if url is not None and path is not None:
        raise click.UsageError("Give either PATH or --git, not both.")
    tree = Tree.from_git(url, ref) if url is not None else Tree.from_folder(root_of(path))
    source = f"{url} {tree.commit}" if url is not None else root_of(path).name
    with services() as built:
        outcome = publish_tree(
            built,
            tree,
            source=source,
            by=None,
            now=datetime.now(UTC),
            on_progress=progress(),
            go_live=not dry_run,
        )
    if outcome.problems:
        click.echo(report(outcome.problems, "text"), err=outcome.release_id is None)
    if outcome.release_id is None:
        click.echo(
            "Nothing was published: mend what is an error above. The last release is still live.", err=True
        )
        sys.exit(1)
    if not outcome.is_new:
        click.echo(f"Nothing changed: release {outcome.release_id} is live already.")
        return
    for sentence in outcome.impact.sentences if outcome.impact else ():
        click.echo(sentence)
    click.echo(
        "This was a rehearsal: nothing is live." if dry_run else f"Release {outcome.release_id} is live."
    )


@click.command()
def releases() -> None:
    """List what was published, newest first."""
    with services() as built, built.database.reading() as session:
        lines = shelf.releases(session)
    if not lines:
        click.echo("Nothing is published yet: lms publish PATH")
    for line in lines:
        sign = "*" if line.is_live else " "
        live = line.live_at[-1].strftime("live %Y-%m-%d %H:%M") if line.live_at else "never live"
        click.echo(
            f"{sign} {line.id:>4}  {line.created_at:%Y-%m-%d %H:%M}  {live}  {line.digest[:12]}  {line.source}"
        )


@click.command()
@click.argument("release", type=int)
def rollback(release: int) -> None:
    """Make an older RELEASE live again, for everybody at once."""
    with services() as built, built.database.transaction() as session:
        shelf.roll_back(session, release, by=None, now=datetime.now(UTC))
    click.echo(f"Release {release} is live.")
