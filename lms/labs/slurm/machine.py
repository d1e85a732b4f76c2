"""A machine as data into the files its Slurm reads (pure), for two uses.

`described`  the whole machine for a lone slurmctld: nodes that nobody runs, enough to judge a script by.
`small`      two of its nodes, really running in one sandbox: the same partitions, the same node, as many fake GPUs.

Both run as the only user of a sandbox without a network, so there is nobody to keep out: auth/none, no munge.
"""

from collections.abc import Iterator

from lms.content.machine import Machine, NodeKind, Partition

# Where the daemons keep their things: the sandbox's working disk, which is small and goes with it.
STATE = "/box/.slurm"
PORT = 6817
NODES = ("n1", "n2")
FIRST_NODE_PORT = 17001
HOSTNAME = "sandbox"

_COMMON = f"""\
ClusterName={{name}}
SlurmctldHost={HOSTNAME}(127.0.0.1)
SlurmctldPort={PORT}
SlurmUser=root
AuthType=auth/none
CredType=cred/none
MpiDefault=none
StateSaveLocation={STATE}/state
SlurmctldPidFile={STATE}/slurmctld.pid
SlurmctldLogFile={STATE}/slurmctld.log
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
GresTypes=gpu
EnforcePartLimits=ALL
ReturnToService=2
"""
# Slurm looks for work once in a while to be kind to a large site's controller; here a learner waits. Memory is watched once a
# second and its excess ends the job, because a sandbox has no control groups to hand out.
_RUNNING = f"""\
SlurmdUser=root
SlurmdSpoolDir={STATE}/%n
SlurmdPidFile={STATE}/%n.pid
SlurmdLogFile={STATE}/%n.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill
JobCompType=jobcomp/filetxt
JobCompLoc={STATE}/jobcomp.txt
KillWait=2
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0,sched_min_interval=0
"""


def described(machine: Machine) -> dict[str, str]:
    """The files of a lone slurmctld, by name."""
    kinds = {kind.id: kind for kind in machine.nodes}
    nodes = [f"NodeName={kind.names} NodeAddr=127.0.0.1 {_node(kind)} State=IDLE" for kind in machine.nodes]
    partitions = [
        _partition(each, ",".join(kinds[name].names for name in each.nodes), kinds[each.nodes[0]])
        for each in machine.partitions
    ]
    gpus = [
        f"NodeName={kind.names} Name=gpu{_type(kind)} Count={kind.gpus}"
        for kind in machine.nodes
        if kind.gpus
    ]
    return _files(machine, [*nodes, *partitions], gpus)


def small(machine: Machine) -> dict[str, str]:
    """The files of a cluster of two nodes, like those of the machine's that have most GPUs."""
    kind = node_of(machine)
    ports = f"[{FIRST_NODE_PORT}-{FIRST_NODE_PORT + len(NODES) - 1}]"
    nodes = (
        f"NodeName={','.join(NODES)} NodeHostname={HOSTNAME} NodeAddr=127.0.0.1 Port={ports} {_node(kind)}"
    )
    partitions = [_partition(each, ",".join(NODES), kind) for each in machine.partitions]
    gpus = [f"Name=gpu{_type(kind)} File=/dev/gpu[0-{kind.gpus - 1}]"] if kind.gpus else []
    return _files(machine, [*_RUNNING.splitlines(), nodes, *partitions], gpus)


def node_of(machine: Machine) -> NodeKind:
    """The kind of node that stands for the machine when it is made small."""
    return max(machine.nodes, key=lambda kind: kind.gpus)


def _files(machine: Machine, lines: list[str], gpus: list[str]) -> dict[str, str]:
    conf = [_COMMON.format(name=_word(machine.id)).rstrip(), *lines]
    files = {
        "gres.conf": "\n".join(["AutoDetect=off", *gpus, ""]),
        # Slurm asks for it even where no plugin uses control groups.
        "cgroup.conf": "CgroupPlugin=cgroup/v1\n",
    }
    if rules := list(_rules(machine)):
        conf.append("JobSubmitPlugins=lua")
        files["job_submit.lua"] = _POLICY.format(rules="\n".join(rules))
    return {"slurm.conf": "\n".join([*conf, ""]), **files}


def _node(kind: NodeKind) -> str:
    gpus = f" Gres=gpu:{kind.gpu_type + ':' if kind.gpu_type else ''}{kind.gpus}" if kind.gpus else ""
    return (
        f"CPUs={kind.cores * kind.threads_per_core} Sockets=1 CoresPerSocket={kind.cores} "
        f"ThreadsPerCore={kind.threads_per_core} RealMemory={kind.memory_mb}{gpus}"
    )


def _partition(partition: Partition, nodes: str, kind: NodeKind) -> str:
    """A job that asks for no memory gets its cores' share, not the whole node's: else nothing would run beside it."""
    words = [
        f"PartitionName={partition.name} Nodes={nodes} MaxTime={partition.max_minutes} State=UP",
        f"DefMemPerCPU={kind.memory_mb // (kind.cores * kind.threads_per_core)}",
    ]
    if partition.max_nodes is not None:
        words.append(f"MaxNodes={partition.max_nodes}")
    if partition.whole_nodes:
        words.append("OverSubscribe=EXCLUSIVE")
    if partition.default:
        words.append("Default=YES")
    return " ".join(words)


def _type(kind: NodeKind) -> str:
    return f" Type={kind.gpu_type}" if kind.gpu_type else ""


def _word(text: str) -> str:
    return "".join(character if character.isalnum() else "_" for character in text.lower())[:40]


# A site's own rules, as sites write them. Accounts proper need slurmdbd and a database behind it.
_POLICY = """\
function slurm_job_submit(job, partitions, uid)
{rules}
  return slurm.SUCCESS
end
function slurm_job_modify(job, record, partitions, uid)
  return slurm.SUCCESS
end
return slurm.SUCCESS
"""


def _rules(machine: Machine) -> Iterator[str]:
    if machine.account:
        pattern = "".join("%d" if letter == "N" else _escaped(letter) for letter in machine.account)
        yield f'  if job.account == nil or not string.match(job.account, "^{pattern}$") then'
        yield f'    slurm.log_user("an account like {machine.account} is required")'
        yield "    return slurm.ESLURM_INVALID_ACCOUNT"
        yield "  end"
    if machine.time_limit_required:
        yield "  if job.time_limit == slurm.NO_VAL then"
        yield '    slurm.log_user("a time limit is required")'
        yield "    return slurm.ESLURM_INVALID_TIME_LIMIT"
        yield "  end"


def _escaped(letter: str) -> str:
    return letter if letter.isalnum() or letter == "_" else f"%{letter}"
