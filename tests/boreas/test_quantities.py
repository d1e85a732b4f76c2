"""Time limits and sizes mean what the manual of sbatch says."""

import contextlib

import pytest
from boreas.quantities import QuantityError, Unlimited, mebibytes_of, minutes_of
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("90", 90),
        ("2:00", 2),
        ("0:20", 1),  # 20 s are rounded up, as measured (F§4.1)
        ("2:00:00", 120),
        ("02:00:01", 121),
        ("1-2", 26 * 60),
        ("1-2:30", 26 * 60 + 30),
        ("1-2:30:30", 26 * 60 + 31),
        ("0", Unlimited()),
        ("0:00", Unlimited()),
        ("UNLIMITED", Unlimited()),
    ],
)
def test_the_six_forms_of_a_time_limit(text: str, minutes: object) -> None:
    assert minutes_of(text) == minutes


@pytest.mark.parametrize(
    ("text", "mebibytes"),
    [
        ("100", 100),
        ("100M", 100),
        ("2G", 2048),
        ("1T", 1024**2),
        ("1024K", 1),
        ("1K", 1),
        ("2gb", 2048),
        ("0", 0),
    ],
)
def test_sizes_are_powers_of_1024_and_mib_without_a_suffix(text: str, mebibytes: int) -> None:
    assert mebibytes_of(text) == mebibytes


@pytest.mark.parametrize("text", ["", "2h", "1:2:3:4", "1-", "-5", "1.5", "٣", "9" * 5000, " 5"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(QuantityError):
        minutes_of(text)


@given(st.text())
def test_no_text_raises_anything_but_its_own_error(text: str) -> None:
    for read in (minutes_of, mebibytes_of):
        with contextlib.suppress(QuantityError):
            assert read(text) is not None


@given(st.integers(0, 10**6), st.integers(0, 59), st.integers(0, 59))
def test_a_time_limit_is_never_rounded_down(hours: int, minutes: int, seconds: int) -> None:
    asked = hours * 3600 + minutes * 60 + seconds
    got = minutes_of(f"{hours}:{minutes}:{seconds}")
    assert isinstance(got, Unlimited) if asked == 0 else 0 <= got * 60 - asked < 60
