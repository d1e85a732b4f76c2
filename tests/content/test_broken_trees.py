"""One thing wrong, and exactly that is told, with its file and line (or the text that stands in that line)."""

# ruff: noqa: E501  # the table below is read row by row

import pytest

from lms.content.load import load
from tests.content.conftest import ANATOMY, CELLS, COST, FILES, Broken, cell, notebook

TRACKS, READINESS = "courses/tracks.yaml", "courses/readiness.yaml"
COURSE, ANATOMY_MD, COST_MD = "courses/c01/course.md", "courses/c01/01-anatomy.md", "courses/c01/02-cost.md"
LAB, NOTEBOOK, SVG = "labs/l04/lab.yaml", "labs/l04/lab.ipynb", "courses/c01/images/stop-rule.svg"
EXTRA = "courses/c01/03-more.md"


def line(path: str, part: str) -> int:
    return FILES[path][: FILES[path].index(part)].count("\n") + 1


def book(*cells: dict[str, object]) -> Broken:
    return Broken(add=((NOTEBOOK, notebook(*cells)),))


def prose(text: str) -> Broken:
    """`text` instead of line 8 of the first lesson, with what follows it."""
    return Broken(ANATOMY_MD, "A script has two readers.", text)


def more(front: str, course_minutes: str = "minutes: 45") -> Broken:
    return Broken(COURSE, "minutes: 40", course_minutes, add=((EXTRA, f"---\n{front}\n---\nText.\n"),))


WITH_RULES = (
    (READINESS, "documents: [{id: rules, title: Rules, ask: The signed text}]\n" + FILES[READINESS]),
)

