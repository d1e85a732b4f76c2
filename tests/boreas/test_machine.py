"""The machine whose Slurm answers for labs is the boreas they are graded by."""

from pathlib import Path

from boreas import profile

from lms.content.gathering import Gathering
from lms.content.machines import read_machines
from lms.content.tree import Tree
from lms.labs.slurm.machine import node_of


def test_the_machine_and_the_profile_agree() -> None:
    gathering = Gathering()
    machine = read_machines(Tree.from_folder(Path(__file__).parents[2]).files, gathering)["boreas"]
    node = node_of(machine)
    assert (node.count, node.gpus, node.cores) == (
        profile.GPU_NODES,
        profile.NODE.gpus,
        profile.NODE.usable_cores,
    )
    assert node.memory_mb == profile.NODE.usable_memory_gb * 1024
    asked = {each.name: (each.max_minutes, each.max_nodes, each.whole_nodes) for each in machine.partitions}
    assert asked == {
        name: (each.max_minutes, each.max_nodes, each.billing == "whole-node")
        for name, each in profile.PARTITIONS.items()
    }
    assert profile.ACCOUNT.fullmatch(machine.account.replace("N", "7"))
