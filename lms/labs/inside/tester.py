"""T: runs the tests and writes the verdicts. No line of the learner's code ever runs in this process.

Descriptors: 0 the job; the socket to L; the pipe for verdicts, which L never had, so that nothing needs signing; the pipe on which the
grader lets the tests begin, once it has closed every way back from L, and sends along the files that L's cells wrote.
"""

import ast
import builtins
import io
import json
import math
import os
import signal
import socket
import sys
import time
import traceback
import types
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn

from . import boot, codec, proof
from .remote import Channel, FromLearner, Opaque, Proxy, TimeUp

# L interrupts its own code when the time is up; this much later T stops waiting for it.
GRACE_SECONDS = 1.0
MAX_MESSAGE = 500
# Where handed-out files can be imported from. Not the working folder: the learner's files come to lie there.
GIVEN = Path("/tmp/given")  # noqa: S108 (the sandbox's own /tmp)
# gone: L has ended. nonsense: it sent what is no answer. busy: it was asked in an earlier test and never came back.
Status = Literal["pass", "fail", "timeout", "gone", "nonsense", "busy"]


@dataclass(frozen=True)
class Test:
    """One test cell. `hidden` are the lines (from 1) that no learner sees, markers included."""

    id: str
    source: str
    points: float
    hidden: frozenset[int]
    after: int

    def shows(self, line: int) -> bool:
        return line not in self.hidden

    def keeps_quiet(self, line: int) -> bool:
        """Whether a learner's own words about what went wrong here could carry hidden inputs out."""
        return any(hidden <= line for hidden in self.hidden)


