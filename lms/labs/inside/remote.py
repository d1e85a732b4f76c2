"""What T sees of L: a connection, and proxies for what is no plain data.

A proxy can be called, indexed, iterated and asked for attributes: all of that brings plain values, which are compared here.
It cannot be compared, hashed or asked whether it is true: that would take the learner's word for the verdict. For the same reason
arithmetic needs a proxy on both sides (`abs(f(3) - 5) < 1e-9` would otherwise ask the learner whether five is right).
"""

import builtins
import socket
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from . import arrays, codec

MAX_PRINTED = 1 << 20


class Opaque(Exception):
    """A test would take the word of a learner's object for the verdict."""


class TimeUp(BaseException):
    """The test's time is up. `inside` tells whether L was asked something and has not answered."""

    def __init__(self, *, inside: bool) -> None:
        super().__init__("time is up")
        self.inside = inside


class FromLearner:
    """Mixed into every exception that learner's code raised: its message is the learner's, not the author's."""


class Channel:
    """The connection to L, and what is known about it. `busy` while a request awaits its answer."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._callbacks: dict[int, Callable[..., Any]] = {}
        self._classes: dict[int, type[Exception]] = {}
        self.deadline = 0.0
        self.busy = False
        self.open = False
        self.printed = ""
        self.told = 0  # requests with which L was told something

    def begin(self, deadline: float) -> None:
        """A new test: callbacks of the last one are forgotten, so that the learner cannot call them now."""
        self._callbacks.clear()
        self.deadline = deadline
        self.busy = False
        self.open = True
        self.printed = ""

    def end(self) -> None:
        """The test is over: nothing is asked any more, not even by a message that shows a proxy."""
        self.open = False

    def wait_until_ready(self) -> None:
        if codec.receive(self._sock) != {"ready": True}:
            raise codec.ProtocolError("no greeting")

    def ask(self, request: dict[str, Any]) -> Any:
        """Raise what learner's code raised (as an exception of that kind, marked `FromLearner`), StopIteration,
        `LookupError` for a missing name, `TimeUp`, EOFError or `codec.ProtocolError`.
        """
        reply = self._exchange(request)
        if reply.get("overrun"):
            raise TimeUp(inside=False)
        if "error" in reply:
            raise self._exception(reply)
        if reply.get("stop") and request["op"] == "next":
            raise StopIteration
        if reply.get("missing"):
            raise LookupError(request["name"])
        return self.decode(reply.get("v")), reply.get("changed", [])

    def _exchange(self, request: dict[str, Any]) -> dict[str, Any]:
        outer, self.busy = self.busy, True
        self.told += not request.keys().isdisjoint(("args", "v"))
        codec.send(self._sock, {**request, "seconds": max(self.deadline - time.monotonic(), 0.001)})
        while True:
            reply = codec.receive(self._sock)
            if type(reply) is not dict:
                raise codec.ProtocolError("not a reply")
            if "callback" not in reply:
                break
            codec.send(self._sock, self._called_back(reply))
        self.busy = outer
        printed = str(reply.get("out", ""))
        self.printed = (self.printed + printed)[:MAX_PRINTED]
        if (
            sys.stdout is not sys.__stdout__
        ):  # a test that catches what is printed wants the learner's prints as well
            sys.stdout.write(printed)
        return reply

    def _called_back(self, request: dict[str, Any]) -> dict[str, Any]:
        number = request["callback"]
        function = self._callbacks.get(number) if type(number) is int else None
        if function is None:
            raise codec.ProtocolError("no such callback")
        args, kwargs = self.decode(request.get("args")), self.decode(request.get("kwargs"))
        if type(args) is not list or type(kwargs) is not dict:
            raise codec.ProtocolError("not arguments")
        try:
            return {"reply": self.encode(function(*args, **kwargs))}
        except Exception as error:  # noqa: BLE001 (the learner's code learns only its kind: a message could hold an answer)
            return {"reply": None, "error": type(error).__name__}

    def _exception(self, reply: dict[str, Any]) -> Exception:
        message = str(reply["error"])[:2000]
        described = reply.get("class")
        kind = self.decode(described) if described is not None else _builtin(reply.get("mro"))
        if not (isinstance(kind, type) and issubclass(kind, Exception)):
            raise codec.ProtocolError("not an exception")
        try:
            return kind(message)
        except TypeError:  # UnicodeDecodeError and a few others want more than a message
            return _marked(ValueError)(message)

    def encode(self, value: Any) -> Any:
        return codec.encode(value, self._opaque)

    def _opaque(self, value: Any) -> dict[str, Any]:
        if isinstance(value, Proxy):
            return {"$": "ref", "id": number_of(value)}
        for number, kind in self._classes.items():
            if kind is value:
                return {"$": "ref", "id": number}
        if not callable(value):
            raise TypeError(
                f"a {type(value).__name__} cannot be handed to the learner's code: hand over plain values"
            )
        self._callbacks[id(value)] = value
        return {"$": "callback", "id": id(value)}

    def decode(self, value: Any) -> Any:
        return codec.decode(value, self._resolve)

    def _resolve(self, described: dict[str, Any]) -> Any:
        number = described.get("id")
        if described.get("$") != "ref" or type(number) is not int:
            raise codec.ProtocolError("unknown tag")
        base = _builtin(described.get("mro")) if "mro" in described else None
        if (
            base is not None
        ):  # a class of exceptions has to be one here, or `except MyError` could not catch it
            name = str(described.get("class"))[:80]
            return self._classes.setdefault(number, type(name, (base,), {}))
        proxy = CallableProxy if described.get("call") is True else Proxy
        return proxy(self, number, str(described.get("type"))[:80])


def _builtin(mro: Any) -> type[Exception] | None:
    """The nearest built-in exception among the class names that L claims, marked as the learner's."""
    for name in mro if type(mro) is list else ():
        kind = getattr(builtins, name, None) if type(name) is str else None
        # Out of a call, StopIteration would end the test's own `map` before anything was checked.
        if kind in (SystemExit, KeyboardInterrupt, GeneratorExit, StopIteration, StopAsyncIteration):
            return _marked(RuntimeError)
        if isinstance(kind, type) and issubclass(kind, Exception):
            return _marked(kind)
    return None