BROKEN = {
    "an unknown key": (Broken(ANATOMY_MD, "minutes:", "minuts:"), "unknown-key", ANATOMY_MD, 4),
    "a missing key": (Broken(COURSE, "level: introductory\n", ""), "missing-key", COURSE, 2),
    "a wrong value": (Broken(COURSE, "introductory", "easy"), "schema", COURSE, 5),
    "a text for a number": (Broken(COURSE, "minutes: 40", "minutes: forty"), "schema", COURSE, 6),
    "a malformed id": (Broken(COST_MD, "id: C01-2", "id: C01/2"), "malformed-id", COST_MD, 2),
    "no front matter": (Broken(add=((EXTRA, "Text.\n"),)), "front-matter", EXTRA, 1),
    "YAML that is none": (Broken(TRACKS, "title: Cross over", "title: Cross: over"), "yaml", TRACKS, 3),
    "a key twice": (Broken(TRACKS, "    roles:", "    title: x\n    roles:"), "yaml-duplicate-key", TRACKS, 5),
    "an alias": (Broken(TRACKS, "[every engineer]", "&a [x]"), "yaml-alias", TRACKS, 5),
    "two lessons of one id": (more("id: C01-1\ntitle: t\nminutes: 5"), "duplicate-id", EXTRA, 2),
    "two courses of one id": (
        Broken(add=(("courses/c02/course.md", FILES[COURSE].replace("01-anatomy.md", "../c01/01-anatomy.md").replace("minutes: 40", "minutes: 5")), ("courses/c02/01-x.md", "---\nid: X\ntitle: t\nminutes: 5\noutcomes: [directives]\n---\n"))),
        "duplicate-id", "courses/c02/course.md", 2,
    ),
    "two outcomes of one id": (Broken(COURSE, "    text: Write", "    text: x\n  - id: directives\n    text: Write"), "duplicate-id", COURSE, 10),
    "two questions of one id": (Broken(COST_MD, "id: way", "id: hours"), "duplicate-id", COST_MD, line(COST_MD, "id: way")),
    "two tracks of one id": (Broken(TRACKS, "    courses: [C01]\n", "    courses: [C01]\n  - id: cross-over\n    title: x\n    summary: x\n    courses: [C01]\n"), "duplicate-id", TRACKS, 8),
    "an unknown outcome": (Broken(COST_MD, "[directives]", "[directive]"), "unknown-outcome", COST_MD, 5),
    "an unserved outcome": (Broken(COURSE, "  - id: directives", "  - {id: other, text: x}\n  - id: directives"), "outcome-unserved", COURSE, 8),
    "minutes that do not add up": (Broken(COURSE, "minutes: 40", "minutes: 41"), "minutes", COURSE, 6),
    "a course without lessons": (Broken(add=(("courses/c02/course.md", FILES[COURSE].replace("id: C01", "id: C02").replace("[the first lesson](01-anatomy.md)", "x")),)), "no-lessons", "courses/c02/course.md", 1),
    "an unknown lab": (Broken(ANATOMY_MD, "labs: [L04]", "labs: [L05]"), "unknown-lab", ANATOMY_MD, 6),
    "an unknown prerequisite": (Broken(COURSE, "minutes: 40", "prerequisites: [C09]\nminutes: 40"), "unknown-course", COURSE, 6),
    "a course before itself": (Broken(COURSE, "minutes: 40", "prerequisites: [C01]\nminutes: 40"), "prerequisite-cycle", COURSE, 6),
    "a track before itself": (Broken(TRACKS, "prerequisites: []", "prerequisites: [cross-over]"), "prerequisite-cycle", TRACKS, 6),
    "an unknown track": (Broken(TRACKS, "prerequisites: []", "prerequisites: [across]"), "unknown-track", TRACKS, 6),
    "a track with an unknown course": (Broken(TRACKS, "courses: [C01]", "courses: [C01, C02]"), "unknown-course", TRACKS, 7),
    "an empty track": (Broken(TRACKS, "courses: [C01]", "courses: []"), "empty-track", TRACKS, 7),
    "a text in no course": (Broken(add=(("courses/c01/notes.md", "x"),)), "orphan", "courses/c01/notes.md", 1),
    "a translation": (Broken(add=(("courses/c01/02-cost.de.md", "x"),)), "translation", "courses/c01/02-cost.de.md", 1),
    # links and images
    "a broken link": (Broken(ANATOMY_MD, "02-cost.md#", "02-costs.md#"), "broken-link", ANATOMY_MD, 8),
    "a broken anchor": (Broken(ANATOMY_MD, "#the-rule", "#the-rules"), "broken-anchor", ANATOMY_MD, 8),
    "a link to a lab that is not": (Broken(ANATOMY_MD, "lab:L04", "lab:L05"), "unknown-lab", ANATOMY_MD, 8),
    "a link out of the tree": (Broken(ANATOMY_MD, "02-cost.md#the-rule", "../../../etc/passwd"), "broken-link", ANATOMY_MD, 8),
    "a link to an address": (Broken(ANATOMY_MD, "02-cost.md#the-rule", "/courses/C01"), "broken-link", ANATOMY_MD, 8),
    "a script as a link": (Broken(ANATOMY_MD, "02-cost.md#the-rule", "javascript:alert"), "link-scheme", ANATOMY_MD, 8),
    "a link without text": (Broken(ANATOMY_MD, "[what it costs]", "[]"), "link-text", ANATOMY_MD, 8),
    "a page as a download": (Broken(ANATOMY_MD, "02-cost.md#the-rule", "x.html", add=(("courses/c01/x.html", "x"),)), "file-kind", ANATOMY_MD, 8),
    "a missing image": (Broken(without=SVG), "missing-image", ANATOMY_MD, 12),
    "an image without description": (Broken(ANATOMY_MD, "A script and its two readers", ""), "image-alt", ANATOMY_MD, 12),
    "an image of another site": (Broken(ANATOMY_MD, "images/stop-rule.svg", "https://x.org/a.png"), "image-elsewhere", ANATOMY_MD, 12),
    "a drawing with a script": (Broken(SVG, "</svg>", "<script/></svg>"), "unsafe-svg", ANATOMY_MD, 12),
    "an image of two megabytes": (Broken(SVG, "</svg>", " " * 2_000_000 + "</svg>"), "image-too-large", ANATOMY_MD, 12),
    # texts
    "a script": (prose("<script>alert(1)</script>"), "unsafe-html", ANATOMY_MD, 8),
    "an event handler": (prose('<kbd onclick="x()">'), "unsafe-html", ANATOMY_MD, 8),
    "a frame that is not closed": (prose("<iframe src=x "), "unsafe-html", ANATOMY_MD, 8),
    "a placeholder in angle brackets": (prose("scancel <jobid>"), "raw-html", ANATOMY_MD, 8),
    "HTML with Markdown for it": (prose("<div>"), "raw-html", ANATOMY_MD, 8),
    "a formula": (prose(r"$\frac{1}{$"), "maths", ANATOMY_MD, 8),
    "a formula in a block": (prose("x\n\n$$\n\\nonsense{x}\n$$\n\n"), "maths", ANATOMY_MD, 11),
    "a footnote that is not there": (prose("x[^1]"), "footnote", ANATOMY_MD, 8),
    "a text without an end": (Broken(add=((COST_MD, COST.replace("## The rule", "## The rule\n" + "words " * 50_001)),)), "text-too-large", COST_MD, 7),
    "a title as a heading": (Broken(ANATOMY_MD, "## Two readers", "# Two readers"), "heading-level", ANATOMY_MD, 10),
    "a heading that skips a level": (Broken(ANATOMY_MD, "## Two readers", "#### Two readers"), "heading-jump", ANATOMY_MD, 10),
    "an unclosed code block": (Broken(ANATOMY_MD, "explanation: Slurm stops at the first command.\n```\n", "explanation: x\n```\n\n~~~bash\nls\n"), "unclosed-fence", ANATOMY_MD, ANATOMY.count("\n") + 2),
    "options without quotes": (Broken(ANATOMY_MD, 'title="job.sh"', "title=job.sh"), "fence-options", ANATOMY_MD, 14),
    "an unknown option of code": (Broken(ANATOMY_MD, 'title="job.sh"', 'titel="job.sh"'), "fence-options", ANATOMY_MD, 14),
    "an unknown box": (Broken(ANATOMY_MD, "/// cloud", "/// clod"), "unknown-box", ANATOMY_MD, 19),
    "an unclosed box": (Broken(ANATOMY_MD, "restarts it.\n///", "restarts it.\n"), "unclosed-box", ANATOMY_MD, 19),
    "an end without a box": (Broken(ANATOMY_MD, "restarts it.\n///", "restarts it.\n///\n\n///"), "box-end", ANATOMY_MD, 23),
    "a tab without a title": (Broken(ANATOMY_MD, "/// cloud | Coming from the cloud", "/// tab"), "box-title", ANATOMY_MD, 19),
    "a box with attributes": (Broken(ANATOMY_MD, "from the cloud\n", "from the cloud\n    attrs: {onclick: x}\n\n"), "box-option", ANATOMY_MD, 20),
    # questions
    "a question of no type": (Broken(COST_MD, "type: order", "type: sorted"), "question-type", COST_MD, line(COST_MD, "type: order")),
    "a question outside of a lesson": (Broken(COURSE, "Begin with", "```question\nid: q\ntype: order\nprompt: x\noptions: [{text: a}, {text: b}]\nexplanation: x\n```\n\nBegin with"), "question-place", COURSE, 11),
    "no right answer": (Broken(ANATOMY_MD, "    correct: true\n", ""), "no-right-answer", ANATOMY_MD, line(ANATOMY_MD, "options:")),
    "several right answers": (Broken(ANATOMY_MD, "    feedback: Too early", "    correct: true\n    feedback: Too early"), "all-right", ANATOMY_MD, line(ANATOMY_MD, "options:")),
    "all right": (Broken(COST_MD, "{text: squeue,", "{text: squeue, correct: true,"), "all-right", COST_MD, line(COST_MD, "options:\n  - {")),
    "an option without feedback": (Broken(ANATOMY_MD, "    feedback: Too early to be ignored.\n", ""), "missing-feedback", ANATOMY_MD, line(ANATOMY_MD, "  - text:")),
    "an option twice": (Broken(COST_MD, "text: prolog", "text: queue"), "option-twice", COST_MD, line(COST_MD, "  - text: prolog")),
    "an example that does not match": (Broken(COST_MD, "example: sbatch job.sh", "example: srun"), "example", COST_MD, line(COST_MD, "example:")),
    "an expression that takes for ever": (Broken(COST_MD, "sbatch( .*)?", "(a+)+b"), "pattern", COST_MD, line(COST_MD, "accept:")),
    "an expression that is none": (Broken(COST_MD, "sbatch( .*)?", "sbatch("), "pattern", COST_MD, line(COST_MD, "accept:")),
    "a negative tolerance": (Broken(COST_MD, "tolerance: 1%", "tolerance: -1"), "schema", COST_MD, line(COST_MD, "tolerance:")),
    "a formula in a question": (Broken(COST_MD, "prompt: In which order?", "prompt: In $\\frac{$ order?"), "maths", COST_MD, line(COST_MD, "prompt: In which")),
    "a script in a question": (Broken(COST_MD, "In which order?", "<script>x</script>"), "unsafe-html", COST_MD, line(COST_MD, "prompt: In which")),
    # readiness
    "a level that asks for nobody": (Broken(READINESS, "people: 2", "people: 0"), "schema", READINESS, 11),
    "a level with an unknown course": (Broken(READINESS, "courses: [C01]", "courses: [C02]"), "unknown-course", READINESS, 13),
    "a level with an unknown lab": (Broken(READINESS, "labs: [L04]", "labs: [L03]"), "unknown-lab", READINESS, 14),
    "a level after an unknown one": (Broken(READINESS, "after: R1", "after: R0"), "unknown-level", READINESS, 20),
    "a level after itself": (Broken(READINESS, "after: R1", "after: R2"), "level-order", READINESS, 20),
    "a requirement for a document and for people": (Broken(READINESS, "people: 2", "people: 2\n        document: rules\n        attested_by: lead", add=WITH_RULES), "requirement", READINESS, 13),
    "a document that is not listed": (Broken(READINESS, "awaits: Course C08 is being written", "document: rules\n        attested_by: lead"), "unknown-document", READINESS, 24),
    "a document that nobody may attest": (Broken(READINESS, "awaits: Course C08 is being written", "document: rules", add=WITH_RULES), "requirement", READINESS, 25),
    "a proof on Slurm of a lab without one": (Broken(READINESS, "labs: [L04]", "labs: [L04]\n        on_slurm: true"), "not-on-slurm", READINESS, 14),
    "a proof on Slurm of no lab": (Broken(READINESS, "labs: [L04]", "on_slurm: true"), "requirement", READINESS, 14),
    "a machine for an unknown level": (Broken(READINESS, "version: ", "machines:\n  - {id: boreas, title: B, summary: S, levels: [R7], requires: [{id: x, title: X, awaits: Time}]}\nversion: "), "unknown-level", READINESS, 2),
    "a machine whose name is too long": (Broken(READINESS, "version: ", "machines:\n  - {id: " + "m" * 59 + ", title: B, summary: S, levels: [R1], requires: [{id: x, title: X, awaits: Time}]}\nversion: "), "id-length", READINESS, 2),
    "two machines": (Broken(READINESS, "version: ", "machines:\n  - {id: b, title: B, summary: S, levels: [R1], requires: [{id: x, title: X, awaits: Time}]}\n  - {id: b, title: B, summary: S, levels: [R1], requires: [{id: x, title: X, awaits: Time}]}\nversion: "), "duplicate-id", READINESS, 3),
    "a requirement for nothing": (Broken(READINESS, "        awaits: Course C08 is being written\n", ""), "requirement", READINESS, 22),
    # labs
    "points that do not add up": (Broken(LAB, "points: 6", "points: 7"), "points", LAB, 5),
    "a rubric for no cell": (Broken(LAB, "cell: why", "cell: whi"), "unknown-cell", LAB, 11),
    "levels that do not rise": (Broken(LAB, "{points: 0,", "{points: 4,"), "rubric-levels", LAB, 13),
    "a file that is not there": (Broken(LAB, "[job.sh]", "[job.sh, data.csv]"), "missing-file", LAB, 8),
    "the solution handed out": (Broken(LAB, "[job.sh]", "[lab.ipynb]"), "solution-file", LAB, 8),
    "a file outside of the lab": (Broken(LAB, "[job.sh]", "[../machine/__init__.py]"), "schema", LAB, 8),
    "cells that are fixed or what": (Broken(LAB, "names: [fixed]", "names: [fixed]\nfixed_cells: always"), "schema", LAB, 7),
    "a name that nobody defines": (Broken(LAB, "[fixed]", "[fixes]"), "unknown-name", LAB, 6),
    "a module that is not there": (Broken(LAB, "[machine]", "[machines]"), "unknown-module", LAB, 7),
    "no notebook": (Broken(without=NOTEBOOK), "no-notebook", LAB, 1),
    "a notebook that is no JSON": (Broken(NOTEBOOK, '"cells": [', '"cells": '), "notebook", NOTEBOOK, 15),
    "a notebook of another format": (Broken(NOTEBOOK, '"nbformat": 4', '"nbformat": 3'), "notebook", NOTEBOOK, 1),
    "no introduction": (book(*CELLS[1:3], cell("x", grade=True, solution=True, points=4, grade_id="why")), "no-introduction", NOTEBOOK, 1),
    "a manual cell without rubric": (Broken(LAB, FILES[LAB][FILES[LAB].index("rubric:"):], ""), "no-rubric", NOTEBOOK, line(NOTEBOOK, "Because.")),
    "a grade_id twice": (book(*CELLS[:2], cell("assert 1", grade=True, points=2, grade_id="fix"), CELLS[3]), "duplicate-grade-id", NOTEBOOK, "assert 1"),
    "an unclosed solution": (book(CELLS[0], cell("### BEGIN SOLUTION\nfixed = 1", solution=True, grade_id="fix"), *CELLS[2:]), "cell", NOTEBOOK, "### BEGIN"),
    "a solution in a given cell": (book(*CELLS, cell("### BEGIN SOLUTION and\n### END SOLUTION and")), "cell", NOTEBOOK, "### BEGIN SOLUTION and"),
    "a broken link in a lab": (book(cell("# T\n\n[x](y.md)", "markdown"), *CELLS[1:]), "broken-link", NOTEBOOK, 12),
}  # fmt: skip


