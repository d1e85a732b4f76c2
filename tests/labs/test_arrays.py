"""numpy's arrays and numbers travel as plain data; what is none of that does not."""

import json

import numpy as np
import pytest

from lms.labs.inside import codec


def opaque(value):
    return {"$": "ref", "id": 1, "type": type(value).__name__}


def there_and_back(value):
    def refuse(described):
        raise codec.ProtocolError(str(described))

    return codec.decode(json.loads(json.dumps(codec.encode(value, opaque), allow_nan=False)), refuse)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12).reshape(3, 4),
        np.asfortranarray(np.arange(12.0).reshape(3, 4)),
        np.array([1.5, np.nan, np.inf]),
        np.array([[True, False]]),
        np.array([1 + 2j]),
        np.array(["one", "three"]),
        np.array(["2026-11-25", "NaT"], dtype="datetime64[D]"),
        np.zeros((0, 3), dtype=np.float32),
        np.array(7, dtype=np.uint8),
        np.arange(10)[::2],
        np.arange(3, dtype=">i4"),
    ],
    ids=lambda array: f"{array.dtype.str} {array.shape}",
)
def test_an_array_comes_out_as_it_went_in(array):
    back = there_and_back(array)
    assert (type(back), back.dtype, back.shape) == (np.ndarray, array.dtype, array.shape)
    np.testing.assert_array_equal(back, array)
    assert back.flags.writeable
    assert back.flags.owndata


@pytest.mark.parametrize(
    "number", [np.float64(0.1), np.int32(-3), np.bool_(True), np.str_("x"), np.complex64(2j)]
)
def test_so_does_a_number(number):
    back = there_and_back([number])[0]
    assert (type(back), back) == (type(number), number)


@pytest.mark.parametrize(
    "value",
    [
        np.array([print], dtype=object),
        np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
        np.ma.masked_array([1, 2], mask=[0, 1]),
        type("Liar", (np.ndarray,), {"__eq__": lambda self, other: True})(2),
    ],
    ids=["objects", "records", "masked", "subclass"],
)
def test_what_could_run_code_or_lie_stays_with_the_learner(value):
    assert codec.encode(value, opaque)["$"] == "ref"


@pytest.mark.parametrize(
    "lie",
    [
        {"dtype": "|O", "shape": [1], "v": "AAAAAAAAAAA="},
        {"dtype": "<f8", "shape": [2], "v": "AAAAAAAAAAA="},
        {"dtype": "<f8", "shape": [-1], "v": "AAAAAAAAAAA="},
        {"dtype": "<f8", "shape": [True], "v": "AAAAAAAAAAA="},
        {"dtype": "<f8", "shape": [1] * 40, "v": "AAAAAAAAAAA="},
        {"dtype": "<f8,<f8", "shape": [1], "v": ""},
        {"dtype": "<f9", "shape": [1], "v": "AAAAAAAAAAAA"},
        {"dtype": 8, "shape": [1], "v": "AAAAAAAAAAA="},
        {"dtype": "<f8", "shape": [1 << 62, 1 << 62], "v": ""},
        {"dtype": "<f8", "shape": [1], "v": "not base64"},
        {},
    ],
    ids=str,
)
def test_an_array_that_nobody_can_have_sent_is_refused(lie):
    with pytest.raises(codec.ProtocolError):
        codec.decode({"$": "n", **lie}, opaque)
