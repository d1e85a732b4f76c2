"""`lms runtime`: the Python that runs in a learner's browser."""

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import click

from lms.cli.progress import progress
from lms.errors import SlipwayError
from lms.runtime.build import build
from lms.runtime.built import Built, find, verify
from lms.runtime.pruning import leftovers, prune, size
from lms.runtime.recipe import shipped
from lms.runtime.standing import Standing, standing
from lms.settings import read_settings


@click.group()
def runtime() -> None:
    """Python for labs in the browser: built once on each web host, the same bytes everywhere."""


@runtime.command(name="build")
@click.option(
    "--science",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Add numpy, pandas and matplotlib from this unpacked official distribution of Pyodide.",
)
@click.option("--behind", is_flag=True, hidden=True, help="Behind a site that is being served.")
def runtime_build(science: Path | None, *, behind: bool) -> None:
    """Build it, about a minute, unless it is there. Downloads are kept: another build needs no network."""
    root = read_settings().runtime
    if behind:
        _build_behind(root)
        return
    show = progress()
    made = build(
        root,
        shipped(science=science is not None),
        distribution=science,
        on_step=lambda told: show(told.done, told.of, told.step),
    )
    click.echo(_about(made))
    _tell_leftovers(root, click.echo)


@runtime.command(name="status")
@click.option("--json", "as_json", is_flag=True, help="Write it as JSON.")
def runtime_status(*, as_json: bool) -> None:
    """What is there, or how far it is. Ends with 1 when labs cannot run in the browser yet."""
    root = read_settings().runtime
    made, stands = find(root), standing(root)
    if as_json:
        about = {"build": made.build, "packages": dict(made.packages), "bytes": made.size} if made else {}
        click.echo(
            json.dumps(
                {"state": stands.state, "message": stands.message, "folder": str(root), **about}, indent=2
            )
        )
    elif made is not None:
        click.echo(_about(made))
    else:
        click.echo(
            {
                "building": f"It is being built: {stands.step}, {stands.done} of {stands.of}.",
                "failed": f"The last build failed. {stands.message}\nTry again: lms runtime build",
            }.get(stands.state, f"Nothing is built in {root}. Build it: lms runtime build")
        )
    if not as_json:
        _tell_leftovers(root, click.echo)
    if made is None:
        sys.exit(1)


@runtime.command(name="verify")
def runtime_verify() -> None:
    """Compare every file with its sum. Ends with 1 when one was changed or is missing."""
    root = read_settings().runtime
    made = find(root)
    if made is None:
        raise click.ClickException(f"Nothing is built in {root}. Build it: lms runtime build")
    problems = verify(made)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        click.echo(f"Remove {made.folder} and build it again: lms runtime build", err=True)
        sys.exit(1)
    click.echo(f"{len(made.files)} files of build {made.build} are as they were built.")


@runtime.command(name="prune")
def runtime_prune() -> None:
    """Remove what other versions of Slipway built here. One that is still served from this folder loses its labs in the browser."""
    root = read_settings().runtime
    taken = size(leftovers(root))
    removed = prune(root)
    for folder in removed:
        click.echo(f"Removed {folder}")
    click.echo(f"{taken / 1e6:.0f} MB are free again." if removed else "Nothing of other versions is here.")


def _build_behind(root: Path) -> None:
    """At a low priority, told in a few whole lines between those of the site; a refusal is told, and ends nothing."""
    with suppress(OSError):
        os.nice(10)
    told = ""

    def tell(stands: Standing) -> None:
        nonlocal told
        if stands.step != told:
            told = stands.step
            _say(f"Python for the browser: {told} ({stands.done} %)")

    _say("Python for the browser is being built, once, in about a minute; the site works meanwhile")
    try:
        build(root, shipped(), on_step=tell)
    except SlipwayError as refusal:
        _say(f"Python for the browser could not be built, so labs are worked on elsewhere. {refusal.message}")
        _say("Try again at any time: lms runtime build")
    else:
        _say("Python for the browser is ready: labs can be worked on in it")
        _tell_leftovers(root, _say)


def _tell_leftovers(root: Path, tell: Callable[[str], object]) -> None:
    if left := leftovers(root):
        tell(
            f"Other versions left {size(left) / 1e6:.0f} MB in {root}. When none of them is served any more: lms runtime prune"
        )


def _say(what: str) -> None:
    click.echo(f"==> {what}")


def _about(made: Built) -> str:
    named = ", ".join(f"{name} {version}" for name, version in made.packages.items())
    return (
        f"Python {made.python} for the browser, build {made.build}, {made.size / 1e6:.1f} MB to transfer, in {made.folder}\n"
        f"With {named}."
    )