class Names(dict[str, Any]):
    """The tests' globals. A name that no test defines is fetched from L, if it is on the lab's list: without the list, a test
    that uses `math` and forgot to import it would be given the learner's.
    """

    def __init__(self, channel: Channel, allowed: list[str]) -> None:
        super().__init__(__builtins__=builtins, __name__="tests")
        self._channel = channel
        self._allowed = frozenset(allowed)
        self.after = -1
        super().__setitem__("printed", self._printed)

    def __missing__(self, name: str) -> Any:
        if not self._is_theirs(name):
            raise KeyError(name)
        return self._ask("get", name)

    def __contains__(self, name: object) -> bool:
        """`"mean" in globals()`"""
        theirs = isinstance(name, str) and self._is_theirs(name) and self._ask("has", name) is True
        return super().__contains__(name) or theirs

    def get(self, name: str, default: Any = None) -> Any:
        try:
            return self[name]
        except KeyError:
            return default

    def __delitem__(self, name: str) -> None:
        """Theirs is deleted where they use it: whether `sum_of_squares` fails without `squares` tells whether it calls it."""
        ours = super().__contains__(name)
        if ours:
            super().__delitem__(name)
        if self._is_theirs(name):
            try:
                self._ask("del", name)
            except KeyError:
                if not ours:
                    raise

    def __setitem__(self, name: str, value: Any) -> None:
        """Something of theirs goes back to where it came from. A value of the test's own never goes to them this way."""
        super().__setitem__(name, value)
        if isinstance(value, Proxy) and self._is_theirs(name):
            self._ask("set", name, v=self._channel.encode(value))

    def _is_theirs(self, name: str) -> bool:
        return self._channel.open and name in self._allowed

    def _ask(self, operation: str, name: str, **more: Any) -> Any:
        try:
            value, _ = self._channel.ask({"op": operation, "name": name, "at": self.after, **more})
        except LookupError as error:
            if isinstance(error, FromLearner):
                raise
            raise KeyError(name) from None
        return value

    def _printed(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
        """What one call of a learner's function prints."""
        self._channel.printed = ""
        function(*args, **kwargs)
        return self._channel.printed


class Tester:
    def __init__(self, channel: Channel, work: dict[str, Any]) -> None:
        self._channel = channel
        self._seconds: float = work["test_seconds"]
        self._names = Names(channel, work["names"])
        self._allowed = frozenset(work["names"])
        self._tests: dict[str, Test] = {}
        self._seed: int = work["seed"]
        if "seed" not in self._allowed:
            self._names["seed"] = self._seed
        self._lost: tuple[Status, str] | None = None
        # Whether L was told something under a hidden line of an earlier test: it may say it in any later one.
        self._knows = False
        self._told_before = 0
        signal.signal(signal.SIGALRM, self._alarm)

    def _alarm(self, _number: int, _frame: types.FrameType | None) -> None:
        raise TimeUp(inside=self._channel.busy)

    def prepare(self, prelude: list[str]) -> None:
        """Statements of the author's that the tests rely on. One that cannot run leaves its
        name undefined, and a test that uses it says so.
        """
        for statement in prelude:
            with suppress(Exception):
                exec(compile(statement, "given", "exec"), self._names)  # noqa: S102 (the author's)

    def receive(self, late: dict[str, Any]) -> None:
        """What L's cells made, and what was found of it since. Its files are there to be read: nothing in the working folder can be
        imported here.
        """
        for name, content in late["files"].items():
            with suppress(OSError):  # a folder of that name, a full disk: the test finds no such file
                boot.unpack(boot.BOX, {name: content})
        if late["facts"] is not None:
            self._names["slurm"] = proof.made(late["facts"])

    def greet(self) -> None:
        """Wait until L serves. The grader ends L when that takes too long, and then this raises EOFError."""
        self._channel.wait_until_ready()

    def give_up(self) -> None:
        """Every test says that there is nobody to test; the grader knows why."""
        self._lost = ("gone", "not tested: your program had ended")

    def run(self, test: Test) -> dict[str, Any]:
        """The verdict on one test: its points, and a message for the learner where they are not all of them."""
        self._tests[test.id] = test
        if self._lost is not None:
            return _verdict(test, *self._lost)
        boot.reseed(f"{self._seed}/{test.id}")
        self._channel.begin(time.monotonic() + self._seconds)
        self._names.after = test.after
        self._told_before = self._channel.told
        try:
            return self._verdict_on(test)
        except TimeUp as late:  # it rang between the end of the test and the end of its alarm
            return self._failed(test, late)
        finally:
            self._knows = self._knows or (bool(test.hidden) and self._channel.told > self._told_before)

    def _verdict_on(self, test: Test) -> dict[str, Any]:
        try:
            signal.setitimer(signal.ITIMER_REAL, self._seconds + GRACE_SECONDS, 0.5)
            with redirect_stderr(io.StringIO()) as complaints:
                points = _execute(test, self._names)
            signal.setitimer(signal.ITIMER_REAL, 0)
        except BaseException as error:  # noqa: BLE001 (whatever a test raises fails that test, and no other)
            signal.setitimer(signal.ITIMER_REAL, 0)
            return self._failed(test, error)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        if said := complaints.getvalue().strip():  # fails a test in nbgrader too
            told = "" if test.hidden or self._knows else f": {said}"
            return _verdict(test, "fail", f"the test wrote to standard error{told}")
        return _verdict(test, "pass", "", points)

    def _failed(self, test: Test, error: BaseException) -> dict[str, Any]:
        self._channel.end()
        if isinstance(error, TimeUp):
            if error.inside:
                self._lost = ("busy", f"not tested: your program was still busy with the test “{test.id}”")
            return _verdict(
                test,
                "timeout",
                f"not finished after {self._seconds:g} seconds: is there a loop without an end?",
            )
        if isinstance(error, codec.ProtocolError):
            self._lost = ("nonsense", "not tested: your program had sent something that is no answer")
            return _verdict(test, "nonsense", "your program sent something that is no answer")
        if isinstance(error, EOFError | ConnectionError) and not isinstance(error, FromLearner):
            self.give_up()
            return _verdict(test, "gone", "your program ended during this test")
        return _verdict(test, "fail", self._message(test, error))

    def _message(self, test: Test, error: BaseException) -> str:
        place, line, deepest = self._place(test, error)
        if isinstance(error, Opaque):
            return "compare plain values: your code gave an object of its own where a number, text, list or dict is wanted"
        if isinstance(error, FromLearner):
            return _learners_words(error, quiet=self._knows or place.keeps_quiet(line))
        if isinstance(error, AssertionError):
            told = self._channel.told > self._told_before
            is_open = not self._knows and not (told and place.keeps_quiet(line))
            return _authors_words(error, place, line, deepest=deepest, is_open=is_open)
        if isinstance(error, NameError) and error.name in self._allowed:
            return f"`{error.name}` is not there: did the cell that defines it run without an error?"
        if self._knows or place.keeps_quiet(line):
            return f"the test ended with {_built_in(error)}"
        return f"the test ended with {type(error).__name__[:80]}: {_text(error)}".removesuffix(": ")

    def _place(self, test: Test, error: BaseException) -> tuple[Test, int, bool]:
        """The innermost line of a test cell that the error came through, and whether it was raised on that very line."""
        frames = traceback.extract_tb(error.__traceback__)
        for distance, frame in enumerate(reversed(frames)):
            if frame.filename in self._tests:
                return self._tests[frame.filename], frame.lineno or 1, distance == 0
        line = getattr(error, "lineno", None)  # a syntax error never ran
        return test, line if isinstance(line, int) else 1, False


def _execute(test: Test, names: Names) -> float:
    """Run a test. A number as the last expression is partial credit, as in nbgrader; anything else, or nothing, is all points."""
    tree = ast.parse(test.source, test.id)
    last = tree.body[-1] if tree.body else None
    value = None
    if isinstance(last, ast.Expr) and not test.source.rstrip().endswith(";"):
        tree.body.pop()
        exec(compile(tree, test.id, "exec"), names)  # noqa: S102 (the author's test)
        value = eval(compile(ast.Expression(last.value), test.id, "eval"), names)  # noqa: S307 (its last line)
    else:
        exec(compile(tree, test.id, "exec"), names)  # noqa: S102 (the author's test)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return test.points
    return min(max(float(value), 0.0), test.points) if math.isfinite(value) else 0.0


def _authors_words(error: AssertionError, place: Test, line: int, *, deepest: bool, is_open: bool) -> str:
    """An assert of the author's speaks in the author's words. Where L may know hidden inputs only in words that are written out: an
    f-string could show a value of the learner's. A library's (unittest, say) quotes the values it compared, so it is heard only where
    nothing is hidden.
    """
    if deepest and error.args and (is_open or _is_written_out(place.source, line)):
        return _text(error)
    if deepest and place.shows(line):
        return f"this check failed: {_statement(place.source, line)}"
    quiet = not is_open or place.keeps_quiet(line)
    return "a check failed" if quiet else f"a check failed: {_text(error)}".removesuffix(": ")


def _is_written_out(source: str, line: int) -> bool:
    """Whether the message of the assert that reaches over this line is a text and nothing but."""
    return any(
        isinstance(node, ast.Assert)
        and isinstance(node.msg, ast.Constant)
        and node.lineno <= line <= (node.end_lineno or node.lineno)
        for node in ast.walk(ast.parse(source))
    )


def _learners_words(error: BaseException, *, quiet: bool) -> str:
    """What the learner's code raised. After a hidden line its message, and the name of a class of its own, could carry
    inputs out.
    """
    if isinstance(error, NotImplementedError):
        return "there is no answer here yet (NotImplementedError)"
    if quiet:
        return f"your code raised {_built_in(error)}"
    return f"your code raised {type(error).__name__[:80]}: {_text(error)}".removesuffix(": ")


def _built_in(error: BaseException) -> str:
    names = (base.__name__ for base in type(error).__mro__)
    return next(name for name in names if isinstance(getattr(builtins, name, None), type))


def _statement(source: str, line: int) -> str:
    """The visible line, for a check without words of its own."""
    lines = source.split("\n")
    return lines[line - 1].strip()[:200] if 0 < line <= len(lines) else ""


def _text(error: BaseException) -> str:
    try:
        return str(error)[:MAX_MESSAGE]
    except Exception:  # noqa: BLE001 (an author's message may hold a learner's object, which refuses to be text)
        return ""


def _verdict(test: Test, status: Status, message: str, points: float = 0.0) -> dict[str, Any]:
    # Half a surrogate pair is a text to Python, and to nobody who would show or store it.
    told = message[:MAX_MESSAGE].encode(errors="replace").decode()
    return {"id": test.id, "status": status, "points": points, "message": told}


def prepare(preload: Sequence[str] = ()) -> None:
    """All that can be done before there is a job."""
    boot.preload(preload)


def run(_prepared: None, sock: int, verdicts: int, go: int) -> NoReturn:
    """Read the job from standard input, judge, end the process."""
    work = boot.job(GIVEN)
    tester = Tester(Channel(socket.socket(fileno=sock)), work)
    tester.prepare(work["prelude"])
    os.write(verdicts, b'"hello"\n')
    with os.fdopen(go, "rb") as gate:
        late = json.loads(gate.read() or b"null")
    if late is None:  # the grader has ended
        os._exit(1)
    tester.receive(late)
    try:
        tester.greet()
    except (EOFError, ConnectionError, codec.ProtocolError):
        tester.give_up()
    with os.fdopen(verdicts, "w", encoding="utf-8", errors="replace") as pipe:
        for cell in work["tests"]:
            test = Test(
                cell["id"], cell["source"], cell["points"], frozenset(cell["hidden"]), cell.get("after", -1)
            )
            pipe.write(json.dumps(tester.run(test)) + "\n")
            pipe.flush()
    os._exit(0)


def main() -> None:
    """A process that was started for one job."""
    sock, verdicts, go = map(int, sys.argv[1:4])
    prepare(sys.argv[4:])
    os.write(verdicts, boot.READY)
    run(None, sock, verdicts, go)
