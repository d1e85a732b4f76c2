"""A real Slurm of two nodes on this machine, a real site that they reach over HTTP, and dispatchers between the two.

Where Slurm is not installed or does not start, these tests are skipped with the reason, unless LMS_TEST_STRICT=1.
"""

import os
import shutil
import socket
import subprocess
import sys
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

__all__ = ["sandbox"]

NODES = ("n1", "n2")
PATH = f"{os.environ['PATH']}:/usr/sbin"  # where Debian keeps daemons
LMS = Path(sys.prefix) / "bin" / "lms"
CONF = """
ClusterName=slipway-test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/none
CredType=cred/none
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
ReturnToService=1
KillWait=1
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0
EnforcePartLimits=ALL
{nodes}
PartitionName=main Nodes=ALL Default=YES MaxTime=60 DefaultTime=5 State=UP
"""


class TestCluster:
    """slurmctld and two slurmd in the foreground, so that each is a process of ours to end."""

    __test__ = False

    def __init__(self, folder):
        self.folder, self.conf, self.daemons = folder, folder / "slurm.conf", {}
        host = socket.gethostname().partition(".")[0]
        ports = [_free_port() for _ in range(3)]
        nodes = "\n".join(
            f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=4 RealMemory=8000 State=UNKNOWN"
            for name, port in zip(NODES, ports[1:], strict=True)
        )
        (folder / "state").mkdir()
        user = os.environ.get("USER", "root") if os.geteuid() else "root"
        self.conf.write_text(CONF.format(host=host, port=ports[0], user=user, folder=folder, nodes=nodes))

    def start(self):
        self.control_up()
        for name in NODES:
            (self.folder / f"spool-{name}").mkdir()
            self._daemon(name, "slurmd", "-D", "-N", name)
        deadline = time.monotonic() + 20
        while self.run("sinfo", "-h", "-t", "idle", "-o", "%D", check=False).strip() != str(len(NODES)):
            if time.monotonic() > deadline or any(each.poll() is not None for each in self.daemons.values()):
                raise OSError(self.logs())
            time.sleep(0.05)

    def control_up(self):
        self._daemon("control", "slurmctld", "-D", *([] if "control" in self.daemons else ["-c"]))

    def control_down(self):
        _end(self.daemons["control"])

    def stop(self):
        for process in self.daemons.values():
            _end(process)

    def run(self, *command, check=True):
        """What a command of Slurm's prints."""
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=check, timeout=30
        )
        return done.stdout

    def set_nodes(self, state, *names):
        names = names or NODES
        reason = [] if state == "resume" else ["reason=test"]
        # Nothing is to be resumed of a node that is well.
        self.run(
            "scontrol",
            "update",
            f"nodename={','.join(names)}",
            f"state={state}",
            *reason,
            check=state != "resume",
        )

    def jobs(self):
        """{task's number: state} of every task of a grading array."""
        told = self.run("squeue", "-h", "--array", "-t", "all", "-o", "%F_%K %T").split()
        return dict(zip(told[::2], told[1::2], strict=True))

    def logs(self):
        return "\n".join(path.read_text()[-1500:] for path in sorted(self.folder.glob("*.log")))

    @property
    def environment(self):
        return {**os.environ, "PATH": PATH, "SLURM_CONF": str(self.conf)}

    def _daemon(self, name, *command):
        self.daemons[name] = subprocess.Popen(
            [*command, "-f", str(self.conf)],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _end(process):
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """Two idle nodes."""
    missing = [each for each in ("slurmctld", "slurmd", "sbatch") if shutil.which(each, path=PATH) is None]
    if missing:
        unavailable(f"no Slurm: {', '.join(missing)} is not installed (apt install slurm-wlm)")
    started = TestCluster(tmp_path_factory.mktemp("slurm"))
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
