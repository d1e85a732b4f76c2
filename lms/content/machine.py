"""A machine as data: what its Slurm would need to know to answer for it. Values only; `machines` reads the files.

Figures of real machines age. So each carries where they come from, when they were compared with it, and what nobody could compare.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class MachineSource:
    """Where figures come from. `date` is the source's own, as precise as it gives it ("2026-04"); "" where it bears none."""

    title: str
    date: str


@dataclass(frozen=True)
class NodeKind:
    """Nodes that are alike: `count` of them, called `names` in Slurm's notation ("nid[001001-001064]").

    `cores` and `memory_mb` are what a job can have of one; what the system keeps for itself is left out. `gpu_type` of ""
    means that GPUs are asked for by number alone.
    """

    id: str
    names: str
    count: int
    cores: int
    threads_per_core: int
    memory_mb: int
    gpus: int
    gpu_type: str


@dataclass(frozen=True)
class Partition:
    """A queue over the nodes of these kinds. `whole_nodes`: no two jobs share a node. No `max_nodes` is None."""

    name: str
    nodes: tuple[str, ...]
    max_minutes: int
    max_nodes: int | None
    whole_nodes: bool
    default: bool


@dataclass(frozen=True)
class Machine:
    """`invented` for practice machines, whose figures nobody can check and which never age.

    `account` is how accounts are written, with N for a digit ("project_465000NNN"); a job without one like it is refused. "" asks for
    none. `checked_on` is an ISO date, `unverified` what could not be compared with a source, in sentences.
    `names_known` is false where the nodes' names are ours: then nothing follows from the names in a record.
    """

    id: str
    title: str
    invented: bool
    checked_on: str
    sources: tuple[MachineSource, ...]
    unverified: tuple[str, ...]
    account: str
    time_limit_required: bool
    nodes: tuple[NodeKind, ...]
    partitions: tuple[Partition, ...]
    names_known: bool = True

    @property
    def node_count(self) -> int:
        return sum(kind.count for kind in self.nodes)
