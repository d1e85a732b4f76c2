"""The reader follows sbatch's rules, odd ones included, and never falls over."""

import pytest
from boreas.findings import Code
from boreas.sbatch import parse
from hypothesis import given
from hypothesis import strategies as st

HEAD = "#!/bin/bash\n"
# Text made of what scripts are made of, so that the search meets quotes, backslashes and directives often.
scripts = st.lists(
    st.sampled_from(
        [
            "#SBATCH",
            " ",
            "\n",
            "--time",
            "=",
            "-N",
            "2",
            '"',
            "'",
            "\\",
            "#",
            "$X",
            "\r\n",
            "--mem",
            "srun",
            "-",
            "\t",
        ]
    )
    | st.text(max_size=4)
).map("".join)


def codes(text: str) -> list[str]:
    return [str(each.code) for each in parse(text).findings]


@given(scripts | st.text())
def test_any_text_is_read_and_every_place_lies_inside_it(text: str) -> None:
    script = parse(text)
    lines = text.count("\n") + 1
    assert all(0 <= each.line <= lines for each in script.findings)
    assert all(1 <= each.line <= lines for each in script.directives)
    assert all(each.line < script.first_command for each in script.directives if script.first_command)


@given(scripts)
def test_what_follows_the_first_command_changes_no_directive(tail: str) -> None:
    script = HEAD + "#SBATCH --time=30\nsrun true\n"
    assert parse(script + tail).directives == parse(script).directives


@pytest.mark.parametrize(
    ("line", "option", "value"),
    [
        ("--time=30", "time", "30"),
        ("--time 30", "time", "30"),
        ("-t 30", "time", "30"),
        ("-t30", "time", "30"),
        ("--part=small-g", "partition", "small-g"),
        ("--tasks=4", "ntasks", "4"),
        ("--job-name='two words'", "job-name", "two words"),
        ('--job-name="a#b"', "job-name", "a#b"),
        (r"--job-name=\"two", "job-name", '"two'),
        ("--time=30 # half an hour", "time", "30"),
        ("--time=30#", "time", "30"),
        ("--exclusive", "exclusive", ""),
        ("--exclusive=user", "exclusive", "user"),
        ("--requeue", "requeue", ""),
        ("-HQ -t5", "time", "5"),
    ],
)
def test_an_option_is_understood_in_every_spelling(line: str, option: str, value: str) -> None:
    script = parse(HEAD + f"#SBATCH {line}\n")
    found = script.find(option)
    assert found is not None
    assert (found.line, found.value) == (2, value)
    assert not script.findings


def test_reading_stops_at_the_first_command_but_not_at_blanks_and_comments() -> None:
    script = parse(
        HEAD + "\n# a comment\n  # another\n#SBATCH -t 5\nX=1\n#SBATCH --account=project_465000001\n"
    )
    assert script.value("time") == "5"
    assert script.find("account") is None
    assert script.first_command == 6
    assert [(each.line, each.code) for each in script.findings] == [(7, Code.AFTER_COMMAND)]


def test_a_backslash_protects_no_blank() -> None:
    script = parse(HEAD + "#SBATCH --job-name=two\\ words\n")
    assert script.value("job-name") == "two"
    assert [each.code for each in script.findings] == [Code.NOT_AN_OPTION]


def test_the_last_of_several_counts() -> None:
    assert parse(HEAD + "#SBATCH -t 5\n#SBATCH --time=9\n").value("time") == "9"


def test_a_forgotten_value_is_taken_from_the_next_directive() -> None:
    script = parse(HEAD + "#SBATCH --gpus-per-node\n#SBATCH --mem=4G\n")
    assert script.value("gpus-per-node") == "--mem=4G"
    assert script.find("mem") is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", Code.EMPTY),
        (" \n", Code.EMPTY),
        ("echo\n", Code.NO_SHEBANG),
        ("\n#!/bin/bash\n", Code.NO_SHEBANG),
        ("#!/bin/bash\r\n#SBATCH -t 5\r\n", Code.DOS_LINES),
        (HEAD + " #SBATCH -t 5\n", Code.LOOKALIKE),
        (HEAD + "# SBATCH -t 5\n", Code.LOOKALIKE),
        (HEAD + "#SBATCH --output=$HOME/log\n", Code.VARIABLE),
        (HEAD + "srun \\ \n  true\n", Code.BACKSLASH),
        (HEAD + "#SBATCH --time=5 \\\n", Code.CONTINUED),
        (HEAD + "#SBATCH --job-name='x\n", Code.UNMATCHED_QUOTE),
        (HEAD + "#SBATCH --nope=3\n", Code.UNKNOWN_OPTION),
        (HEAD + "#SBATCH -Z\n", Code.UNKNOWN_OPTION),
        (HEAD + "#SBATCH --gpus-per=3\n", Code.AMBIGUOUS_OPTION),
        (HEAD + "#SBATCH --time\n", Code.MISSING_VALUE),
        (HEAD + "#SBATCH --requeue=yes\n", Code.NEEDLESS_VALUE),
        (HEAD + "#SBATCH time=30\n", Code.NOT_AN_OPTION),
    ],
)
def test_each_mistake_has_its_name(text: str, code: Code) -> None:
    assert codes(text) == [code]


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "##SBATCH --time=5\n",  # a directive commented out on purpose
        HEAD + "# SBATCH lines stand below\n",
        HEAD + "srun \\\n  true\n",
        HEAD + "echo 'a\\\\' \n",
        HEAD + "srun true\n# ends in \\ \n",
    ],
)
def test_what_is_right_is_not_reported(text: str) -> None:
    assert not codes(text)
