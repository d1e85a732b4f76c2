"""What a request costs on boreas, as exact fractions.

The rules are those of the profile; their shape is LUMI's (F§10, LUG-1024). Waiting costs nothing; what is
allocated costs from the first second, idle or not. Cores, memory and GPUs are per node, as in `--mem` and
`--gpus-per-node`.

    dev-g, small-g    GPU-h  = nodes x max(GPUs, ceil(cores / 14), ceil(GB / 120)) x hours
    standard-g        GPU-h  = nodes x 4 x hours
    cpu               node-h = nodes x hours
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from boreas.profile import PARTITIONS, SHARE

Unit = Literal["GPU-h", "node-h"]
Number = int | float | Fraction


@dataclass(frozen=True)
class Charge:
    """An exact amount, and of what: GPU-hours and node-hours are different purses and never add up."""

    amount: Fraction
    unit: Unit


def charge(
    partition: str, *, nodes: int, gpus: int = 0, cores: int = 0, memory_gb: Number = 0, hours: Number
) -> Charge:
    """The charge for a job that ran for so many hours. Raises KeyError for a partition boreas does not have,
    and ValueError for a negative quantity or less than one node.
    """
    if nodes < 1 or min(gpus, cores, memory_gb, hours) < 0:
        raise ValueError("a job has at least one node, and nothing of it is negative")
    rule = PARTITIONS[partition]
    time = Fraction(hours)
    match rule.billing:
        case "share":
            return Charge(nodes * share(gpus=gpus, cores=cores, memory_gb=memory_gb) * time, "GPU-h")
        case "whole-node":
            return Charge(nodes * rule.gpus_per_node * time, "GPU-h")
        case "node-hours":
            return Charge(nodes * time, "node-h")


def share(*, gpus: int, cores: int, memory_gb: Number) -> int:
    """How many GPUs a request is billed as, on one node: the largest of its three shares."""
    return max(
        gpus, math.ceil(Fraction(cores, SHARE.cores)), math.ceil(Fraction(memory_gb) / SHARE.memory_gb)
    )
