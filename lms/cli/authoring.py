"""Commands for those who write courses and labs; none of them needs a database."""

import sys
from pathlib import Path

import click

from lms.cli.progress import progress
from lms.content.check import Format, report
from lms.content.load import load
from lms.content.preview import serve
from lms.content.problem import failed
from lms.content.tree import Tree, root_of
from lms.errors import Invalid
from lms.labs.prove import Workshop

_FOLDER = click.argument("path", required=False, type=click.Path(path_type=Path))


@click.command()
@_FOLDER
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="How to write the problems: to read, as JSON, or as annotations in a GitHub workflow.",
)
def check(path: Path | None, form: Format) -> None:
    """Find every problem in the courses and labs at PATH.

    PATH is the folder that holds courses/ and labs/, or a folder in it: then only what lies there is told. Without PATH it is the
    current folder. Exit status 1 when a problem is an error.
    """
    try:
        root = root_of(path)
        inside = (path.resolve() if path else root).relative_to(root).as_posix()
        # Proving labs takes a sandbox and minutes; who asks about a course need not wait for it.
        workshop = None if inside.split("/")[0] == "courses" else Workshop()
        loaded = load(Tree.from_folder(root), workshop=workshop, on_progress=progress())
    except Invalid as refused:
        raise click.ClickException(refused.message) from refused
    problems = [p for p in loaded.problems if inside == "." or f"{p.path}/".startswith(f"{inside}/")]
    click.echo(report(problems, form))
    sys.exit(1 if failed(problems) else 0)


@click.command()
@_FOLDER
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8100, show_default=True, help="0 takes a free one."
)
def preview(path: Path | None, port: int) -> None:
    """Serve the courses and labs at PATH to yourself, as learners will see them.

    Problems stand on top of each page and right answers are marked. The page loads again when you save a file.
    """
    try:
        root = root_of(path)
        serve(root, port, lambda address, _: click.echo(f"{root} is at {address} (stop with Ctrl+C)"))
    except Invalid as refused:
        raise click.ClickException(refused.message) from refused
    except OSError as cause:
        raise click.ClickException(
            f"Port {port} cannot be used ({cause.strerror}). Choose another with --port."
        ) from cause
