"""What travels between the learner's process and the tests is plain data, comes out as it went in, and nothing else gets in."""

import json
import pickle
import socket
import struct
from collections import Counter, OrderedDict, defaultdict
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.labs.inside import codec

hashable = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.complex_numbers(allow_nan=False),
    lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3),
    max_leaves=8,
)
plain = st.recursive(
    hashable
    | st.builds(range, st.integers(-9, 9), st.integers(-9, 9), st.integers(1, 3))
    | st.builds(bytearray, st.binary()),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(hashable, inner, max_size=4)
        | st.sets(hashable, max_size=3)
    ),
    max_leaves=20,
)


def refuse(value):
    raise AssertionError(f"no plain data: {value!r}")


@given(plain)
def test_plain_data_comes_out_as_it_went_in(value):
    there = json.loads(json.dumps(codec.encode(value, refuse), allow_nan=False))
    back = codec.decode(there, refuse)
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("kind", [OrderedDict, Counter])
def test_the_dicts_of_collections_arrive_as_dicts(kind):
    assert codec.decode(codec.encode(kind(a=1), refuse), refuse) == {"a": 1}
    assert codec.decode(codec.encode(defaultdict(list, a=[1]), refuse), refuse) == {"a": [1]}


def test_nan_and_infinity_arrive():
    there = json.dumps(codec.encode([float("nan"), float("inf")], refuse), allow_nan=False)
    nan, infinity = codec.decode(json.loads(there), refuse)
    assert nan != nan  # noqa: PLR0124 (that is what NaN is)
    assert infinity == float("inf")


def test_a_subclass_of_a_plain_type_is_no_plain_data():
    class Liar(int):
        def __eq__(self, other):
            return True

        __hash__ = int.__hash__

    assert codec.encode([Liar(3)], lambda value: "opaque") == ["opaque"]


def test_a_list_that_holds_itself_is_refused_and_not_followed_for_ever():
    endless = []
    endless.append(endless)
    with pytest.raises(codec.TooLarge):
        codec.encode(endless, refuse)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["$", "v", "x"]), inner, max_size=3)
            | st.fixed_dictionaries({"$": st.sampled_from("iftdszbycr"), "v": inner})
        ),
        max_leaves=12,
    )
)
def test_whatever_json_the_other_side_sends_is_a_value_or_a_protocol_error(message):
    def unknown(_):
        raise codec.ProtocolError("unknown")

    with suppress(codec.ProtocolError):
        codec.decode(message, unknown)


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def test_a_message_goes_through_a_socket(ends):
    codec.send(ends[0], {"op": "get", "name": "mean", "text": "ü" * 9})
    assert codec.receive(ends[1]) == {"op": "get", "name": "mean", "text": "ü" * 9}


def framed(body):
    return struct.pack("!I", len(body)) + body


@pytest.mark.parametrize(
    "sent",
    [
        struct.pack("!I", codec.MAX_FRAME + 1),
        struct.pack("!I", 3) + b"{,}",
        struct.pack("!I", 3) + b"NaN",
        struct.pack("!I", 2) + b"\xff\xff",
        framed(pickle.dumps(print)),
        framed(b"[" * 100_000),
        framed(b"9" * 5000),
    ],
    ids=["too large", "no JSON", "NaN", "no text", "a pickle", "nested without end", "a number without end"],
)
def test_nonsense_is_a_protocol_error(ends, sent):
    ends[0].sendall(sent)
    with pytest.raises(codec.ProtocolError):
        codec.receive(ends[1])


def test_an_end_in_the_middle_of_a_frame_is_an_end(ends):
    ends[0].sendall(struct.pack("!I", 10) + b"{")
    ends[0].close()
    with pytest.raises(EOFError):
        codec.receive(ends[1])


def test_a_value_larger_than_a_frame_is_refused_before_a_byte_is_sent(ends):
    with pytest.raises(codec.TooLarge, match="8 MB"):
        codec.send(ends[0], "x" * (codec.MAX_FRAME + 1))
    codec.send(ends[0], "still in step")
    assert codec.receive(ends[1]) == "still in step"
