"""`lms serve`, `lms worker`: the processes of a site."""

import socket
import sys

import click

from lms import services as composition
from lms.cli.composing import services
from lms.settings import read_settings


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option(
    "--worker/--no-worker", "with_worker", default=True, help="Grade on this host too.", show_default=True
)
def serve(host: str, port: int, *, with_worker: bool) -> None:
    """Serve the site, with a grading worker beside it."""
    require_free(host, port)
    with services() as built:
        composition.refuse_demo_people(built)
    from lms.cli.processes import supervise  # noqa: PLC0415 - the server is loaded by who serves

    sys.exit(supervise(read_settings(), host, port, with_worker=with_worker))


@click.command()
def worker() -> None:
    """Grade what is handed in, until stopped. Start as many as you like, on any host that reaches the database."""
    from lms.cli.processes import grade  # noqa: PLC0415
    from lms.labs.sandbox.host import this_host  # noqa: PLC0415

    settings = read_settings()
    if settings.engine == "local":
        this_host()  # refuses a host that has no sandbox, before anything is claimed
    with services():
        pass  # refuses a database of another shape
    grade(settings)


def require_free(host: str, port: int) -> None:
    """Say so in a sentence when somebody else listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as refusal:
            raise click.ClickException(
                f"Port {port} on {host} cannot be used ({refusal.strerror}). Choose another: make run PORT=8001"
            ) from refusal
