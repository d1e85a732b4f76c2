"""Gradings a minute: arrays on a Slurm of this machine, through a real site, against the local engine. Each grades two at a time.

The time runs from the first claim to the last grade, so what Slurm takes to begin a task is in it, and so is a Python to start for each.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from lms import migrate
from lms import services as composition
from lms.content.tree import Tree, root_of
from lms.labs.tables import Grading
from lms.people.tables import Person
from lms.publishing import publish
from lms.settings import Settings
from tests.slurm.little_cluster import LittleCluster
from tests.steps import hand_in_within

REPOSITORY = Path(__file__).parents[2]
COUNT = 20
ROUNDS = ("local", "slurm", "slurm", "local")
LAB = REPOSITORY / "labs" / "l07-read-the-bill" / "lab.ipynb"


def run() -> None:
    if shutil.which("slurmctld", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        print("\nSlurm is not installed: nothing to compare (apt install slurm-wlm)")
        return
    with tempfile.TemporaryDirectory() as folder:
        cluster = LittleCluster(Path(folder), cpus=1)
        services = composition.build(Settings(var=Path(folder) / "var"))
        try:
            cluster.start()
            prepare(services)
            with site(services) as address:
                took = [(engine, measure(services, cluster, address, engine)) for engine in ROUNDS]
        finally:
            cluster.stop()
            services.close()
    local, slurm = (
        60 * COUNT * 2 / sum(seconds for name, seconds in took if name == engine)
        for engine in ("local", "slurm")
    )
    print(f"\nGrading {COUNT} notebooks of lab L07, two at a time, two interleaved rounds")
    print(f"  local engine                 {local:7.0f} gradings a minute")
    print(
        f"  arrays on Slurm, two nodes   {slurm:7.0f} gradings a minute   {slurm / local:.0%} of the local engine"
    )


def prepare(services) -> None:
    migrate.upgrade(services.database)
    outcome = publish(
        services,
        Tree.from_folder(root_of(None)),
        source="bench",
        by=None,
        now=datetime.now(UTC),
        on_progress=lambda *_: None,
    )
    assert outcome.release_id, outcome.problems


def measure(services, cluster, address: str, engine: str) -> float:
    """Seconds that COUNT gradings took."""
    with services.database.transaction() as session:
        now = datetime.now(UTC)
        last = session.scalar(select(func.max(Grading.id))) or 0
        people = [
            Person(name="Somebody", email=f"{engine}{last}-{n}@example.com", registered_at=now)
            for n in range(COUNT)
        ]
        session.add_all(people)
        session.flush()
        for person in people:
            hand_in_within(session, services, person.id, LAB.read_bytes(), lab_id="L07", now=now)
    environment = environment_of(
        services, LMS_ENGINE=engine, LMS_SLURM_SITE=address, SLURM_CONF=str(cluster.conf), LMS_GRADERS="2"
    )
    worker = start(["worker"], environment)
    done = select(func.count()).where(Grading.id > last, Grading.outcome == "graded", Grading.score == 20)
    deadline = time.monotonic() + 600
    while True:
        with services.database.reading() as session:
            if session.scalar(done) == COUNT:
                break
        if time.monotonic() > deadline:
            raise TimeoutError(f"{engine}: not graded in time")
        time.sleep(0.1)
    worker.terminate()
    worker.wait(30)
    with services.database.reading() as session:
        began, ended = session.execute(
            select(func.min(Grading.started_at), func.max(Grading.graded_at)).where(Grading.id > last)
        ).one()
    return (ended - began).total_seconds()


@contextmanager
def site(services):
    """The address of a server in processes of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = start(["serve", "--no-worker", "--port", str(port)], environment_of(services))
    address, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{address}/readyz", timeout=5).close()
            break
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
    try:
        yield address
    finally:
        server.terminate()
        server.wait(30)


def environment_of(services, **given: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LMS_")}
    return {**kept, "LMS_VAR": str(services.settings.var), **given}


def start(arguments: list[str], environment: dict[str, str]) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "lms.cli.main", *arguments],
        cwd=REPOSITORY,
        env=environment,
        stderr=subprocess.DEVNULL,
    )
