"""Charges are exact, follow the profile, and never drop when a request grows."""

from fractions import Fraction

import pytest
from boreas.bill import Charge, charge
from boreas.profile import PARTITIONS
from hypothesis import given
from hypothesis import strategies as st

requests = st.fixed_dictionaries(
    {
        "nodes": st.integers(1, 64),
        "gpus": st.integers(0, 8),
        "cores": st.integers(0, 128),
        "memory_gb": st.fractions(0, 1000),
        "hours": st.fractions(0, 100),
    }
)


@pytest.mark.parametrize(
    ("request_", "amount"),
    [
        (("small-g", 1, 1, 14, 120, 10), 10),
        (("small-g", 1, 1, 15, 120, 10), 20),
        (("small-g", 1, 1, 14, Fraction(1201, 10), 10), 20),
        (("small-g", 1, 2, 56, 120, 10), 40),
        (("dev-g", 2, 4, 8, 60, Fraction(1, 2)), 4),
        (("standard-g", 4, 1, 1, 1, 12), 192),
    ],
)
def test_gpu_hours(request_: tuple[str, int, int, int, Fraction, Fraction], amount: int) -> None:
    partition, nodes, gpus, cores, memory_gb, hours = request_
    got = charge(partition, nodes=nodes, gpus=gpus, cores=cores, memory_gb=memory_gb, hours=hours)
    assert got == Charge(Fraction(amount), "GPU-h")


def test_node_hours_are_another_purse() -> None:
    assert charge("cpu", nodes=3, cores=128, hours=Fraction(1, 3)) == Charge(Fraction(1), "node-h")


@given(st.sampled_from(sorted(PARTITIONS)), requests, requests)
def test_a_larger_request_never_costs_less(partition: str, one: dict, other: dict) -> None:
    larger = {name: max(one[name], other[name]) for name in one}
    assert charge(partition, **one).amount <= charge(partition, **larger).amount


@given(st.sampled_from(sorted(PARTITIONS)), requests)
def test_a_charge_is_proportional_to_time_and_covers_the_gpus(partition: str, request_: dict) -> None:
    once = charge(partition, **request_)
    twice = charge(partition, **(request_ | {"hours": 2 * request_["hours"]}))
    assert twice.amount == 2 * once.amount
    if PARTITIONS[partition].billing == "share":
        assert once.amount >= request_["nodes"] * request_["gpus"] * request_["hours"]


@pytest.mark.parametrize(
    "wrong", [{"nodes": 0}, {"gpus": -1}, {"cores": -1}, {"memory_gb": -1}, {"hours": -1}]
)
def test_nonsense_has_no_price(wrong: dict) -> None:
    with pytest.raises(ValueError):
        charge("small-g", **({"nodes": 1, "hours": 1} | wrong))
    with pytest.raises(KeyError):
        charge("booster", nodes=1, hours=1)
