"""A tree becomes a catalogue with everything a release must keep; what did not change is not made again."""

import hashlib
import json
import subprocess
import sys

import pytest

from lms.content import rendering
from lms.content.load import load
from tests.content.conftest import ANATOMY, COST, FILES, Broken, tree_of


class ScriptedWorkshop:
    """Hands out the notebook's length and says what it was told to say."""

    def __init__(self, *says):
        self.says, self.asked = says, []

    def handout(self, notebook):
        return b"handout of %d" % len(notebook)

    def problems(self, lab, notebook, files, modules):
        self.asked.append((lab.id, notebook, dict(files), dict(modules)))
        return self.says


def test_a_release_keeps_every_byte_under_its_digest(good):
    loaded = load(good, workshop=ScriptedWorkshop())
    assert all(hashlib.sha256(data).hexdigest() == digest for digest, data in loaded.blobs.items())
    assert loaded.manifest == {
        path: hashlib.sha256(text.encode()).hexdigest() for path, text in FILES.items()
    }
    catalogue = loaded.catalogue
    (course,), (lab,) = catalogue.courses, catalogue.labs
    named = [
        course.html,
        lab.html,
        lab.notebook,
        lab.handout,
        *catalogue.assets.values(),
        *(file.digest for file in lab.files),
    ]
    named += [digest for lesson in course.lessons for digest in (lesson.source, lesson.html)]
    assert set(named) <= set(loaded.blobs)
    assert loaded.blobs[lab.handout] == b"handout of %d" % len(FILES["labs/l04/lab.ipynb"])


def test_the_catalogue_says_what_the_files_say(good):
    catalogue = load(good, workshop=None).catalogue
    assert catalogue.track_by_id["cross-over"].courses == ("C01",)
    course = catalogue.course_by_id["C01"]
    assert (course.pass_mark, course.minutes, [lesson.id for lesson in course.lessons], course.labs) == (
        70,
        40,
        ["C01-1", "C01-2"],
        ("L04",),
    )
    hours, way, command, both = course.lessons[1].questions
    assert (hours.kind, hours.points, hours.answer, hours.tolerance, hours.unit) == (
        "number",
        2,
        1250.0,
        12.5,
        "GPU-hours",
    )
    assert [option.text for option in way.options] == ["queue", "prolog", "run"]
    assert command.accept == ("sbatch( .*)?",)
    assert [option.correct for option in both.options] == [True, True, False]
    assert course.lessons[0].questions[0].prompt == "Which line does Slurm <strong>ignore</strong>?"
    lab = catalogue.lab_by_id["L04"]
    assert (lab.points, lab.auto_points, lab.manual_points, lab.attempts, lab.rubric[0].points) == (
        6,
        2,
        4,
        5,
        4,
    )
    assert (lab.names, lab.modules, [file.name for file in lab.files], lab.handout) == (
        ("fixed",),
        ("machine",),
        ["job.sh"],
        "",
    )
    assert catalogue.policy["levels"][0]["requires"][0]["people"] == 2
    assert not lab.fixed_cells
    fixed = Broken("labs/l04/lab.yaml", "minutes: 45", "minutes: 45\nfixed_cells: true")
    assert load(fixed.tree(), workshop=None).catalogue.lab_by_id["L04"].fixed_cells


def test_the_introduction_of_a_lab_is_its_first_text_without_the_title(good):
    loaded = load(good, workshop=None)
    assert loaded.blobs[loaded.catalogue.labs[0].html] == b"<p>A script that <strong>fails</strong>.</p>"


def course_version(tree):
    return load(tree, workshop=None).draft.courses[0].version


def test_a_course_keeps_its_version_when_a_typo_is_mended(good):
    for path, old, new in (
        ("courses/c01/01-anatomy.md", "two readers", "two good readers"),
        ("courses/c01/01-anatomy.md", "Too early to be", "Much too early to be"),
        ("courses/c01/02-cost.md", "text: prolog", "text: the prolog"),
        ("courses/c01/course.md", "Write directives", "Write all directives"),
    ):
        assert course_version(Broken(path, old, new).tree()) == course_version(good)


