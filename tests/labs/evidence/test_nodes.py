"""Lists of nodes are sets of names, however they are written, and as cheap to compare when they name billions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.labs.evidence.nodes import nodes_of
from lms.labs.evidence.quantities import QuantityError

NUMBERS = st.sets(st.integers(0, 130), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("nid[000001-000003,000007]", ["nid000001", "nid000002", "nid000003", "nid000007"]),
        ("n[8-11]", ["n8", "n9", "n10", "n11"]),
        ("a1,b2,login", ["a1", "b2", "login"]),
        ("rack[1-2]n[01-02]", ["rack1n01", "rack1n02", "rack2n01", "rack2n02"]),
        ("mel2001", ["mel2001"]),
        ("n[1-2]-ib", ["n1-ib", "n2-ib"]),
    ],
)
def test_a_list_is_what_scontrol_show_hostnames_says(text, names):
    assert sorted(nodes_of(text).names(99)) == sorted(names)
    assert len(nodes_of(text)) == len(names)


@given(NUMBERS, NUMBERS, st.integers(1, 4))
def test_covering_is_being_a_subset(some, others, width):
    def written(numbers):
        return nodes_of("n[" + ",".join(str(each).zfill(width) for each in sorted(numbers)) + "]")

    assert written(some).covers(written(others)) == (others <= some)
    assert len(written(some)) == len(some)
    assert set(written(some).names(999)) == {f"n{each:0{width}}" for each in some}


def test_a_list_that_names_billions_is_counted_and_not_written_out():
    nodes = nodes_of("n[0-999999999999],m[1-9]")
    assert len(nodes) == 10**12 + 9
    assert nodes.covers(nodes_of("n[5-123456789]"))


@pytest.mark.parametrize(
    "text", ["n[1-", "n[2-1]", "n[a-b]", "n]1[", "n[1-2", "n<1>", "n[1-999]n[1-999]n[1-2]", "a,,b"]
)
def test_what_is_no_list_is_refused(text):
    with pytest.raises(QuantityError):
        nodes_of(text)


@pytest.mark.parametrize("text", ["", "None assigned", "(null)", "nid[0000+"])
def test_what_slurm_leaves_open_or_a_column_cut_is_open(text):
    assert nodes_of(text) is None
