"""Plain data over a socket, and nothing but plain data: the only way between the learner's process and the tests.

A frame is four bytes of length (big-endian) and that many bytes of JSON. There is no pickle anywhere: unpickling runs code,
and this is what the learner's side would send. What JSON cannot say is tagged, `{"$": "t", "v": […]}` for a tuple; what is not
plain data at all goes through the caller's `opaque` (encoding) and `resolve` (decoding).
"""

import base64
import binascii
import json
import math
import socket
import struct
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable
from typing import Any

from . import arrays

MAX_FRAME = 8 << 20
MAX_DEPTH = 60
_EXACT_INT = 1 << 53
DICTS = (dict, OrderedDict, defaultdict, Counter)
_TAG = "$"


class ProtocolError(Exception):
    """What came is not what the protocol allows; the connection cannot be trusted to be in step any more."""


class TooLarge(ValueError):
    """A value is deeper or larger than a frame may be. Nothing was sent."""


def send(sock: socket.socket, message: Any) -> None:
    """Raise `TooLarge` before a byte is sent when the message exceeds a frame."""
    body = json.dumps(message, separators=(",", ":"), allow_nan=False).encode()
    if len(body) > MAX_FRAME:
        raise TooLarge(f"the value is larger than {MAX_FRAME >> 20} MB")
    sock.sendall(struct.pack("!I", len(body)) + body)


def receive(sock: socket.socket) -> Any:
    """Raise `EOFError` when the other side has ended, `ProtocolError` when it sent nonsense."""
    (length,) = struct.unpack("!I", _exactly(sock, 4))
    if length > MAX_FRAME:
        raise ProtocolError("frame too large")
    try:
        return json.loads(_exactly(sock, length), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"not a frame: {type(error).__name__}") from None


def _exactly(sock: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        part = sock.recv(min(1 << 16, length - len(parts)))
        if not part:
            raise EOFError("the other side has ended")
        parts += part
    return bytes(parts)


def _refuse_constant(name: str) -> None:
    raise ProtocolError(f"{name} is not JSON")


def encode(value: Any, opaque: Callable[[Any], Any], depth: int = 0) -> Any:  # noqa: C901, PLR0911, PLR0912 (one line a type)
    """Value -> what JSON can say. Types are compared exactly: a subclass of `int` may lie about what it equals, so it is
    no plain data. Raise `TooLarge` beyond 60 levels, which is also what a list that holds itself comes to.
    """
    if depth > MAX_DEPTH:
        raise TooLarge(f"the value is nested more than {MAX_DEPTH} levels deep")
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is int:
        return value if abs(value) < _EXACT_INT else {_TAG: "i", "v": hex(value)}
    if kind is float:
        return value if math.isfinite(value) else {_TAG: "f", "v": repr(value)}
    if kind is list:
        return _encoded(value, opaque, depth)
    if kind is tuple:
        return {_TAG: "t", "v": _encoded(value, opaque, depth)}
    if kind in DICTS:
        return {_TAG: "d", "v": [_encoded(pair, opaque, depth) for pair in value.items()]}
    if kind is set:
        return {_TAG: "s", "v": _encoded(value, opaque, depth)}
    if kind is frozenset:
        return {_TAG: "z", "v": _encoded(value, opaque, depth)}
    if kind is bytes:
        return {_TAG: "b", "v": base64.b64encode(value).decode()}
    if kind is bytearray:
        return {_TAG: "y", "v": base64.b64encode(value).decode()}
    if kind is complex:
        return {_TAG: "c", "v": _encoded((value.real, value.imag), opaque, depth)}
    if kind is range:
        return {_TAG: "r", "v": _encoded((value.start, value.stop, value.step), opaque, depth)}
    if arrays.is_plain(value):
        return arrays.described(value)
    return opaque(value)


def _encoded(values: Any, opaque: Callable[[Any], Any], depth: int) -> list[Any]:
    return [encode(value, opaque, depth + 1) for value in values]


def decode(value: Any, resolve: Callable[[dict[str, Any]], Any], depth: int = 0) -> Any:
    """The inverse of `encode`. Raise `ProtocolError` for anything `encode` cannot have made."""
    if depth > MAX_DEPTH:
        raise ProtocolError("too deep")
    if value is None or type(value) in (bool, str, int, float):
        return value
    if type(value) is list:
        return [decode(item, resolve, depth + 1) for item in value]
    if type(value) is not dict:
        raise ProtocolError("not a value")
    try:
        return _tagged(value, resolve, depth + 1)
    except (TypeError, ValueError, KeyError, OverflowError, ImportError, binascii.Error) as error:
        raise ProtocolError(f"not a value: {type(error).__name__}") from None


def _tagged(value: dict[str, Any], resolve: Callable[[dict[str, Any]], Any], depth: int) -> Any:  # noqa: C901, PLR0911
    def items() -> list[Any]:
        if type(content) is not list:
            raise ProtocolError("not a list")
        return [decode(item, resolve, depth) for item in content]

    content = value.get("v")
    match value.get(_TAG):
        case "i":
            return int(_text(content), 16)
        case "f":
            return float(_text(content))
        case "t":
            return tuple(items())
        case "d":
            return dict(items())
        case "s":
            return set(items())
        case "z":
            return frozenset(items())
        case "b":
            return base64.b64decode(_text(content), validate=True)
        case "y":
            return bytearray(base64.b64decode(_text(content), validate=True))
        case "c":
            return complex(*items())
        case "r":
            return range(*items())
        case "n":
            return arrays.restored(value)
        case _:
            return resolve(value)


def _text(content: Any) -> str:
    if type(content) is not str:
        raise ProtocolError("not text")
    return content