def test_a_course_has_another_version_when_what_is_right_changes(good):
    versions = {course_version(good)}
    for old, new in (
        ("tolerance: 1%", "tolerance: 2%"),
        ("answer: 1250", "answer: 1251"),
        ("points: 2", "points: 3"),
        ('accept: ["sbatch', 'accept: ["s?batch'),
        ("text: squeue", "correct: true, text: squeue"),
        ("id: C01-2", "id: C01-3"),
    ):
        versions.add(course_version(Broken("courses/c01/02-cost.md", old, new).tree()))
    assert len(versions) == 7


def test_a_lab_has_another_version_when_a_grade_could_differ_and_only_then(good):
    def version(broken):
        return load(broken.tree(), workshop=None).draft.labs[0].version

    lab, notebook = "labs/l04/lab.yaml", "labs/l04/lab.ipynb"
    same = load(good, workshop=None).draft.labs[0].version
    for path, old, new in (
        (notebook, "**fails**", "fails"),
        (lab, "Repair it.", "Mend it."),
        (lab, "summary: Repair it.", "summary: Repair it.\nfixed_cells: true"),
        (notebook, "Because.", "Write here."),
    ):
        assert version(Broken(path, old, new)) == same
    for path, old, new in (
        (notebook, "'M1'", "'M2'"),
        (notebook, "fixed = 1\\n", "fixed = 2\\n"),
        (lab, "summary: Repair it.", "summary: Repair it.\nlimits: {cpu_seconds: 30}"),
        (lab, "A reason", "A good reason"),
        ("labs/l04/job.sh", "#!/bin/bash", "#!/bin/sh"),
    ):
        assert version(Broken(path, old, new)) != same
    assert (
        version(Broken(without="labs/machine/__init__.py", add=(("labs/machine/__init__.py", "x = 1"),)))
        != same
    )


def test_the_workshop_is_asked_with_the_files_and_its_problems_are_told(good):
    workshop = ScriptedWorkshop(
        ("The solution earns 1 of 2 points.", 7, "error"), ("It is slow.", None, "warning")
    )
    loaded = load(good, workshop=workshop)
    assert workshop.asked == [
        ("L04", good["labs/l04/lab.ipynb"], {"job.sh": b"#!/bin/bash\n"}, {"machine/__init__.py": b""})
    ]
    assert [(p.path, p.line, p.severity, p.code, p.message) for p in loaded.problems] == [
        ("labs/l04/lab.ipynb", 1, "warning", "lab-proof", "It is slow."),
        ("labs/l04/lab.ipynb", 7, "error", "lab-proof", "The solution earns 1 of 2 points."),
    ]
    assert loaded.catalogue is None


def test_a_lab_that_is_not_in_order_is_not_handed_out():
    workshop = ScriptedWorkshop()
    loaded = load(Broken("labs/l04/lab.ipynb", "### END SOLUTION", "").tree(), workshop=workshop)
    assert workshop.asked == []
    assert not [data for data in loaded.blobs.values() if data.startswith(b"handout")]


def test_questions_link_like_lessons_do_and_nothing_unresolved_is_left(good):
    loaded = load(
        Broken("courses/c01/02-cost.md", "In which order?", "As [here](01-anatomy.md#two-readers)?").tree(),
        workshop=None,
    )
    assert (
        loaded.catalogue.courses[0].lessons[1].questions[1].prompt
        == 'As <a href="/courses/C01/C01-1#two-readers">here</a>?'
    )
    assert "slipway-link" not in repr(loaded.catalogue)
    assert not [data for data in loaded.blobs.values() if b"slipway-link" in data]


