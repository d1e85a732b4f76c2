"""Names of logs: what the codes become, and which names are a job's own."""

import pytest
from boreas.filenames import codes_in, expand, folder_of, is_own
from hypothesis import given
from hypothesis import strategies as st

JOB = {"j": 4711, "x": "train", "A": 4700, "a": 11}


@pytest.mark.parametrize(
    ("pattern", "name", "own"),
    [
        ("slurm-%j.out", "slurm-4711.out", True),
        ("%x-%A_%a.out", "train-4700_11.out", True),
        ("%6j.out", "004711.out", True),
        ("%x.out", "train.out", False),
        ("100%%-%x", "100%-train", False),
        ("%%j", "%j", False),
        ("%N.out", "%N.out", False),
        ("\\%j.out", "%j.out", False),
    ],
)
def test_codes_are_replaced(pattern: str, name: str, own: bool) -> None:  # noqa: FBT001  a column of the table
    assert expand(pattern, JOB) == name
    assert is_own(pattern) == own


def test_the_folder_is_what_must_exist() -> None:
    assert [folder_of(each) for each in ("a.out", "logs/a.out", "/x/y/a.out")] == [".", "logs", "/x/y"]


@given(st.text())
def test_any_name_can_be_read(pattern: str) -> None:
    assert isinstance(expand(pattern, JOB), str)
    assert codes_in(pattern) <= set("jJAaxuNntsrb")
