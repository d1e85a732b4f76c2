"""What travels to a compute node and back: whole on the way out, and on the way back no more than fits."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from lms.content.model import SlurmRung
from lms.errors import Invalid
from lms.labs.engines.wire import Beat, Verdict, checked, decode, encode, read_task, write_task
from lms.labs.exercise import Exercise
from lms.labs.notebook import Cell, Source
from lms.labs.report import CellResult, OnSlurm, Phase, Report, RungTest
from lms.labs.slurm.probe import SMALL
from lms.labs.source import find_lab

CELLS = (
    Cell(0, "add", "code", "solution", "", "add"),
    Cell(1, "test", "code", "tests", "assert add(1, 2) == 3", "test-add", 6.0),
    Cell(2, "why", "markdown", "manual", "", "why", 4.0),
)
EXERCISE = Exercise(notebook=Source(CELLS, {"kernelspec": {"name": "python3"}}), names=("add",))
GOOD = Report(
    6.0,
    10.0,
    "graded",
    (CellResult("test-add", "auto", 6.0, 6.0), CellResult("why", "manual", None, 4.0)),
    ("A note.",),
    (Phase("run", 12),),
    executed={"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5},
)


def sent(exercise, folder, *, grader="1/1", at="1/1"):
    data = write_task(exercise, b"{}", seed=7, grader=grader, lease_seconds=30)
    return read_task(data, folder, grader=at)


@pytest.mark.parametrize("lab", ["L04", "L06", "L07", "L17"])
def test_an_exercise_arrives_as_it_was_sent(tmp_path, lab):
    source = find_lab(lab)
    given = sent(source.exercise, tmp_path)
    assert replace(given.exercise, modules={}) == replace(source.exercise, modules={})
    assert (given.submission, given.seed, given.lease_seconds) == (b"{}", 7, 30)
    for name, path in source.exercise.modules.items():
        theirs = given.exercise.modules[name]
        assert theirs.is_relative_to(tmp_path)
        ours = {each.relative_to(path): each.read_bytes() for each in path.rglob("*.py")}
        assert {each.relative_to(theirs): each.read_bytes() for each in theirs.rglob("*.py")} == ours
        assert ours


def test_a_module_of_one_file_stays_one(tmp_path):
    module = tmp_path / "helper.py"
    module.write_text("ANSWER = 42")
    arrived = tmp_path / "node"
    arrived.mkdir()
    given = sent(replace(EXERCISE, modules={"helper": module}), arrived)
    assert given.exercise.modules["helper"] == arrived / "helper.py"
    assert (arrived / "helper.py").read_text() == "ANSWER = 42"


def test_a_node_with_another_version_of_the_grader_grades_nothing(tmp_path):
    with pytest.raises(Invalid, match=r"version 1/2, and this node has 1/1\. Install"):
        sent(EXERCISE, tmp_path, grader="1/2")


@pytest.mark.parametrize(
    "modules",
    [
        {"..": {"x.py": b""}},
        {"m": {"../x.py": b""}},
        {"m": {"/etc/x.py": b""}},
        {"a/b": {"": b""}},
        {"m": 3},
        None,
    ],
)
def test_no_file_is_laid_out_beside_its_folder(tmp_path, modules):
    plain = {"notebook": msgspec.to_builtins(EXERCISE.notebook), "modules": modules}
    data = msgspec.msgpack.encode(
        {"grader": "1/1", "lease_seconds": 1, "exercise": plain, "submission": b"", "seed": 0}
    )
    with pytest.raises(Invalid, match="cannot be read"):
        read_task(data, tmp_path, grader="1/1")
    assert list(Path(tmp_path).rglob("*.py")) == []


def test_a_report_arrives_as_it_was_found():
    assert decode(encode(Verdict(report=GOOD)), Verdict).report == GOOD
    assert checked(GOOD, EXERCISE) == GOOD
    refused = Report(0.0, 10.0, "refused", (), ("No notebook.",))
    assert checked(refused, EXERCISE) == refused
    for failed in (Report(0.0, 0.0, "failed", ()), replace(GOOD, outcome="failed")):
        assert checked(failed, EXERCISE) == failed


def result(number, **changes):
    cells = list(GOOD.cells)
    cells[number] = replace(cells[number], **changes)
    return tuple(cells)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"score": 10.0}, "no sum"),
        ({"score": float("nan")}, "no sum"),
        ({"max_score": 6.0}, "another lab's"),
        ({"cells": GOOD.cells[:1]}, "another lab's"),
        ({"cells": GOOD.cells[::-1]}, "another lab's"),
        ({"cells": result(0, points=60.0), "score": 60.0}, "cannot be had"),
        ({"cells": result(0, points=-1.0), "score": -1.0}, "cannot be had"),
        ({"cells": result(0, points=60.0, max_points=60.0), "score": 60.0}, "cannot be had"),
        ({"cells": result(0, points=None), "score": 0.0}, "cannot be had"),
        ({"cells": result(1, points=4.0), "score": 10.0}, "cannot be had"),
        ({"cells": result(1, kind="auto", points=4.0), "score": 10.0}, "cannot be had"),
        ({"outcome": "refused"}, "another lab's"),
        ({"notes": ("x",) * 5000}, "too much"),
        ({"cells": result(0, message="x" * 50_000)}, "too much"),
    ],
)
def test_a_report_that_cannot_be_one_of_this_exercise_is_refused(changes, why):
    with pytest.raises(Invalid, match=why):
        checked(replace(GOOD, **changes), EXERCISE)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"{}",
        b"\x80\x04K\x01.",  # a pickle
        b"\x91" * 100_000,
        msgspec.msgpack.encode({"report": {"score": 1}}),
        msgspec.msgpack.encode({"report": None, "sudo": True}),
        msgspec.msgpack.encode({"report": {**msgspec.to_builtins(GOOD), "score": "6"}}),
        msgspec.msgpack.encode({"report": {**msgspec.to_builtins(GOOD), "outcome": "perfect"}}),
        msgspec.msgpack.encode({"trouble": "x" * 50_000}),
    ],
)
def test_what_is_no_verdict_is_refused(data):
    with pytest.raises(Invalid, match="That is no verdict"):
        decode(data, Verdict)


@pytest.mark.parametrize(
    "changes",
    [
        {"phase": "<b>"},
        {"phase": "run\n"},
        {"node": "x" * 100},
        {"node": "n1 "},
        {"task": "1\n"},
        {"task": "$(id)"},
    ],
)
def test_what_is_no_sign_of_life_is_refused(changes):
    assert decode(encode(Beat("1_2", "n1", "run")), Beat).phase == "run"
    with pytest.raises(Invalid):
        decode(msgspec.msgpack.encode({"task": "1_2", "node": "n1", **changes}), Beat)


def test_a_rung_on_slurm_is_taken_as_the_lab_declares_it_and_no_other():
    rung = SlurmRung(machine=SMALL, name="", file="job.sh", tests=("on-slurm",))
    cells = (*CELLS, Cell(3, "rung", "code", "tests", "assert slurm.job", "on-slurm", 0.0))
    exercise = replace(EXERCISE, notebook=Source(cells, {}), slurm=rung)
    told = OnSlurm("A machine", (RungTest("on-slurm", passed=True, message=""),), "Submitted batch job 1")
    climbed = replace(GOOD, proved="yes", on_slurm=told)
    assert checked(climbed, exercise) == climbed
    for forged in (
        GOOD,
        replace(climbed, on_slurm=replace(told, tests=())),
        replace(climbed, on_slurm=replace(told, tests=(RungTest("other", passed=True, message=""),))),
        replace(climbed, on_slurm=replace(told, words="x" * 30_000)),
        replace(climbed, on_slurm=replace(told, tests=(RungTest("on-slurm", passed=False, message=""),))),
    ):
        with pytest.raises(Invalid, match="does not fit the exercise"):
            checked(forged, exercise)
    with pytest.raises(Invalid, match="another lab's"):
        checked(climbed, EXERCISE)
