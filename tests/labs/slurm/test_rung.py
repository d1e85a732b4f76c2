"""The rung on Slurm: what a lab may declare, what a submission is told of it, and that no score depends on it."""

import json
from dataclasses import replace

import pytest

from lms.content.load import load
from lms.content.model import SlurmRun, SlurmRung
from lms.content.tree import Tree
from lms.errors import Unavailable
from lms.labs.inside.proof import made
from lms.labs.sandbox.collected import Collected
from lms.labs.slurm import rung as climbing
from lms.labs.slurm.ask import Answer
from lms.labs.slurm.play import Played, claims
from lms.labs.slurm.present import missing
from lms.labs.slurm.probe import SCRIPT, SMALL
from lms.labs.slurm.rung import Climb

RUNG = SlurmRung(machine=SMALL, name="", file="job.sh", tests=("takes", "runs"), run=SlurmRun())
HANDED_IN = Collected(files={"job.sh": SCRIPT.encode()})
PASSED = {name: {"status": "pass", "message": ""} for name in RUNG.tests}
TAKEN = Answer(accepted=True, code=0, words="sbatch: Job 1 to start at some time")


@pytest.fixture
def slurm(monkeypatch):
    """A Slurm that is there and takes everything, without one."""
    asked = []

    def ask(machine, script):
        asked.append(script)
        return TAKEN

    monkeypatch.setattr(climbing, "missing", lambda: "")
    monkeypatch.setattr(climbing, "ask", ask)
    monkeypatch.setattr(climbing, "play", lambda *_, **__: Played(claims({})))
    return asked


def climb(rung=RUNG, collected=HANDED_IN, verdicts=PASSED):
    way = Climb(rung, {}, seed=1)
    data = way.climb(collected) if way.is_possible else None
    return data, *way.report(verdicts, "")


def test_a_rung_is_proved_when_all_its_tests_pass(slurm):
    data, proved, told = climb()
    assert proved == "yes"
    assert told.words.splitlines()[:2] == ["$ sbatch --test-only job.sh", TAKEN.words]
    assert made(data).asked.accepted
    failed = {**PASSED, "runs": {"status": "fail", "message": "it did not end well"}}
    _, proved, told = climb(verdicts=failed)
    assert proved == "no"
    assert [(test.grade_id, test.passed, test.message) for test in told.tests] == [
        ("takes", True, ""),
        ("runs", False, "it did not end well"),
    ]
    assert climb(verdicts={"takes": PASSED["takes"]})[1] == "no"


def test_nothing_is_asked_where_nothing_was_handed_in(slurm):
    for nothing in (Collected(), Collected(files={"job.sh": b" \n"}), Collected(files={"other.sh": b"x"})):
        data, _, told = climb(collected=nothing)
        assert not slurm
        assert not told.words
        assert made(data).job is None
        assert not made(data).asked.accepted


def test_a_text_of_the_notebook_is_a_script_too(slurm):
    climb(replace(RUNG, name="script", file=""), Collected(texts={"script": SCRIPT}))
    assert slurm == [SCRIPT]


def test_what_slurm_refuses_is_not_run(slurm, monkeypatch):
    monkeypatch.setattr(climbing, "ask", lambda *_: Answer(accepted=False, code=1, words="sbatch: error: no"))
    monkeypatch.setattr(climbing, "play", lambda *_, **__: pytest.fail("it was run"))
    data, _, told = climb()
    assert "sbatch: error: no" in told.words
    assert made(data).job is None


@pytest.mark.parametrize("when", ["before", "on the way", "for a reason of its own"])
def test_without_a_slurm_the_rung_is_not_tried_and_nobody_is_blamed(slurm, monkeypatch, when):
    if when == "before":
        monkeypatch.setattr(climbing, "missing", lambda: "Slurm is not installed here.")
    else:

        def gone(*_):
            if when == "on the way":
                raise Unavailable("The Slurm of probe did not answer.")
            raise OSError("no more pipes")

        monkeypatch.setattr(climbing, "ask", gone)
    _, proved, told = climb()
    assert proved == "unavailable"
    assert told.unavailable.startswith(("Slurm is not installed here", "The Slurm of probe", "Something"))
    assert not any(test.passed for test in told.tests)


