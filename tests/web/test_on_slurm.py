"""The rung on Slurm on the pages: a rung of its own, calm, with Slurm's own words, and no part of any score."""

import json
from dataclasses import replace

import pytest

from lms.labs import proved
from lms.labs.report import OnSlurm, RungTest
from tests.conftest import SAMPLE, ScriptedGrader
from tests.steps import grade_all, grading_of, hand_in, notebook, publish_changed
from tests.web.conftest import shown

LAB = "labs/sl1-add"
RUNG = (
    "slurm:\n  machine: small\n  script: {file: job.sh}\n  tests: [on-slurm]\n  run: {seconds: 5}\nrubric:\n"
)
MACHINE = b"""\
id: small
title: A machine of somebody else
checked_on: 2026-11-23
sources:
  - {title: "Its manual"}
nodes:
  - {id: gpu, names: "g[1-4]", cores: 8, memory_gb: 64, gpus: 4}
partitions:
  - {name: main, nodes: [gpu], max_minutes: 60}
"""
REFUSED = "sbatch: error: invalid partition specified: <nowhere>"


class Climber(ScriptedGrader):
    """Grades by script, and says how it went on Slurm."""

    def __init__(self, *proved):
        super().__init__(6)
        self.proved = list(proved)

    def __call__(self, job, on_phase):
        word = self.proved.pop(0)
        message = "" if word == "yes" else "the script asks for what the machine does not have"
        tests = (RungTest("on-slurm", passed=word == "yes", message=message),)
        unavailable = "Slurm is not installed here." if word == "unavailable" else ""
        told = OnSlurm("A machine of somebody else", tests, REFUSED if word == "no" else "", unavailable)
        return replace(super().__call__(job, on_phase), proved=word, on_slurm=told)


@pytest.fixture
def services(site, monkeypatch):
    """A site whose lab has a rung; it was published where there is no Slurm, which is a warning."""
    monkeypatch.setattr("lms.labs.slurm.rung.missing", lambda: "Slurm is not installed here.")
    source = json.loads((SAMPLE / LAB / "lab.ipynb").read_text())
    tests = next(cell for cell in source["cells"] if cell["id"] == "test-add")
    marks = {**tests["metadata"]["nbgrader"], "grade_id": "on-slurm", "points": 0}
    rung = {**tests, "id": "on-slurm", "metadata": {"nbgrader": marks}, "source": "assert slurm.job"}
    source["cells"].append(rung)
    publish_changed(
        site,
        {
            f"{LAB}/lab.yaml": ("rubric:\n", RUNG),
            "labs/machines/small.yaml": MACHINE,
            f"{LAB}/lab.ipynb": json.dumps(source).encode(),
        },
    )
    return site


def test_a_submission_shows_the_rung_apart_from_its_points(services, visitor, worker_with):
    ada, worker = visitor("Ada"), worker_with(Climber("no", "yes", "unavailable"))
    pages = []
    for why in ("One.", "Two.", "Three."):
        submission = hand_in(services, ada.person, notebook(why=why))
        grade_all(worker)
        pages.append(ada.get(f"/submissions/{submission.id}"))
        assert grading_of(services, submission.id).score == 6
    refused, taken, untried = map(shown, pages)
    assert "Proved on Slurm Not yet" in refused
    assert "the script asks for what the machine does not have" in refused
    assert "In Slurm" in refused
    assert "invalid partition specified: &lt;nowhere&gt;" in refused
    assert "<nowhere>" not in pages[0].text
    assert "Proved on Slurm Proved" in taken
    assert "Proved on Slurm Not tried" in untried
    assert "says nothing about your work" in untried
    assert "not installed" not in untried


def test_whether_it_was_proved_can_be_asked_for(services, visitor, worker_with):
    ada = visitor("Ada")
    submission = hand_in(services, ada.person)
    with services.database.reading() as session:
        assert not proved.is_proved(session, submission.work_id)
    grade_all(worker_with(Climber("yes")))
    with services.database.reading() as session:
        assert proved.is_proved(session, submission.work_id)
        assert proved.has_slurm(session)
    assert grading_of(services, submission.id).proved == "yes"
    hand_in(services, visitor("Bob").person)
    grade_all(worker_with(Climber("unavailable")))
    with services.database.reading() as session:
        assert not proved.has_slurm(session)


def test_a_lab_says_what_the_rung_is_and_whether_it_can_be_climbed_here(services, visitor, worker_with):
    ada = visitor("Ada")
    page = shown(ada.get("/labs/SL1"))
    assert "A further rung, worth no points" in page
    assert "A machine of somebody else" in page
    assert "Compared with its sources on 2026-11-23" in page
    hand_in(services, visitor("Bob").person)
    grade_all(worker_with(Climber("unavailable")))
    assert "there is no Slurm at present" in shown(ada.get("/labs/SL1"))
    hand_in(services, ada.person)
    grade_all(worker_with(Climber("yes")))
    page = shown(ada.get("/labs/SL1"))
    assert "there is no Slurm at present" not in page
    assert "Proved on Slurm Proved" in page


def test_a_lab_without_a_rung_says_nothing_of_slurm(site, visitor):
    assert "Proved on Slurm" not in visitor("Ada").get("/labs/SL1").text