def test_what_can_be_read_of_a_broken_tree_is_there_for_its_author():
    loaded = load(Broken("courses/c01/02-cost.md", "minutes: 15", "minutes: x").tree(), workshop=None)
    assert loaded.catalogue is None
    assert [lesson.id for lesson in loaded.draft.courses[0].lessons] == ["C01-1"]


def test_only_what_changed_is_rendered_again(good):
    cache = {}
    first = load(good, workshop=None, cache=cache)
    known = dict(cache)
    assert load(good, workshop=None, cache=cache) == first
    assert cache == known
    changed = load(Broken("courses/c01/02-cost.md", "efficiency", "yield").tree(), workshop=None, cache=cache)
    assert len(cache) == len(known) + 1
    assert changed.draft.courses[0].lessons[0] == first.draft.courses[0].lessons[0]


def test_a_cached_lesson_still_follows_what_it_links_to(good):
    cache = {}
    load(good, workshop=None, cache=cache)
    moved = load(
        Broken("courses/c01/02-cost.md", "id: C01-2", "id: moved").tree(), workshop=None, cache=cache
    )
    shown = moved.blobs[moved.draft.courses[0].lessons[0].html]
    assert b'href="/courses/C01/moved#the-rule"' in shown
    broken = load(
        Broken("courses/c01/02-cost.md", "## The rule", "## A rule").tree(), workshop=None, cache=cache
    )
    assert [problem.code for problem in broken.problems] == ["broken-anchor"]


def test_many_lessons_are_rendered_by_processes_with_the_same_result(good, monkeypatch):
    files = dict(FILES)
    for number in range(8):
        files |= {
            f"courses/x{number}/course.md": FILES["courses/c01/course.md"].replace(
                "id: C01", f"id: X{number}"
            ),
            f"courses/x{number}/01-anatomy.md": ANATOMY.replace("id: C01-1", f"id: X{number}-1"),
            f"courses/x{number}/02-cost.md": COST.replace("id: C01-2", f"id: X{number}-2"),
            f"courses/x{number}/images/stop-rule.svg": FILES["courses/c01/images/stop-rule.svg"],
        }
    seen = []
    alone = load(tree_of(files), workshop=None)
    monkeypatch.setattr(rendering, "_WORTH_PROCESSES", 10)
    shared = load(
        tree_of(files), workshop=None, on_progress=lambda done, total, what: seen.append((done, total))
    )
    assert shared == alone
    assert alone.problems == ()
    assert [done for done, _ in seen] == list(range(30))
    assert {total for _, total in seen} == {29}


def test_renaming_and_moving_a_lesson_loses_nobody(good):
    files = {path: text for path, text in FILES.items() if path != "courses/c01/02-cost.md"}
    files["courses/c01/09-price.md"] = COST
    files["courses/c01/01-anatomy.md"] = ANATOMY.replace("02-cost.md", "09-price.md")
    moved = load(tree_of(files), workshop=None)
    assert moved.problems == ()
    assert moved.draft.courses[0].version == load(good, workshop=None).draft.courses[0].version


@pytest.mark.parametrize("module", ["lms.content.model", "lms.content.quiz"])
def test_a_web_process_that_judges_answers_loads_no_authoring_library(module):
    code = f"import sys, {module}; print([name for name in ('pydantic', 'markdown', 'yaml', 'dulwich', 'nh3') if name in sys.modules])"
    assert (
        json.loads(
            subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        )
        == []
    )


def test_a_new_major_version_of_a_course_is_another_version_and_the_policy_knows_it(good):
    plain = load(good, workshop=None).catalogue
    raised = load(
        Broken(
            next(path for path in FILES if path.endswith("course.md")),
            "level: introductory",
            "level: introductory\nmajor: 2",
        ).tree(),
        workshop=None,
    ).catalogue
    assert (plain.courses[0].major, raised.courses[0].major) == (1, 2)
    assert plain.courses[0].version != raised.courses[0].version
    assert "majors" not in plain.policy
    assert raised.policy["majors"] == {"C01": 2}
