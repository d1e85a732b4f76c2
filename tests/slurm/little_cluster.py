"""A Slurm of two nodes on this machine, without systemd and without munge: for tests, and for measuring."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

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


class LittleCluster:
    """slurmctld and two slurmd in the foreground, so that each is a process of ours to end."""

    def __init__(self, folder, cpus=4):
        self.folder, self.conf, self.daemons = folder, folder / "slurm.conf", {}
        host = socket.gethostname().partition(".")[0]
        ports = [_free_port() for _ in range(3)]
        nodes = "\n".join(
            f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs={cpus} RealMemory=8000 State=UNKNOWN"
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
            process.terminate()
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
        process.wait(3)
    except subprocess.TimeoutExpired:  # a controller likes to talk to nodes that are gone
        process.kill()
        process.wait()
