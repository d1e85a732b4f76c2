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
from lms.labs.slurm.present import missing
from lms.labs.source import lab_folder

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(path.parent.name for path in (ROOT / "labs").glob("*/lab.yaml"))
FIX, TRIAGE, BILL = "l04-fix-the-first-script", "l06-triage-five-failed-jobs", "l07-read-the-bill"
SURVIVE = "l17-survive-the-limit"


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


def changed(folder: str, *changes: tuple[str, str]) -> bytes:
    """The author's solution with texts of its answers replaced."""
    notebook = json.loads(notebook_of(folder))
    for old, new in changes:
        cells = [
            cell
            for cell in notebook["cells"]
            if old in "".join(cell["source"]) and cell["metadata"].get("nbgrader", {}).get("solution")
        ]
        assert len(cells) == 1, old
        cells[0]["source"] = "".join(cells[0]["source"]).replace(old, new)
    return json.dumps(notebook).encode()


@pytest.mark.sandbox
@pytest.mark.parametrize(
    "changes",
    [
        [
            ("told = []\n    signal", "told = []\n\n    signal"),
            ("lambda number, frame: told.append(number)", "lambda *_: told.append(1)"),
        ],
        [
            ('beside = CHECKPOINT + ".new"', 'beside = "." + CHECKPOINT'),
            ("os.replace(beside", "os.rename(beside"),
        ],
        [("optimiser.weights = weights", "optimiser = Momentum(weights)")],
        [("python train.py 1500 0.003 &\ntrainer=$!", "python train.py 1500 0.003 & trainer=$!")],
        [("B:USR1@120", "B:SIGUSR1@120"), ("trap save_and_requeue USR1", "trap save_and_requeue SIGUSR1")],
    ],
)
def test_a_training_may_survive_in_more_than_one_way(labs, sandbox, points_only, changes):
    report = graded(labs[SURVIVE], changed(SURVIVE, *changes))
    assert report.score == labs[SURVIVE].auto_points, lost(report)


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("old", "new", "where", "told"),
    [
        ("        optimiser.weights = weights\n", "", {"resume", "atomic"}, "stay what they were"),
        ('        optimiser.velocity = state["velocity"]\n', "", {"resume", "atomic"}, "another run"),
        ('        noise.setstate(as_state(state["noise"]))\n', "", {"resume", "atomic"}, "another run"),
        (
            '        sampler.random.setstate(as_state(state["sampler"]["random"]))\n',
            "",
            {"resume", "atomic"},
            "M6",
        ),
        ("beside = CHECKPOINT", "beside = CHECKPOINT #", {"atomic"}, "no whole checkpoint"),
        ("        os.fsync(file.fileno())\n", "", {"atomic"}, ""),
        ("sys.exit(0)", "sys.exit(3)", {"stops", "resume", "atomic"}, "exit code 0"),
        ("B:USR1@120", "USR1@120", {"job-asks"}, "M16"),
        ("#SBATCH --requeue\n", "", {"job-asks"}, ""),
        ("0.003 &\n", "0.003\n", {"job-traps"}, "M16"),
        ("trap save_and_requeue USR1\n", "", {"job-traps"}, "M16"),
        ('    scontrol requeue "$SLURM_JOB_ID"\n', "", {"job-traps"}, "back into the queue"),
    ],
)
def test_what_keeps_a_training_from_surviving_is_called_by_its_name(
    labs, sandbox, points_only, old, new, where, told
):
    found = lost(graded(labs[SURVIVE], changed(SURVIVE, (old, new))))
    assert found.keys() == where
    assert told in " ".join(found.values())


@pytest.fixture
def points_only(monkeypatch) -> None:
    """A host without a Slurm: climbing the rung takes longer than all the rest."""
    monkeypatch.setattr("lms.labs.slurm.rung.missing", lambda: "Slurm is not installed here.")


@pytest.fixture
def slurm() -> None:
    """A Slurm, or a skip that says how to get one; with LMS_TEST_STRICT=1 a failure."""
    if absent := missing():
        pytest.fail(absent) if os.environ.get("LMS_TEST_STRICT") == "1" else pytest.skip(absent)


@pytest.mark.sandbox
@pytest.mark.parametrize("folder", [FIX, TRIAGE, SURVIVE])
def test_a_solution_is_proved_on_slurm_and_the_score_does_not_depend_on_it(
    sandbox, slurm, folder, monkeypatch
):
    report = grade(lab_folder(ROOT / "labs" / folder).exercise, notebook_of(folder), seed=5)
    assert report.on_slurm is not None
    assert (report.proved, [test.message for test in report.on_slurm.tests if not test.passed]) == ("yes", [])
    assert report.on_slurm.words
    monkeypatch.setattr("lms.labs.slurm.rung.missing", lambda: "Slurm is not installed here.")
    without = grade(lab_folder(ROOT / "labs" / folder).exercise, notebook_of(folder), seed=5)
    assert (without.proved, without.outcome) == ("unavailable", "graded")
    assert (without.score, without.cells) == (report.score, report.cells)


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("folder", "old", "new", "told"),
    [
        (FIX, "partition=small-g", "partition=gpu", "invalid partition specified: gpu"),
        (FIX, "#SBATCH --output=runs/%x-%j.out", "#SBATCH --output=logs/%x-%j.out", "COMPLETED"),
        (
            TRIAGE,
            '*"CUDA out of memory"* | *"HIP out of memory"*) echo GPU-MEMORY ;;',
            "*nothing*) ;;",
            "1 of 7",
        ),
        (SURVIVE, "0.003 &\n", "0.003\n", "COMPLETED"),
        (SURVIVE, "#SBATCH --open-mode=append\n", "", "M15"),
    ],
)
def test_what_a_real_slurm_would_punish_is_not_proved(sandbox, slurm, folder, old, new, told):
    report = grade(lab_folder(ROOT / "labs" / folder).exercise, changed(folder, (old, new)), seed=5)
    assert report.on_slurm is not None
    assert report.proved == "no"
    said = " ".join([report.on_slurm.words, *(test.message for test in report.on_slurm.tests)])
    assert told in said
