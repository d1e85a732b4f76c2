"""What a script asks for, in numbers: per node, as Slurm counts."""

from collections.abc import Callable
from dataclasses import dataclass

from boreas.findings import Code, Finding
from boreas.profile import NODE
from boreas.quantities import QuantityError, Unlimited, mebibytes_of, minutes_of
from boreas.sbatch import Directive, Script

MEMORY_OPTIONS = ("mem", "mem-per-cpu", "mem-per-gpu")


@dataclass(frozen=True)
class Request:
    """Nodes and minutes of a job, and what it takes on each node. Memory is in MiB.

    `minutes` and `memory_mib` are None where the script does not say: the site's default holds.
    """

    nodes: int
    tasks_per_node: int
    cores_per_task: int
    gpus_per_node: int
    memory_mib: int | None
    minutes: int | Unlimited | None

    @property
    def cores_per_node(self) -> int:
        return self.tasks_per_node * self.cores_per_task


def read(script: Script) -> tuple[Request, tuple[Finding, ...]]:
    """The request in a script, and what is wrong with its values. A value that cannot be read counts as not
    given.
    """
    reader = _Reader(script)
    request = reader.request()
    return request, tuple(sorted(reader.findings))


class _Reader:
    """Collects findings while values are read, so that a script is told everything at once."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.findings: list[Finding] = []

    def request(self) -> Request:
        tasks = self.number("ntasks")
        tasks_per_node = self.number("ntasks-per-node")
        nodes = self.nodes() or (-(-tasks // tasks_per_node) if tasks and tasks_per_node else 1)
        tasks_per_node = tasks_per_node or -(-(tasks or nodes) // nodes)
        cores_per_task = self.number("cpus-per-task") or 1
        gpus = self.gpus(nodes, tasks_per_node)
        memory = self.memory(cores=tasks_per_node * cores_per_task, gpus=gpus)
        return Request(nodes, tasks_per_node, cores_per_task, gpus, memory, self.time())

    def number(self, option: str) -> int:
        """A count of at least 1, or 0 where the script gives none."""
        found = self.script.find(option)
        return self._count(found, found.value) if found else 0

    def nodes(self) -> int:
        """`--nodes=N` or `--nodes=MIN-MAX`: the larger, since the job may get it."""
        found = self.script.find("nodes")
        if found is None:
            return 0
        low, dash, high = found.value.partition("-")
        return max(self._count(found, low), self._count(found, high) if dash else 0)

    def gpus(self, nodes: int, tasks_per_node: int) -> int:
        """GPUs per node, from whichever of the four ways of asking the script uses."""
        ways: dict[str, Callable[[int], int]] = {
            "gpus-per-node": lambda count: count,
            "gres": lambda count: count,
            "gpus": lambda count: -(-count // nodes),
            "gpus-per-task": lambda count: count * tasks_per_node,
        }
        asked = []
        for option, per_node in ways.items():
            found = self.script.find(option)
            if found and (option != "gres" or _is_gpu(found.value)):
                # `gpu:4`, `h100:4` and `gpu:h100:4` end in the count; without one Slurm gives 1.
                count = found.value.rpartition(":")[2]
                asked.append(per_node(1 if count == "gpu" else self._count(found, count, least=0)))
        return max(asked, default=0)

    def memory(self, *, cores: int, gpus: int) -> int | None:
        given = [found for option in MEMORY_OPTIONS if (found := self.script.find(option))]
        if len(given) > 1:
            line = max(each.line for each in given)
            self.findings.append(
                Finding(line, Code.MEMORY_TWICE, "--mem, --mem-per-cpu and --mem-per-gpu exclude one another")
            )
        if not given:
            return None
        try:
            size = mebibytes_of(given[0].value)
        except QuantityError as error:
            self.findings.append(Finding(given[0].line, Code.BAD_MEMORY, str(error)))
            return None
        if size == 0:  # --mem=0 asks for all the memory of the node
            return NODE.usable_memory_gb * 1024
        return size * {"mem": 1, "mem-per-cpu": cores, "mem-per-gpu": gpus}[given[0].option]

    def time(self) -> int | Unlimited | None:
        found = self.script.find("time")
        if found is None:
            return None
        try:
            return minutes_of(found.value)
        except QuantityError as error:
            self.findings.append(Finding(found.line, Code.BAD_TIME, f"Invalid --time specification: {error}"))
            return None

    def _count(self, where: Directive, text: str, *, least: int = 1) -> int:
        if text.isascii() and text.isdecimal() and len(text) < 10 and int(text) >= least:
            return int(text)
        self.findings.append(Finding(where.line, Code.BAD_NUMBER, f"--{where.option} needs a whole number"))
        return 0


def _is_gpu(gres: str) -> bool:
    return gres == "gpu" or gres.startswith("gpu:")
