"""Labs judged by the files that the learner's code wrote: read in there, bounded, and never run or imported by the tests."""

import os

import pytest

from lms.labs.inside.collect import MOST_BYTES
from lms.labs.sandbox.collected import read_collected
from tests.sandbox.attacks import OUTPUTS
from tests.sandbox.conftest import check, run_cells

pytestmark = pytest.mark.sandbox


def test_tests_read_the_files_that_the_cells_wrote_and_that_the_lab_asks_for(exam):
    wrote = """
import json, os
os.makedirs('plots'); open('plots/loss.svg', 'w').write('<svg/>')
json.dump({'hours': 12}, open('result.json', 'w'))
open('secret.txt', 'w').write('not asked for')
open('job.sh', 'a').write('# mended')"""
    tests = (
        check("import json\nassert json.load(open('result.json')) == {'hours': 12}", "json"),
        check("assert open('plots/loss.svg').read() == '<svg/>'", "svg"),
        check("import os\nassert not os.path.exists('secret.txt')", "unasked"),
        check("assert open('job.sh').read() == 'echo hi\\n# mended'", "changed"),
    )
    outputs = ("result.json", "plots/*.svg", "job.sh")
    report = exam.grade(wrote, tests=tests, outputs=outputs, files={"job.sh": b"echo hi\n"})
    assert [cell.points for cell in report.cells] == [1, 1, 1, 1], report


def test_a_lab_that_asks_for_no_files_gets_none(exam):
    report = exam.grade("open('result.json', 'w').write('{}')", tests=(check("open('result.json')", "none"),))
    assert report.score == 0
    assert "FileNotFoundError" in report.cells[0].message


def test_what_is_no_plain_file_is_left_and_said(exam):
    tricks = """
import os
os.symlink('/etc/passwd', 'link.txt'); os.symlink('/etc', 'folder')
os.mkfifo('pipe.txt'); os.mkdir('dir.txt')
with open('sparse.txt', 'wb') as file: file.truncate(7 << 20)
open('good.txt', 'w').write('good')"""
    tests = (check("import os\nassert sorted(os.listdir()) == ['good.txt']", "only"),)
    report = exam.grade(tricks, tests=tests, outputs=("*.txt", "folder/*"))
    assert report.score == 1, report
    assert sorted(report.notes) == [
        "Your file link.txt was not read: it is not a plain file.",
        "Your file pipe.txt was not read: it is not a plain file.",
        "Your file sparse.txt was not read: all files together may have 4 MB.",
    ]


def test_no_more_files_are_read_than_may_be(exam):
    many = "for number in range(100): open(f'{number:03}.txt', 'w').write('x')"
    tests = (check("import os\nassert len(os.listdir()) == 64", "count"),)
    report = exam.grade(many, tests=tests, outputs=("*.txt",))
    assert report.score == 1, report
    assert report.notes == ("Your file 064.txt was not read: at most 64 files are read.",)


def test_a_learners_file_is_never_imported_by_the_tests(exam):
    planted = "open('helper.py', 'w').write('def right(): return True\\nprint(1)')\nopen('json.py', 'w').write('loads = eval')"
    tests = (
        check("from helper import right\nassert right()", "planted"),
        check(
            "import json\nassert json.__file__.startswith('/usr') or '/python' in json.__file__", "shadowed"
        ),
    )
    report = exam.grade(planted, tests=tests, outputs=("*.py",))
    assert [cell.points for cell in report.cells] == [0, 1]
    assert "No module named 'helper'" in report.cells[0].message


def test_a_handed_out_module_is_imported_as_it_was_handed_out(exam):
    changed = "open('given.py', 'w').write('answer = 0')"
    tests = (
        check(
            "import given\nassert given.answer == 42\nassert open('given.py').read() == 'answer = 0'", "given"
        ),
    )
    report = exam.grade(changed, tests=tests, outputs=("given.py",), files={"given.py": b"answer = 42"})
    assert report.score == 1, report


def test_what_a_sandbox_claims_to_have_collected_is_looked_at_again():
    good = {"files": {"a.txt": "aGk="}, "left": {"b.txt": "large"}, "texts": {"script": "#!"}}
    taken = read_collected(good, ["*.txt"], ["script"])
    assert (taken.files, taken.left, taken.texts) == ({"a.txt": b"hi"}, {"b.txt": "large"}, {"script": "#!"})
    for lie in (
        {"files": {"../a.txt": "aGk=", "/a.txt": "aGk=", "a.sh": "aGk=", "a.txt": 7, "b.txt": "?"}},
        {"files": {"a.txt": "QUFB" * (2 << 20)}},
        {"files": [], "left": {"b.txt": "because"}, "texts": {"other": "x", "script": 7}},
        {"left": "x", "texts": None},
    ):
        taken = read_collected(lie, ["*.txt"], ["script"])
        assert (taken.files, taken.left, taken.texts) == ({}, {}, {}), lie


def test_the_seed_makes_the_randomness_of_learner_and_tests_and_is_known_to_the_tests(exam):
    drawn = "import random\nnumber = random.random()\ndef mean(xs): return number"
    tests = (
        check(
            "import random\nassert seed == 7\nprint(random.random())\nround(random.random() * mean([]), 6)",
            "draw",
            9,
        ),
        check("assert list({'a', 'b', 'c', 'd'}) == mean", "order"),
    )
    first, second, other = (exam.grade(drawn, tests=tests, seed=seed) for seed in (7, 7, 8))
    assert first.cells == second.cells
    assert 0 < first.cells[0].points < 1
    assert other.cells[0].points == 0


@pytest.mark.parametrize("trick", OUTPUTS, ids=lambda trick: trick.what)
def test_an_output_that_is_no_plain_file_of_the_sandbox_is_not_read(exam, trick, tmp_path):
    nothing = check("import os\nassert os.listdir() == []", "nothing")
    report = exam.grade(_written(trick, tmp_path), tests=(nothing,), outputs=("*.txt",))
    assert report.score == 1, report
    assert "out.txt was not read" in report.notes[0]


@pytest.mark.parametrize("trick", OUTPUTS, ids=lambda trick: trick.what)
def test_fetched_by_name_from_outside_it_is_whatever_the_notebook_says(without, trick, tmp_path):
    """How graders collect that bind the working folder and read it afterwards."""
    shared = without("mount: disks of its own").shared
    run_cells(_written(trick, tmp_path))
    out = shared / "out.txt"
    if out.is_fifo():
        with pytest.raises(BlockingIOError):  # an ordinary open would wait for ever
            os.read(os.open(out, os.O_RDWR | os.O_NONBLOCK), 1)
    else:
        assert out.read_bytes() == b"root's secret" or out.stat().st_size > MOST_BYTES


def _written(trick, folder):
    (folder / "shadow").write_text("root's secret")
    return trick.code.replace("{secret}", str(folder / "shadow"))
