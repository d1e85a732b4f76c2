"""The frozen profile of boreas, as data.

boreas is invented; its rules have the shape of real ones (F§1.2, F§10). Nothing here may change once a lab
has been handed out: every answer key hangs on it. One GPU-hour of boreas is one Slurm GPU for one hour.
"""

import re
from dataclasses import dataclass
from typing import Literal

Billing = Literal[
    "share",  # GPU-hours by the largest of three shares: GPUs, cores, memory
    "whole-node",  # GPU-hours for all GPUs of every node
    "node-hours",  # node-hours, from another purse
]


@dataclass(frozen=True)
class Partition:
    """A queue: its limits and how it is billed. Where the profile sets no limit on nodes, `max_nodes` is
    None.
    """

    name: str
    max_minutes: int
    max_nodes: int | None
    gpus_per_node: int
    billing: Billing


@dataclass(frozen=True)
class Node:
    """What a job can have of one GPU node: of 64 cores 56, of the memory 480 GB."""

    gpus: int = 4
    gpu_memory_gb: int = 64
    cores: int = 64
    usable_cores: int = 56
    usable_memory_gb: int = 480


@dataclass(frozen=True)
class Share:
    """What comes with one GPU at no extra charge."""

    cores: int = 14
    memory_gb: int = 120


@dataclass(frozen=True)
class Storage:
    """A place for files: its size in GB, how many files it holds, and after how many days it is purged (None:
    never).
    """

    name: str
    gigabytes: int
    files: int
    purge_days: int | None


NODE = Node()
SHARE = Share()
GPU_NODES = 64
PEAK_BF16_TFLOPS_PER_GPU = 300

PARTITIONS: dict[str, Partition] = {
    each.name: each
    for each in (
        Partition("dev-g", max_minutes=30, max_nodes=2, gpus_per_node=4, billing="share"),
        Partition("small-g", max_minutes=24 * 60, max_nodes=4, gpus_per_node=4, billing="share"),
        Partition("standard-g", max_minutes=12 * 60, max_nodes=32, gpus_per_node=4, billing="whole-node"),
        Partition("cpu", max_minutes=24 * 60, max_nodes=None, gpus_per_node=0, billing="node-hours"),
    )
}

# Nothing is backed up, anywhere.
STORAGE: tuple[Storage, ...] = (
    Storage("home", gigabytes=20, files=100_000, purge_days=None),
    Storage("project", gigabytes=100, files=200_000, purge_days=None),
    Storage("scratch", gigabytes=5_000, files=2_000_000, purge_days=60),
)

ACCOUNT = re.compile(r"project_465000[0-9]{3}", re.ASCII)
LOGIN_CPU_MINUTES = 10
INTERNET_ON_COMPUTE_NODES = False
