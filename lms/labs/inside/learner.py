"""L: runs the learner's cells, then serves their values to the tests. Everything this process says is a claim.

Descriptors: 0 the job; the pipe for executed cells (one JSON line each, then the files that were asked for, then "done"); the socket to T.
The grader closes that pipe before it lets the tests begin, so nothing seen during the tests can come back through it.
"""

import io
import json
import operator
import os
import signal
import socket
import sys
import types
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from typing import Any, NoReturn

from . import arrays, boot, codec, collect, shell

MAX_TEXT = 2000
MAX_PRINTED = 1 << 16
_END = object()
_MUTABLE = (list, dict, set, bytearray)
_BINARY = {"add", "sub", "mul", "truediv", "floordiv", "matmul", "mod", "pow", "and_", "or_", "xor"}


class Overrun(BaseException):
    """The test's time is up while learner's code runs. Not an Exception, so `except Exception` does not swallow it."""


class Server:
    """Answers T's requests. Values that are not plain data stay here; T gets a number to ask by."""

    def __init__(
        self, sock: socket.socket, names: dict[str, Any], moments: dict[int, dict[str, Any]]
    ) -> None:
        self._sock = sock
        self._names = names
        self._moments = moments
        self._things: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._waiting = False
        signal.signal(signal.SIGALRM, self._alarm)

    def serve(self) -> None:
        """Answer until T ends."""
        codec.send(self._sock, {"ready": True})
        while True:
            try:
                self._answer(codec.receive(self._sock))
            except EOFError:
                return

    def _alarm(self, _number: int, _frame: types.FrameType | None) -> None:
        # While T computes in a callback the time is T's, and an exception would tear a frame in two.
        if not self._waiting:
            raise Overrun

    def _answer(self, request: dict[str, Any]) -> None:
        printed = io.StringIO()
        signal.setitimer(signal.ITIMER_REAL, request["seconds"], 0.2)
        try:
            with redirect_stdout(printed):
                reply = self._do(request)
            signal.setitimer(signal.ITIMER_REAL, 0)
        except Overrun:
            reply = {"overrun": True}
        except BaseException as error:  # noqa: BLE001 (whatever learner's code raises is T's to judge)
            reply = self._raised(error)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        reply["out"] = printed.getvalue()[:MAX_PRINTED]
        try:
            codec.send(self._sock, reply)
        except codec.TooLarge as error:
            codec.send(self._sock, self._raised(error))

    def _raised(self, error: BaseException) -> dict[str, Any]:
        kind = type(error)
        reply: dict[str, Any] = {"error": _text(error), "mro": [base.__name__ for base in kind.__mro__]}
        if kind.__module__ != "builtins":
            reply["class"] = self._opaque(kind)
        return reply

    def _do(self, request: dict[str, Any]) -> dict[str, Any]:
        if "name" in request and "at" in request:
            return self._named(request["op"], request["name"], request)
        thing = self._things[request["id"]]
        if request["op"] == "next":
            # The runner's own end mark, so that a StopIteration from elsewhere stays an error.
            value = next(thing, _END)
            return {"stop": True} if value is _END else {"v": self._encode(value)}
        if request["op"] == "call":
            return self._call(thing, self._decode(request["args"]), self._decode(request["kwargs"]))
        return {"v": self._encode(_OPERATIONS[request["op"]](thing, self._decode(request.get("v")), request))}

    def _named(self, operation: str, name: str, request: dict[str, Any]) -> dict[str, Any]:
        """A name as it was when the test's turn came, or else as it is at the end. What a test deletes is gone from both, and what it puts
        back is there again: that is how it finds out whether one function calls another.
        """
        spaces = [self._moments.get(request["at"], {}), self._names]
        there = [space for space in spaces if name in space]
        if operation == "has":
            return {"v": bool(there)}
        if operation == "set":
            for space in spaces:
                space[name] = self._decode(request["v"])
            return {"v": None}
        if not there:
            return {"missing": True}
        if operation == "del":
            for space in there:
                del space[name]
            return {"v": None}
        return {"v": self._encode(there[0][name])}

    def _call(self, function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
        """A call, and what it did to the lists, dicts and sets it was given: T changes its own copies likewise."""
        given: dict[int | str, Any] = dict(enumerate(args))
        given.update(kwargs)
        before = {key: json.dumps(self._encode(value)) for key, value in given.items() if _may_change(value)}
        result = function(*args, **kwargs)
        changed = []
        for key, old in before.items():
            new = self._encode(given[key])
            if json.dumps(new) != old:
                changed.append([key, new])
        return {"v": self._encode(result), "changed": changed}

    def _encode(self, value: Any) -> Any:
        return codec.encode(value, self._opaque)

    def _opaque(self, value: Any) -> dict[str, Any]:
        # The same thing keeps its number, and is kept alive by it: `id` alone would be reused.
        number = self._numbers.setdefault(id(value), len(self._numbers) + 1)
        self._things[number] = value
        described = {"$": "ref", "id": number, "type": type(value).__name__, "call": callable(value)}
        if isinstance(value, type):
            described |= {"class": value.__name__, "mro": [base.__name__ for base in value.__mro__]}
        return described

    def _decode(self, value: Any) -> Any:
        return codec.decode(value, self._resolve)

    def _resolve(self, described: dict[str, Any]) -> Any:
        match described["$"]:
            case "ref":
                return self._things[described["id"]]
            case "callback":
                return self._callback(described["id"])
            case tag:
                raise codec.ProtocolError(f"unknown tag {tag}")

    def _callback(self, number: int) -> Callable[..., Any]:
        """A function of the test's, as learner's code sees it. It runs in T."""

        def callback(*args: Any, **kwargs: Any) -> Any:
            request = {"callback": number, "args": self._encode(list(args)), "kwargs": self._encode(kwargs)}
            self._waiting = True
            try:
                codec.send(self._sock, request)
                while "reply" not in (message := codec.receive(self._sock)):
                    self._waiting = False
                    self._answer(message)
                    self._waiting = True
            finally:
                self._waiting = False
            if "error" in message:
                raise RuntimeError(message["error"])
            return self._decode(message["reply"])

        return callback


def _may_change(value: Any) -> bool:
    return type(value) in _MUTABLE or (type(value).__name__ == "ndarray" and arrays.is_plain(value))


def _text(error: BaseException) -> str:
    try:
        return str(error)[:MAX_TEXT]
    except Exception:  # noqa: BLE001 (a learner's __str__ may raise anything)
        return ""


def _binary(thing: Any, other: Any, request: dict[str, Any]) -> Any:
    if request["name"] not in _BINARY:
        raise TypeError(request["name"])
    return getattr(operator, request["name"])(thing, other)


_OPERATIONS: dict[str, Callable[[Any, Any, dict[str, Any]], Any]] = {
    "getattr": lambda thing, _value, request: getattr(thing, request["name"]),
    "setattr": lambda thing, value, request: setattr(thing, request["name"], value),
    "getitem": lambda thing, value, _request: thing[value],
    "setitem": lambda thing, value, _request: operator.setitem(thing, *value),
    "len": lambda thing, _value, _request: len(thing),
    "str": lambda thing, _value, _request: str(thing),
    "repr": lambda thing, _value, _request: repr(thing),
    "iter": lambda thing, _value, _request: iter(thing),
    "isinstance": lambda thing, value, _request: isinstance(value, thing),
    "binary": _binary,
}


def prepare(preload: Sequence[str] = ()) -> shell.Shell:
    """All that can be done before there is a job."""
    boot.preload(preload)
    return shell.open_shell()


def run(running: shell.Shell, executed: int, sock: int) -> NoReturn:
    """Read the job from standard input, run it, serve the tests, end the process."""
    work = boot.job()
    running.sink.room = work["output_limit"]
    moments: dict[int, dict[str, Any]] = {index: {} for index in work["moments"]}
    with os.fdopen(executed, "w", encoding="utf-8", errors="replace") as pipe:
        pipe.write('"hello"\n')
        pipe.flush()

        def write(index: int, result: dict[str, Any]) -> None:
            # A learner's _repr_json_ may hand over anything; what JSON cannot say becomes its text.
            pipe.write(json.dumps([index, result], ensure_ascii=False, default=str) + "\n")
            pipe.flush()
            if index in moments:
                there = running.user_ns
                moments[index] = {name: there[name] for name in work["names"] if name in there}

        within = shell.run_cells(running, work["cells"], write)
        if within and (work["outputs"] or work["texts"]):
            found = collect.collected(boot.BOX, work["outputs"], work["texts"], running.user_ns)
            pipe.write(json.dumps({"collected": found}, ensure_ascii=False) + "\n")
        pipe.write('"done"\n' if within else '"output"\n')
    if within:
        Server(socket.socket(fileno=sock), running.user_ns, moments).serve()
    # Threads and exit handlers of the learner's have nothing more to say.
    os._exit(0)


def main() -> None:
    """A process that was started for one job."""
    executed, sock = map(int, sys.argv[1:3])
    running = prepare(sys.argv[3:])
    os.write(executed, boot.READY)
    run(running, executed, sock)
