"""What boreas has to say about a script: would the job be taken, would it start, would it leave a log, what
is wasted?
"""

from collections.abc import Collection, Iterator

from boreas import filenames
from boreas.findings import Code, Finding
from boreas.profile import ACCOUNT, NODE, PARTITIONS, SHARE, Partition
from boreas.quantities import Unlimited
from boreas.request import Request, read
from boreas.sbatch import Script


def check(script: Script, *, folders: Collection[str] = ()) -> tuple[Finding, ...]:
    """Every finding about a script: those of its reading, of its values, and of the rules of boreas, by line.

    `folders` are the folders that exist where the job is submitted from, such as `{"logs"}`.
    """
    request, findings = read(script)
    partition = PARTITIONS.get(script.value("partition"))
    found = [*script.findings, *findings, *_account(script), *_partition(script), *_logs(script, folders)]
    if partition is not None:
        found += _time(script, request, partition)
        found += _nodes(script, request, partition)
        found += _gpus(script, request, partition)
        if partition.gpus_per_node:  # the profile says nothing about the inside of a CPU node
            found += _cores(script, request, partition)
            found += _memory(script, request, partition)
    return tuple(sorted(found))


def errors(findings: Collection[Finding]) -> tuple[Finding, ...]:
    """Those findings that stop the job or falsify it, without those that only make it dear."""
    return tuple(each for each in findings if each.severity == "error")


def _line(script: Script, *options: str) -> int:
    found = script.find(*options)
    return found.line if found else 0


def _account(script: Script) -> Iterator[Finding]:
    account = script.value("account")
    if not account:
        yield Finding(0, Code.NO_ACCOUNT, "no account: nobody pays for the job, so boreas refuses it")
    elif not ACCOUNT.fullmatch(account):
        yield Finding(
            _line(script, "account"),
            Code.ACCOUNT_FORM,
            "an account of boreas is project_465000 and three digits",
        )


def _partition(script: Script) -> Iterator[Finding]:
    name = script.value("partition")
    if not name:
        yield Finding(0, Code.NO_PARTITION, "no partition")
    elif name not in PARTITIONS:
        yield Finding(
            _line(script, "partition"),
            Code.PARTITION,
            "invalid partition specified: boreas has none of this name",
        )


def _time(script: Script, request: Request, partition: Partition) -> Iterator[Finding]:
    line = _line(script, "time")
    match request.minutes:
        case None:
            if not line:  # else the value was unreadable, and that has been said
                yield Finding(0, Code.NO_TIME, "no time limit: the scheduler can fit the job into no gap")
        case Unlimited():
            yield Finding(line, Code.TIME_LIMIT, f"no job in {partition.name} is without a limit")
        case minutes if minutes > partition.max_minutes:
            yield Finding(
                line, Code.TIME_LIMIT, f"longer than {partition.name} allows: PENDING (PartitionTimeLimit)"
            )


def _nodes(script: Script, request: Request, partition: Partition) -> Iterator[Finding]:
    if partition.max_nodes is not None and request.nodes > partition.max_nodes:
        yield Finding(
            _line(script, "nodes", "ntasks"),
            Code.NODES,
            f"more nodes than {partition.name} allows: PENDING (PartitionNodeLimit)",
        )


def _gpus(script: Script, request: Request, partition: Partition) -> Iterator[Finding]:
    line = _line(script, "gpus-per-node", "gres", "gpus", "gpus-per-task")
    if request.gpus_per_node > partition.gpus_per_node:
        yield Finding(line, Code.GPUS, "a node has fewer GPUs: Requested node configuration is not available")
    elif partition.gpus_per_node and not request.gpus_per_node:
        yield Finding(
            line, Code.NO_GPU, "a GPU partition, and no GPU asked for: the code will find no device"
        )
    elif partition.billing == "whole-node" and request.gpus_per_node < partition.gpus_per_node:
        yield Finding(line, Code.WHOLE_NODE, "billed for whole nodes, and some GPUs stay idle", "warning")


def _cores(script: Script, request: Request, partition: Partition) -> Iterator[Finding]:
    line = _line(script, "cpus-per-task", "ntasks-per-node", "ntasks")
    if request.cores_per_node > NODE.usable_cores:
        yield Finding(
            line,
            Code.CORES,
            f"of a node's {NODE.cores} cores jobs can have {NODE.usable_cores}: never starts",
        )
    elif partition.billing == "share" and request.cores_per_node > SHARE.cores * max(
        request.gpus_per_node, 1
    ):
        yield Finding(
            line, Code.CORE_SHARE, "more cores than come with the GPUs: billed as more GPUs", "warning"
        )


def _memory(script: Script, request: Request, partition: Partition) -> Iterator[Finding]:
    line = _line(script, "mem", "mem-per-cpu", "mem-per-gpu")
    if request.memory_mib is None:
        return
    if request.memory_mib > NODE.usable_memory_gb * 1024:
        yield Finding(line, Code.MEMORY, "more than a node has: Memory specification can not be satisfied")
    elif partition.billing == "share" and request.memory_mib > SHARE.memory_gb * 1024 * max(
        request.gpus_per_node, 1
    ):
        yield Finding(
            line, Code.MEMORY_SHARE, "more memory than comes with the GPUs: billed as more GPUs", "warning"
        )


def _logs(script: Script, folders: Collection[str]) -> Iterator[Finding]:
    for option in ("output", "error"):
        found = script.find(option)
        if found is None:
            continue  # slurm-%j.out in the folder of submission: always there, always its own
        folder = filenames.folder_of(found.value)
        if folder != "." and folder not in folders:
            yield Finding(
                found.line, Code.NO_FOLDER, "this folder must exist before the job starts, or there is no log"
            )
        if not filenames.is_own(found.value):
            yield Finding(
                found.line, Code.SAME_LOG, "no job id in the name: the next job overwrites this log"
            )
