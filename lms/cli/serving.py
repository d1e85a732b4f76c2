"""`lms serve`, `lms worker`, `lms demo`: the processes of a site."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import click

from lms import services as composition
from lms.cli.authoring import progress
from lms.cli.composing import services
from lms.content.check import report
from lms.content.publish import live_release
from lms.content.tree import Tree, root_of
from lms.demo import PASSWORD, PEOPLE, seed
from lms.errors import SlipwayError
from lms.labs.sandbox.host import this_host
from lms.migrate import upgrade
from lms.publishing import publish
from lms.services import Services
from lms.settings import Settings, read_settings

GRACE_SECONDS = 20


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option(
    "--worker/--no-worker", "with_worker", default=True, help="Grade on this host too.", show_default=True
)
def serve(host: str, port: int, *, with_worker: bool) -> None:
    """Serve the site, with a grading worker beside it."""
    with services() as built:
        composition.refuse_demo_people(built)
    sys.exit(_supervise(host, port, with_worker=with_worker))


@click.command()
def worker() -> None:
    """Grade what is handed in, until stopped. Start as many as you like, on any host that reaches the database."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    this_host()  # refuses a host that has no sandbox, before anything is claimed
    with services() as built:
        name = f"{os.uname().nodename}:{os.getpid()}"
        workers = [built.worker(f"{name}:{number}") for number in range(built.settings.graders)]

        def stop(_signal: int, _frame: FrameType | None) -> None:
            for each in workers:
                each.stop()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        threads = [
            threading.Thread(target=each.run, name=f"grader-{number}") for number, each in enumerate(workers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


@click.command()
@click.option("--port", default=8000, show_default=True)
def demo(port: int) -> None:
    """Make a whole site to try: migrate, publish the shipped courses, add demo people, serve."""
    os.environ.setdefault("LMS_BASE_URL", f"http://127.0.0.1:{port}")
    settings = read_settings()
    if settings.is_production:
        raise click.ClickException(
            "`lms demo` adds people whose password everybody knows: not in production."
        )
    _require_free("127.0.0.1", port)
    with services(current=False) as built:
        _say("Bringing the database up to date")
        upgrade(built.database)
        _publish_shipped(built)
        seed(built, _say)
    _greet(settings, port)
    sys.exit(_supervise("127.0.0.1", port, with_worker=True))


def _publish_shipped(built: Services) -> None:
    _say("Publishing the courses and labs")
    root = root_of(None)
    outcome = publish(
        built,
        Tree.from_folder(root),
        source=f"{root.name}/",
        by=None,
        now=datetime.now(UTC),
        on_progress=progress(),
    )
    if outcome.release_id is None:
        click.echo(report(outcome.problems, "text"), err=True)
        with built.database.reading() as session:
            if live_release(session) is None:
                raise click.ClickException("There is nothing to teach: the courses have the errors above.")
        click.echo(
            "The courses were not published: mend the errors above. What was live before still is.", err=True
        )


def _greet(settings: Settings, port: int) -> None:
    click.echo(f"\n  Slipway is at http://127.0.0.1:{port}\n\n  Sign in with the password {PASSWORD} as")
    for email, _, who in PEOPLE:
        click.echo(f"    {email:<22} {who}")
    click.echo(f"\n  Data is kept in {settings.var}/. Stop with Ctrl-C.\n")


def _say(what: str) -> None:
    click.echo(f"==> {what}")


def _supervise(host: str, port: int, *, with_worker: bool) -> int:
    """Run the web server and the worker as children; when one ends, or we are told to, end the other. The exit status."""
    _require_free(host, port)
    settings = read_settings()
    children = {"web": _start(_web_command(settings, host, port))}
    if with_worker:
        try:
            this_host()
            children["worker"] = _start([sys.executable, "-m", "lms.cli.main", "worker"])
        except SlipwayError as refusal:
            click.echo(f"Labs will not be graded here: {refusal.message} `lms doctor` tells more.", err=True)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        for child in children.values():
            child.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    status = None
    while status is None:
        for name, child in children.items():
            if (status := child.poll()) is not None:
                if status > 0:
                    click.echo(f"The {name} process ended with status {status}; stopping.", err=True)
                break
        time.sleep(0.1)
    stop(0, None)
    deadline = time.monotonic() + GRACE_SECONDS
    for child in children.values():
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
    return max(status, 0)


def _require_free(host: str, port: int) -> None:
    """Say so in a sentence when somebody else listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as refusal:
            raise click.ClickException(
                f"Port {port} on {host} cannot be used ({refusal.strerror}). Choose another: make run PORT=8001"
            ) from refusal


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command)  # noqa: S603 - our own programs, with our own words


def _web_command(settings: Settings, host: str, port: int) -> list[str]:
    return [
        str(Path(sys.executable).parent / "granian"),
        "--interface", "wsgi",
        "--host", host,
        "--port", str(port),
        "--workers", str(settings.web_workers),
        "--blocking-threads", str(settings.web_threads),
        "--backpressure", "64",
        "--no-ws",
        "--respawn-failed-workers",
        "--log-level", "warning",
        "--factory",
        "lms.app:create_app",
    ]  # fmt: skip