def _marked(kind: type[Exception]) -> type[Exception]:
    return type(kind.__name__, (FromLearner, kind), {})


def _refuse(*_: object) -> NoReturn:
    raise Opaque


class Proxy:
    """Something of the learner's that is no plain data."""

    __slots__ = ("_channel", "_number", "_type")

    def __init__(self, channel: Channel, number: int, kind: str) -> None:
        object.__setattr__(self, "_channel", channel)
        object.__setattr__(self, "_number", number)
        object.__setattr__(self, "_type", kind)

    def _ask(self, operation: str, **request: Any) -> Any:
        value, _ = self._channel.ask({"op": operation, "id": self._number, **request})
        return value

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in {"__name__", "__doc__"}:
            raise AttributeError(name)
        return self._ask("getattr", name=name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._ask("setattr", name=name, v=self._channel.encode(value))

    def __getitem__(self, key: Any) -> Any:
        return self._ask("getitem", v=self._channel.encode(key))

    def __setitem__(self, key: Any, value: Any) -> None:
        self._ask("setitem", v=self._channel.encode([key, value]))

    def __len__(self) -> int:
        length = self._ask("len")
        if type(length) is not int or length < 0:
            raise codec.ProtocolError("not a length")
        return length

    def __iter__(self) -> Iterator[Any]:
        iterator = self._ask("iter")
        if not isinstance(iterator, Proxy):
            raise codec.ProtocolError("not an iterator")
        return iterator

    def __next__(self) -> Any:
        return self._ask("next")

    def __instancecheck__(self, value: Any) -> bool:
        return self._ask("isinstance", v=self._channel.encode(value)) is True

    def __str__(self) -> str:
        return self._text("str")

    def __repr__(self) -> str:
        return self._text("repr")

    def _text(self, operation: str) -> str:
        """Their words, which a test may compare with its own; after a test only the name of their class."""
        text = self._ask(operation) if self._channel.open else f"<learner's {self._type}>"
        if type(text) is not str:
            raise codec.ProtocolError("not text")
        return text

    def _binary(self, name: str, other: Any) -> Any:
        if not isinstance(other, Proxy):
            raise Opaque
        return self._ask("binary", name=name, v=self._channel.encode(other))

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __bool__ = __contains__ = __hash__ = _refuse
    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rfloordiv__ = __rmatmul__ = __rmod__ = __rpow__ = (
        _refuse
    )
    __rand__ = __ror__ = __rxor__ = __neg__ = __pos__ = __abs__ = __invert__ = __round__ = _refuse
    __int__ = __float__ = __complex__ = __index__ = _refuse


def _operator(name: str) -> Callable[[Proxy, Any], Any]:
    return lambda proxy, other: proxy._binary(name, other)  # noqa: SLF001 (the class's own method, made here)


for _name in ("add", "sub", "mul", "truediv", "floordiv", "matmul", "mod", "pow", "and_", "or_", "xor"):
    setattr(Proxy, f"__{_name.rstrip('_')}__", _operator(_name))


class CallableProxy(Proxy):
    """A function, a class, or anything else that can be called."""

    __slots__ = ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        channel = self._channel
        value, changed = channel.ask(
            {
                "op": "call",
                "id": self._number,
                "args": channel.encode(list(args)),
                "kwargs": channel.encode(kwargs),
            }
        )
        if type(changed) is not list:
            raise codec.ProtocolError("not changes")
        for change in changed:
            _apply(change, args, kwargs, channel)
        return value


def _apply(change: Any, args: tuple[Any, ...], kwargs: dict[str, Any], channel: Channel) -> None:
    """Do to our copy what learner's code did to its own: `sort_in_place(xs)` must show in the test's `xs`."""
    try:
        key, encoded = change
        ours = kwargs[key] if type(key) is str else args[key]
    except (TypeError, ValueError, LookupError):
        raise codec.ProtocolError("not a change") from None
    theirs = channel.decode(encoded)
    # A dict of whatever kind travels as a dict.
    if type(ours) is not type(theirs) and not (type(ours) in codec.DICTS and type(theirs) is dict):
        raise codec.ProtocolError("not a change")
    if type(ours) in (list, bytearray):
        ours[:] = theirs
    elif type(ours) in (*codec.DICTS, set):
        ours.clear()
        ours.update(theirs)
    elif type(ours).__name__ == "ndarray" and arrays.is_plain(ours):
        if (ours.shape, ours.dtype) != (theirs.shape, theirs.dtype):
            raise codec.ProtocolError("not a change")
        ours[...] = theirs


def number_of(proxy: Proxy) -> int:
    number: int = object.__getattribute__(proxy, "_number")
    return number
