"""How hidden inputs could come back to the learner: a row each. The number 4711 is what they would like to know."""

from dataclasses import dataclass

from tests.sandbox.conftest import check
from tests.sandbox.forgeries import LIAR

HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"

REMEMBERS = """
heard = []
def mean(xs):
    heard.append(xs)
    if not xs: raise ValueError(str(heard))
    return str(heard)"""


@dataclass(frozen=True)
class Leak:
    what: str
    guards: tuple[str, ...]
    code: str
    tests: tuple[dict, ...]


LEAKS = (
    Leak(
        "in the message of an exception",
        ("protocol: no learner's words after a hidden line",),
        "def mean(xs): raise ValueError(f'the input was {xs}')",
        (check(HIDDEN.format("mean([4711])"), "t"),),
    ),
    Leak(
        "in the name of a class of exceptions",
        ("protocol: only built-in names of exceptions after a hidden line",),
        "def mean(xs): raise type(f'Input{xs[0]}', (Exception,), {})('x')",
        (check(HIDDEN.format("try: mean([4711])\nexcept ZeroDivisionError: pass"), "t"),),
    ),
    Leak(
        "in the message of an exception in a later test, where nothing is hidden",
        ("protocol: no learner's words after a hidden test that told them something",),
        REMEMBERS,
        (check(HIDDEN.format("mean([4711])"), "t"), check("mean([])", "later")),
    ),
    Leak(
        "in an author's own message with a value of the learner's in it",
        ("protocol: after a hidden line only what is written out",),
        REMEMBERS,
        (check(HIDDEN.format("assert mean([4711]) == 1, f'not 1 but {mean([1])}'"), "t"),),
    ),
    Leak(
        "in the executed notebook",
        ("grader: hidden lines are left out of the executed notebook",),
        "def mean(xs): return 0",
        (check(HIDDEN.format("assert mean([4711]) == 0"), "t"),),
    ),
    Leak(
        "in outputs after the tests began",
        ("grader: ways back are closed before the tests",),
        LIAR.replace("REPLY", "LATE")
        .replace("while True:", "for _ in range(2):")
        .replace(
            "LATE",
            """
    if asked['op'] == 'get': send(sock, {'v': {'$': 'ref', 'id': 1, 'type': 'function', 'call': True}})
    else: print('SEEN', asked['args'])""",
        ),
        (check(HIDDEN.format("mean([4711])"), "t"),),
    ),
)
