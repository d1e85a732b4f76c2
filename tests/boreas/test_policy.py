"""boreas refuses what it should, warns of what costs needlessly, and lets good scripts pass."""

from collections.abc import Collection

import pytest
from boreas.findings import MISTAKES, Code
from boreas.policy import check, errors
from boreas.request import read
from boreas.sbatch import parse
from hypothesis import given
from hypothesis import strategies as st

GOOD = {
    "account": "project_465000042",
    "partition": "small-g",
    "time": "2:00:00",
    "nodes": "1",
    "gpus-per-node": "4",
    "ntasks-per-node": "4",
    "cpus-per-task": "14",
    "mem": "400G",
    "output": "logs/%x-%j.out",
}


def script(**changes: str | None) -> str:
    """The good script with options changed or, with None, left out."""
    options = GOOD | {name.replace("_", "-"): value for name, value in changes.items()}
    lines = [f"#SBATCH --{name}={value}" for name, value in options.items() if value is not None]
    return "\n".join(["#!/bin/bash", *lines, "", "srun python train.py", ""])


def codes(text: str, folders: Collection[str] = ("logs",)) -> list[Code]:
    return [each.code for each in check(parse(text), folders=folders)]


def test_a_good_script_passes_and_asks_what_it_says() -> None:
    request, findings = read(parse(script()))
    assert not codes(script())
    assert not findings
    assert (request.nodes, request.cores_per_node, request.gpus_per_node) == (1, 56, 4)
    assert (request.memory_mib, request.minutes) == (400 * 1024, 120)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"account": None}, Code.NO_ACCOUNT),
        ({"account": "project_462000042"}, Code.ACCOUNT_FORM),
        ({"account": "project_4650000420"}, Code.ACCOUNT_FORM),
        ({"partition": None}, Code.NO_PARTITION),
        ({"partition": "booster"}, Code.PARTITION),
        ({"time": None}, Code.NO_TIME),
        ({"time": "2h"}, Code.BAD_TIME),
        ({"time": "24:00:01"}, Code.TIME_LIMIT),
        ({"time": "0"}, Code.TIME_LIMIT),
        ({"partition": "dev-g", "time": "31"}, Code.TIME_LIMIT),
        ({"nodes": "5"}, Code.NODES),
        ({"nodes": "1-5"}, Code.NODES),
        ({"nodes": "many"}, Code.BAD_NUMBER),
        ({"gpus_per_node": "5"}, Code.GPUS),
        ({"partition": "cpu"}, Code.GPUS),
        ({"mem": "481G"}, Code.MEMORY),
        ({"mem": "lots"}, Code.BAD_MEMORY),
        ({"mem-per-gpu": "100G"}, Code.MEMORY_TWICE),
        ({"cpus_per_task": "15"}, Code.CORES),
        ({"output": "elsewhere/%j.out"}, Code.NO_FOLDER),
        ({"output": "logs/train.out"}, Code.SAME_LOG),
        ({"error": "logs/%x.err"}, Code.SAME_LOG),
    ],
)
def test_what_boreas_refuses(changes: dict[str, str | None], code: Code) -> None:
    text = script(**changes)
    assert codes(text) == [code]
    assert [each.code for each in errors(check(parse(text), folders=("logs",)))] == [code]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"gpus_per_node": "2", "ntasks_per_node": "2", "mem": "241G"}, Code.MEMORY_SHARE),
        ({"gpus_per_node": "3", "mem": None}, Code.CORE_SHARE),
        ({"partition": "standard-g", "gpus_per_node": "3"}, Code.WHOLE_NODE),
    ],
)
def test_what_boreas_takes_but_bills_higher(changes: dict[str, str | None], code: Code) -> None:
    text = script(**changes)
    assert codes(text) == [code]
    assert not errors(check(parse(text), folders=("logs",)))


def test_a_gpu_partition_without_a_gpu_is_reported() -> None:
    assert Code.NO_GPU in codes(script(gpus_per_node=None))


@pytest.mark.parametrize(
    "asked", ["--gpus-per-node=a:4", "--gres=gpu:4", "--gres=gpu:mi:4", "-G 8", "--gpus-per-task=1"]
)
def test_gpus_are_counted_per_node_however_asked(asked: str) -> None:
    text = f"#!/bin/bash\n#SBATCH -N 2 --ntasks-per-node=4 {asked}\n"
    request, findings = read(parse(text))
    assert (request.gpus_per_node, findings) == (4, ())


@pytest.mark.parametrize("asked", ["--mem=112G", "--mem-per-cpu=4G", "--mem-per-gpu=56G"])
def test_memory_is_counted_per_node_however_asked(asked: str) -> None:
    request, _ = read(parse(f"#!/bin/bash\n#SBATCH --ntasks-per-node=2 -c 14 --gpus-per-node=2 {asked}\n"))
    assert request.memory_mib == 112 * 1024


def test_all_the_memory_is_what_a_job_can_have() -> None:
    request, _ = read(parse("#!/bin/bash\n#SBATCH --mem=0\n"))
    assert request.memory_mib == 480 * 1024


def test_every_code_knows_its_row_of_the_list_of_mistakes() -> None:
    assert MISTAKES.keys() == set(Code)


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), st.text(max_size=12)))
def test_no_value_makes_the_rules_fall_over(changes: dict[str, str]) -> None:
    for each in check(parse(script(**changes))):
        assert str(each).endswith(each.message)
        assert each.hint.startswith(each.mistake)