def test_a_tree_in_order_has_no_problems(good):
    loaded = load(good, workshop=None)
    assert loaded.problems == ()
    assert loaded.catalogue is not None


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_wrong_is_told_with_its_file_and_line(case):
    broken, code, path, at = BROKEN[case]
    tree = broken.tree()
    if isinstance(at, str):
        text = tree[path].decode()
        at = text[: text.index(at)].count("\n") + 1
    loaded = load(tree, workshop=None)
    found = [(problem.code, problem.path, problem.line) for problem in loaded.problems]
    assert (code, path, at) in found, loaded.problems
    assert len(found) == 1 or case in _WITH_CONSEQUENCES, loaded.problems
    assert all(problem.message for problem in loaded.problems)
    assert (loaded.catalogue is None) == any(problem.severity == "error" for problem in loaded.problems)


# Where one mistake is two: both are said.
_WITH_CONSEQUENCES = {"an unknown key", "a rubric for no cell", "a text without an end"}


def test_all_problems_are_told_together():
    broken = Broken(
        COURSE,
        "minutes: 40",
        "minutes: 41",
        add=((TRACKS, "tracks: 1"), (COST_MD, COST.replace("id: way", "id: hours"))),
    )
    codes = {problem.code for problem in load(broken.tree(), workshop=None).problems}
    assert codes == {"minutes", "schema", "duplicate-id"}


def test_a_mistyped_key_is_told_with_the_one_that_was_meant():
    (problem, missing) = load(Broken(ANATOMY_MD, "minutes:", "minuts:").tree(), workshop=None).problems
    assert (
        problem.message + missing.message
        == "'minutes' is missing.unknown key 'minuts'; did you mean 'minutes'?"
    )
