"""A real Slurm of two nodes on this machine, a real site that they reach over HTTP, and dispatchers between the two.

Where Slurm is not installed or does not start, these tests are skipped with the reason, unless LMS_TEST_STRICT=1.
"""

import os
import shutil
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from lms.app import create_app
from lms.labs.engines.cluster import Asked, Commands
from lms.labs.engines.slurm import Slurm
from lms.labs.engines.tables import Ticket
from lms.labs.tables import Grading
from tests.conftest import services_on, unavailable
from tests.sandbox.conftest import sandbox
from tests.slurm.little_cluster import LMS, PATH, LittleCluster

__all__ = ["sandbox"]


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """Two idle nodes."""
    missing = [each for each in ("slurmctld", "slurmd", "sbatch") if shutil.which(each, path=PATH) is None]
    if missing:
        unavailable(f"no Slurm: {', '.join(missing)} is not installed (apt install slurm-wlm)")
    started = LittleCluster(tmp_path_factory.mktemp("slurm"))
    try:
        try:
            started.start()
        except OSError as trouble:
            unavailable(f"Slurm does not start here: {trouble}")
        before = os.environ.get("SLURM_CONF")
        os.environ["SLURM_CONF"] = str(started.conf)
        yield started
        if before is None:
            del os.environ["SLURM_CONF"]
        else:
            os.environ["SLURM_CONF"] = before
    finally:
        started.stop()


@pytest.fixture
def lease():
    """Seconds; a test that waits for one to lapse has its own."""
    return 20


@pytest.fixture
def site(sqlite_url, tmp_path, lease):
    """Services of a site whose leases are short."""
    built = services_on(sqlite_url, tmp_path, lease_seconds=lease)
    yield built
    built.close()


@pytest.fixture
def services(site):
    return site


@pytest.fixture
def address(site):
    """Where the site answers, over real HTTP."""
    server = make_server("127.0.0.1", 0, create_app(services=site), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Yard:
    """The site, the cluster, and whoever dispatches between them."""

    def __init__(self, site, cluster, address, lease, folder):
        self.site, self.cluster, self.address, self.lease, self.folder = site, cluster, address, lease, folder
        self.log = folder / "task-%A_%a.log"

    def dispatcher(self, name="dispatcher", **given):
        asked = {"options": (f"--output={self.log}",), **given.pop("asked", {})}
        options = {"name": name, "lease_seconds": self.lease, "array": 100, "look_seconds": 0.2, **given}
        cluster = options.pop("cluster", Commands(LMS, self.address))
        return Slurm(self.site.database, self.site.shelf, cluster, Asked(**asked), **options)

    def until(self, condition, dispatcher, seconds=30):
        """Let it work until something is so."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"{self.cluster.jobs()}\n{self.told()}\n{self.cluster.logs()}"
            dispatcher.work_once()
            time.sleep(0.05)

    def grading(self, submission):
        with self.site.database.reading() as session:
            return session.query(Grading).filter_by(submission_id=submission.id).one()

    def states(self, submissions):
        return {self.grading(each).state for each in submissions}

    def tickets(self):
        with self.site.database.reading() as session:
            return session.query(Ticket).order_by(Ticket.id).all()

    def in_slurm(self, cluster=None):
        """What Slurm says of the newest array. The tasks of those before it may still be ending, though they are graded."""
        tickets = self.tickets()
        tasks = (cluster or Commands(LMS, self.address)).tasks()
        return [task for task in tasks if tickets and task.batch == tickets[-1].batch]

    def told(self):
        """What tasks wrote."""
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("task-*.log")))

    def tasks(self):
        """{pid of a task on a node: pid of the slurmstepd that watches it}, of this test's cluster."""
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if b"grade-task" not in (process / "cmdline").read_bytes():
                    continue
                if str(self.cluster.conf).encode() in (process / "environ").read_bytes():
                    found[int(process.name)] = int(
                        (process / "stat").read_text().rpartition(")")[2].split()[1]
                    )
            except OSError:
                continue
        return found


@pytest.fixture
def yard(cluster, site, address, lease, tmp_path, sandbox):
    with ExitStack() as stack:
        stack.callback(cluster.run, "scancel", "--quiet", "--full", "-u", str(os.geteuid()), check=False)
        stack.callback(cluster.set_nodes, "resume")
        yield Yard(site, cluster, address, lease, tmp_path)