def test_claims_of_another_shape_are_not_heard():
    told = claims(
        {
            "scene": [["1", "A"], ["2"], "3", None],
            "answers": {"1": {"code": "0", "words": 7}, "2": "yes"},
            "files": {"a": 1, "b": "text"},
            "accounting": ["line", 7],
            "followed": {
                "submitted": 1,
                "words": ["x"],
                "job": {"id": True, "state": 7, "states": [[1, 2, "x"], "y"]},
            },
        }
    )
    assert told["scene"] == [["1", "A"]]
    assert told["answers"] == {"1": {"code": 0, "words": ""}, "2": {"code": 0, "words": ""}}
    assert told["files"] == {"a": "", "b": "text"}
    assert told["accounting"] == ["line", ""]
    assert told["submitted"] is False
    assert (told["job"]["id"], told["job"]["state"], told["job"]["states"]) == (0, "", [["", "", 0]])
    assert made({"script": "x", "asked": None, "ran": told, "ended": ""}).job.restarts == 0
    assert claims({"followed": "all fine", "scene": 7, "answers": [1]})["job"] is None


def test_where_slurm_is_missing_one_is_told_how_to_get_it(monkeypatch):
    missing.cache_clear()
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    try:
        assert "apt install slurm-wlm" in missing()
    finally:
        missing.cache_clear()


MACHINE = """\
id: small
title: A small machine
invented: true
checked_on: 2026-11-23
nodes:
  - {id: gpu, names: "g[1-4]", cores: 8, memory_gb: 64, gpus: 4}
partitions:
  - {name: main, nodes: [gpu], max_minutes: 60}
"""
LAB = """\
id: R1
title: A rung
summary: One sentence.
minutes: 10
points: 1
names: [script]
slurm:
  machine: small
  script: {name: script}
  tests: [on-slurm]
"""


def cell(grade_id, source, **marks):
    defaults = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    marked = {"nbgrader": {**defaults, "grade_id": grade_id, "cell_type": "code", **marks}}
    return {
        "cell_type": "code",
        "id": grade_id,
        "metadata": marked,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


NOTEBOOK = json.dumps(
    {
        "cells": [
            {"cell_type": "markdown", "id": "intro", "metadata": {}, "source": "# A rung\n\nText."},
            cell("answer", "script = ''", solution=True),
            cell("test", "assert script", grade=True, locked=True, points=1),
            cell("on-slurm", "assert slurm.job", grade=True, locked=True, points=0),
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
)


def loaded(lab=LAB, machine=MACHINE):
    files = {"labs/r1/lab.yaml": lab, "labs/r1/lab.ipynb": NOTEBOOK, "labs/machines/small.yaml": machine}
    return load(Tree({path: text.encode() for path, text in files.items()}), workshop=None)


def test_a_lab_with_a_rung_carries_its_machine_and_its_version_depends_on_both():
    (lab,) = loaded().catalogue.labs
    assert lab.slurm.machine.title == "A small machine"
    assert lab.slurm.tests == ("on-slurm",)
    (faster,) = loaded(machine=MACHINE.replace("max_minutes: 60", "max_minutes: 90")).catalogue.labs
    (run,) = loaded(lab=LAB + "  run: {seconds: 20}\n").catalogue.labs
    (without,) = loaded(lab=LAB[: LAB.index("slurm:")]).catalogue.labs
    assert len({each.version for each in (lab, faster, run, without)}) == 4
    assert without.slurm is None
    (unnamed,) = loaded(machine=MACHINE + "names_known: false\n").catalogue.labs
    assert not unnamed.slurm.machine.names_known
    assert unnamed.version == lab.version  # it says something of evidence only


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("machine: small", "machine: smal", "unknown-machine", 8),
        ("script: {name: script}", "script: {name: script, file: job.sh}", "slurm-script", 9),
        ("script: {name: script}", "script: {}", "slurm-script", 9),
        ("[on-slurm]", "[on-slrum]", "unknown-test", 10),
        ("[on-slurm]", "[test]", "slurm-points", 10),
        ("[on-slurm]", "[]", "schema", 10),
        ("[on-slurm]", "[on-slurm]\n  test_only: false", "slurm-idle", 7),
        ("[on-slurm]", "[on-slurm]\n  run: {command: true}", "slurm-scene", 11),
        ("[on-slurm]", "[on-slurm]\n  run: {secs: 5}", "unknown-key", 11),
        ("[on-slurm]", "[on-slurm]\n  run: {signals: [{when: x, signal: KILL}]}", "schema", 11),
    ],
)
def test_what_keeps_a_rung_from_being_climbed_is_told_with_its_line(old, new, code, line):
    assert old in LAB
    found = loaded(lab=LAB.replace(old, new)).problems
    assert (code, line) in [(each.code, each.line) for each in found], found


def test_a_machine_with_a_fault_leaves_no_lab_without_a_word():
    found = loaded(machine=MACHINE.replace("max_minutes: 60", "max_minutes: 0")).problems
    assert {each.code for each in found} == {"schema", "unknown-machine"}
