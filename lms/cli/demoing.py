"""`lms demo`: a whole site to try, from nothing, by one command. What `make run` runs."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import click

from lms.cli.composing import services
from lms.cli.progress import progress
from lms.cli.serving import require_free
from lms.content.check import report
from lms.content.publish import live_release
from lms.content.tree import Tree, root_of
from lms.demo import PASSWORD, PEOPLE, seed
from lms.errors import Unavailable
from lms.publishing import publish
from lms.revision import is_current
from lms.runtime.built import find
from lms.services import Services
from lms.settings import Settings, read_settings


@click.command()
@click.option("--port", default=8000, show_default=True)
@click.option(
    "--runtime/--no-runtime",
    "wants_runtime",
    default=True,
    help="Build Python for the browser, unless it is there.",
    show_default=True,
)
def demo(port: int, *, wants_runtime: bool) -> None:
    """Make a whole site to try: migrate, publish the shipped courses, add demo people, serve."""
    os.environ.setdefault("LMS_BASE_URL", f"http://127.0.0.1:{port}")
    settings = read_settings()
    if settings.is_production:
        raise Unavailable("`lms demo` adds people whose password everybody knows: not in production.")
    require_free("127.0.0.1", port)
    with services(current=False) as built:
        if not is_current(built.database):
            _say("Bringing the database up to date")
            from lms.migrate import upgrade  # noqa: PLC0415 - a second start has no need of Alembic

            upgrade(built.database)
        has_published = _publish_shipped(built)
        seed(built, _say)
    if wants_runtime and find(settings.runtime) is None:
        _build_behind()
    _greet(settings, port)
    if has_published:
        # A fresh process serves: what it took to render courses need not stay in memory.
        os.execv(sys.executable, [sys.executable, "-m", "lms.cli.main", "serve", "--port", str(port)])  # noqa: S606
    from lms.cli.processes import supervise  # noqa: PLC0415

    sys.exit(supervise(settings, "127.0.0.1", port, with_worker=True))


def _build_behind() -> None:
    """In a process of its own: the site does not wait for it, and it goes on when this process becomes the server."""
    subprocess.Popen([sys.executable, "-m", "lms.cli.main", "runtime", "build", "--behind"])


def _publish_shipped(built: Services) -> bool:
    """Whether there was anything new to publish."""
    _say("Publishing the courses and labs")
    root = root_of(None)
    outcome = publish(
        built,
        Tree.from_folder(root),
        source=f"{root.name}/",
        by=None,
        now=datetime.now(UTC),
        on_progress=progress(),
        tries_slurm=False,  # what is shipped was proved; `lms check` and `lms publish` try it
    )
    if outcome.problems:
        click.echo(report(outcome.problems, "text"), err=True)
    if outcome.release_id is None:
        with built.database.reading() as session:
            if live_release(session) is None:
                raise Unavailable("There is nothing to teach: the courses have the errors above.")
        click.echo(
            "The courses were not published: mend the errors above. What was live before still is.", err=True
        )
    return outcome.is_new


def _greet(settings: Settings, port: int) -> None:
    click.echo(f"\n  Slipway is at http://127.0.0.1:{port}\n\n  Sign in with the password {PASSWORD} as")
    for email, _, who in PEOPLE:
        click.echo(f"    {email:<22} {who}")
    click.echo(f"\n  Data is kept in {settings.var}/. Stop with Ctrl-C.\n")


def _say(what: str) -> None:
    click.echo(f"==> {what}")
