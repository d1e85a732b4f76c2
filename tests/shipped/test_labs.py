"""The labs that are shipped: a solution earns all that a machine can give, a hand-out nothing, and mistakes are told apart."""

import json
import os
from pathlib import Path

import pytest

from lms.content.load import load
from lms.content.model import Lab
from lms.content.tree import Tree
from lms.errors import Unavailable
from lms.labs.grade import grade
from lms.labs.handout import handout, leaks
from lms.labs.notebook import dump, read_source
from lms.labs.prove import Workshop
from lms.labs.report import Report
from lms.labs.sandbox.probe import checks
from lms.labs.source import lab_folder

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(path.parent.name for path in (ROOT / "labs").glob("*/lab.yaml"))
FIX, TRIAGE, BILL = "l04-fix-the-first-script", "l06-triage-five-failed-jobs", "l07-read-the-bill"


@pytest.fixture(scope="module")
def sandbox() -> None:
    """What grading needs, or a skip that says what is missing; with LMS_TEST_STRICT=1 a failure."""
    try:
        missing = [check.text for check in checks() if check.good is False]
    except Unavailable as error:
        missing = [error.message]
    if missing:
        reason = f"no sandbox on this host: {missing[0]}"
        pytest.fail(reason) if os.environ.get("LMS_TEST_STRICT") == "1" else pytest.skip(reason)


@pytest.fixture(scope="module")
def labs() -> dict[str, Lab]:
    """By folder."""
    loaded = load(shipped(), workshop=None)
    assert not loaded.problems
    return {Path(lab.path).parent.name: lab for lab in loaded.draft.labs}


def shipped() -> Tree:
    """The labs alone: what is wrong with a course is told elsewhere."""
    tree = Tree.from_folder(ROOT)
    return Tree({path: tree[path] for path in tree if path.startswith("labs/")})


def notebook_of(folder: str) -> bytes:
    return (ROOT / "labs" / folder / "lab.ipynb").read_bytes()


def graded(lab: Lab, submission: bytes) -> Report:
    report = grade(lab_folder((ROOT / lab.path).parent).exercise, submission)
    assert report.outcome == "graded", report.notes
    return report


def with_more(folder: str, cell_id: str, code: str) -> bytes:
    """The author's solution, with lines added to one of its answers."""
    notebook = json.loads(notebook_of(folder))
    (cell,) = (cell for cell in notebook["cells"] if cell["id"] == cell_id)
    cell["source"] = "".join(cell["source"]) + "\n" + code
    return json.dumps(notebook).encode()


def lost(report: Report) -> dict[str, str]:
    """The messages of the cells that did not earn all their points."""
    return {
        cell.grade_id: cell.message
        for cell in report.cells
        if cell.kind == "auto" and cell.points != cell.max_points
    }


@pytest.mark.sandbox
@pytest.mark.parametrize("folder", FOLDERS)
def test_a_solution_earns_all_a_machine_can_give_and_a_hand_out_nothing(labs, sandbox, folder):
    source = read_source(notebook_of(folder))
    learners = handout(source)
    assert not leaks(source, learners)
    assert graded(labs[folder], notebook_of(folder)).score == labs[folder].auto_points
    assert graded(labs[folder], dump(learners)).score == 0


@pytest.mark.sandbox
def test_every_lab_passes_the_publish_gate(sandbox):
    """Among other things: who gives the same answer to everything passes no test."""
    assert not load(shipped(), workshop=Workshop()).problems


def replace(old: str, new: str) -> str:
    return f"assert {old!r} in fixed_script\nfixed_script = fixed_script.replace({old!r}, {new!r})\n"


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("folder", "cell_id", "code"),
    [
        (
            FIX,
            "script",
            replace("--gpus-per-node=4", "--gres=gpu:4") + replace("--mem=400G", "--mem-per-gpu=100G"),
        ),
        (FIX, "script", replace("--time=02:00:00", "-t 120") + replace("--nodes=1", "-N1")),
        (
            FIX,
            "script",
            replace("runs/%x-%j.out", "%x-%j.out") + replace("#SBATCH --error=runs/%x-%j.err\n", ""),
        ),
        (FIX, "script", replace("\\\n    ", "") + replace("srun", "srun --cpus-per-task=14")),
        (
            TRIAGE,
            "triage",
            "for job, line in {24: 14, 25: 15, 31: 16, 33: 2}.items(): triage[job]['evidence'] = line",
        ),
        (BILL, "doubled", "doubled.reverse()"),
        (BILL, "reshape", "reshaped['r03']['cores'] = 12; reshaped['r06']['memory_gb'] = 210"),
    ],
)
def test_another_right_answer_earns_as_much(labs, sandbox, folder, cell_id, code):
    assert graded(labs[folder], with_more(folder, cell_id, code)).score == labs[folder].auto_points


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("folder", "cell_id", "code", "where", "told"),
    [
        (FIX, "script", replace("small-g\n", "gpu\n"), {"script-accepted", "script-same-job"}, "M1"),
        (FIX, "script", replace("small-g\n", "standard-g\n"), {"script-same-job"}, "M1"),
        (FIX, "script", replace("--mem=400G", "--mem=100G"), {"script-same-job"}, "M17"),
        (FIX, "script", replace("=02:00:00", "=02:00"), {"script-same-job"}, "--time"),
        (FIX, "script", replace("runs/%x-%j.out", "logs/%x-%j.out"), {"script-evidence"}, "M15"),
        (FIX, "script", replace("runs/%x-%j.out", "runs/$USER-%j.out"), {"script-evidence"}, "M31"),
        (FIX, "script", replace("\\\n", "\\ \n"), {"script-launch"}, "M31"),
        (FIX, "faults", "faults[14] = 'SAME-LOG'", {"faults-logs"}, "M15"),
        (TRIAGE, "triage", "triage[21]['cause'] = 'GPU-MEMORY'", {"job-21", "fix-limits"}, "M17"),
        (TRIAGE, "triage", "triage[31]['state'] = 'CANCELLED'", {"job-31"}, "JobState"),
        (TRIAGE, "triage", "triage[24]['evidence'] = 5", {"job-24"}, "does not prove"),
        (TRIAGE, "triage", "triage[33]['fix'] = 'WAIT'", {"fix-others"}, "M32"),
        (BILL, "doubled", "doubled[0] = 'r07'", {"doubled-found"}, "not double"),
        (BILL, "reshape", "reshaped['r03']['cores'] = 28", {"reshape-fair"}, "M8"),
        (BILL, "reshape", "reshaped['r06']['memory_gb'] = 200", {"reshape-fair"}, "M17"),
    ],
)
def test_a_mistake_costs_its_own_points_and_is_called_by_its_name(
    labs, sandbox, folder, cell_id, code, where, told
):
    found = lost(graded(labs[folder], with_more(folder, cell_id, code)))
    assert found.keys() == where
    assert told in " ".join(found.values())


def test_the_script_to_be_mended_is_the_one_handed_out():
    """A blank at the end of a line is one of its faults, and the first that a tidy editor would take away."""
    script = (ROOT / "labs" / FIX / "job.sh").read_text()
    (cell,) = (cell for cell in read_source(notebook_of(FIX)).cells if cell.id == "script")
    assert f'r"""{script}"""' in cell.source
    assert "\\ \n" in script
