"""`lms check` tells authors, programs and GitHub the same, and its exit status says whether it can be published."""

import json
import re

import pytest
from click.testing import CliRunner

from lms.cli.authoring import check
from lms.content.check import report
from lms.content.problem import error, warning
from tests.content.conftest import FILES

TWO = [
    error("courses/a,b.md", 7, "maths", "100% wrong:\nreally", "Mend it."),
    warning("labs/x/lab.yaml", 1, "orphan", "Odd."),
]


@pytest.fixture
def folder(tmp_path):
    """Courses without labs: proving those takes a sandbox, which is told about in tests/labs."""
    for path, text in FILES.items():
        if path.startswith("courses/"):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            bare = re.sub(r"(?m)^ *labs: \[L04\]\n", "", text).replace(", and do [the lab](lab:L04)", "")
            (tmp_path / path).write_text(bare)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(check, [str(argument) for argument in arguments])


def test_a_tree_in_order(folder):
    result = run(folder)
    assert (result.exit_code, result.stdout) == (0, "Everything is in order.\n")


def test_an_error_fails_and_a_warning_does_not(folder):
    (folder / "courses/c01/notes.md").write_text("x")
    result = run(folder)
    assert result.exit_code == 0
    assert "courses/c01/notes.md:1: warning: This text is in no course" in result.stdout
    assert result.stdout.endswith("0 errors, 1 warning.\n")
    (folder / "courses/tracks.yaml").write_text("tracks: 1")
    assert run(folder).exit_code == 1


def test_a_folder_within_tells_only_what_lies_there(folder):
    (folder / "courses/tracks.yaml").write_text("tracks: 1")
    assert run(folder / "courses/c01").stdout == "Everything is in order.\n"
    assert run(folder / "courses/tracks.yaml").exit_code == 1


def test_no_such_folder(tmp_path):
    result = run(tmp_path / "none")
    assert result.exit_code == 1
    assert "There is no folder" in result.stderr


def test_json_is_a_list_of_problems(folder):
    (folder / "courses/tracks.yaml").write_text("tracks: 1")
    (problem,) = json.loads(run(folder, "--format", "json").stdout)
    assert problem == {
        "path": "courses/tracks.yaml",
        "line": 1,
        "severity": "error",
        "code": "schema",
        "message": "'tracks' must be a list, not 1.",
        "hint": "Write [one, two], or a line beginning with - for each.",
    }


def test_text_has_file_line_sentence_and_what_to_do():
    assert report(TWO, "text").split("\n") == [
        "courses/a,b.md:7: error: 100% wrong:",
        "really [maths]",
        "    Mend it.",
        "labs/x/lab.yaml:1: warning: Odd. [orphan]",
        "1 error, 1 warning.",
    ]


def test_github_commands_cannot_be_broken_out_of():
    assert report(TWO, "github").split("\n") == [
        "::error file=courses/a%2Cb.md,line=7,title=maths::100%25 wrong:%0Areally Mend it.",
        "::warning file=labs/x/lab.yaml,line=1,title=orphan::Odd.",
    ]
