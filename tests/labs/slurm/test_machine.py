"""A machine as data becomes what its Slurm reads, and says nothing that its description does not."""

from pathlib import Path

import pytest

from lms.content.gathering import Gathering
from lms.content.machine import Machine
from lms.content.machines import read_machines
from lms.content.tree import Tree
from lms.labs.slurm.machine import described, node_of, small

ROOT = Path(__file__).parents[3]

SAMPLE = """\
id: sample
title: A sample
invented: true
checked_on: 2026-11-23
account: project_NN
time_limit_required: true
nodes:
  - {id: gpu, names: "g[01-10]", cores: 8, threads_per_core: 2, memory_gb: 64, gpus: 4, gpu_type: a100}
  - {id: fat, names: "f[1-2]", cores: 16, memory_gb: 512}
partitions:
  - {name: main, nodes: [gpu], max_minutes: 60, max_nodes: 4, default: true}
  - {name: whole, nodes: [gpu, fat], max_minutes: 120, whole_nodes: true}
"""


def machine(text: str = SAMPLE) -> Machine:
    gathering = Gathering()
    found = read_machines({"labs/machines/sample.yaml": text.encode()}, gathering)
    assert not gathering.problems
    return found["sample"]


def problems(text: str) -> list[tuple[int, str]]:
    gathering = Gathering()
    assert not read_machines({"labs/machines/sample.yaml": text.encode()}, gathering)
    return [(problem.line, problem.code) for problem in gathering.problems]


def test_a_described_machine_has_its_nodes_partitions_and_gpus() -> None:
    files = described(machine())
    lines = files["slurm.conf"].splitlines()
    assert (
        "NodeName=g[01-10] NodeAddr=127.0.0.1 CPUs=16 Sockets=1 CoresPerSocket=8 ThreadsPerCore=2 RealMemory=65536 "
        "Gres=gpu:a100:4 State=IDLE" in lines
    )
    assert (
        "PartitionName=main Nodes=g[01-10] MaxTime=60 State=UP DefMemPerCPU=4096 MaxNodes=4 Default=YES"
        in lines
    )
    assert (
        "PartitionName=whole Nodes=g[01-10],f[1-2] MaxTime=120 State=UP DefMemPerCPU=4096 OverSubscribe=EXCLUSIVE"
        in lines
    )
    assert files["gres.conf"] == "AutoDetect=off\nNodeName=g[01-10] Name=gpu Type=a100 Count=4\n"


def test_a_small_machine_keeps_partitions_and_the_node_with_most_gpus() -> None:
    lines = small(machine())["slurm.conf"].splitlines()
    assert any(line.startswith("NodeName=n1,n2 ") and "Gres=gpu:a100:4" in line for line in lines)
    assert [line.split()[0] for line in lines if line.startswith("PartitionName=")] == [
        "PartitionName=main",
        "PartitionName=whole",
    ]
    assert node_of(machine()).id == "gpu"


def test_a_machine_that_asks_for_an_account_refuses_what_is_not_like_it() -> None:
    policy = described(machine())["job_submit.lua"]
    assert 'string.match(job.account, "^project_%d%d$")' in policy
    assert "a time limit is required" in policy
    without = SAMPLE.replace("account: project_NN\n", "").replace("time_limit_required: true\n", "")
    assert "job_submit.lua" not in described(machine(without))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("invented: true\n", "", (1, "machine-sources")),
        ("g[01-10]", "g[10-01]", (8, "machine-names")),
        ("g[01-10]", "g[1-10]", (8, "machine-names")),
        ("f[1-2]", "g[09-12]", (9, "machine-names")),
        ("id: fat", "id: gpu", (9, "duplicate-id")),
        ("max_nodes: 4", "max_nodes: 11", (11, "machine-limit")),
        ("nodes: [gpu, fat]", "nodes: [gpu, fast]", (12, "unknown-nodes")),
        ("name: whole", "name: main", (12, "duplicate-id")),
        ("whole_nodes: true", "default: true", (12, "machine-default")),
        ("memory_gb: 512}", "memory_gb: 512, gpu_type: x}", (9, "machine-gpus")),
        ("g[01-10]", "g[000001-100000]", (7, "machine-size")),
        ("name: main", 'name: "main\\nSlurmUser=x"', (11, "schema")),
        ("checked_on: 2026-11-23", "checked_on: lately", (4, "schema")),
        ("gpus: 4", "gpu: 4", (8, "unknown-key")),
        ("title: A sample", "title: A: sample", (2, "yaml")),
    ],
)
def test_what_is_wrong_with_a_machine_is_told_with_its_line(
    old: str, new: str, told: tuple[int, str]
) -> None:
    assert old in SAMPLE
    assert told in problems(SAMPLE.replace(old, new, 1))


def test_two_machines_of_one_id_are_told() -> None:
    gathering = Gathering()
    files = {f"labs/machines/{name}.yaml": SAMPLE.encode() for name in ("a", "b")}
    assert len(read_machines(files, gathering)) == 1
    assert [(each.path, each.code) for each in gathering.problems] == [
        ("labs/machines/b.yaml", "duplicate-id")
    ]


def test_every_shipped_machine_is_sound_and_real_ones_say_what_nobody_could_compare() -> None:
    gathering = Gathering()
    found = read_machines(Tree.from_folder(ROOT).files, gathering)
    assert not gathering.problems
    assert {"boreas", "lumi-g", "leonardo-booster", "marenostrum5-acc"} <= set(found)
    for each in found.values():
        assert each.invented or (each.sources and each.unverified)
        assert each.names_known != ("names of the nodes are ours" in " ".join(each.unverified)), each.id
        assert all(small(each).values()), each.id
