"""How long work shows how far it is."""

import sys
from collections.abc import Callable

import click


def progress() -> Callable[[int, int, str], None]:
    """A line on a terminal that counts up; nothing where nobody watches."""
    if not sys.stderr.isatty():
        return lambda *_: None

    def show(done: int, total: int, what: str) -> None:
        click.echo(f"\r\x1b[K{done}/{total} {what[-60:]}", nl=False, err=True)
        if done == total:
            click.echo("\r\x1b[K", nl=False, err=True)

    return show
