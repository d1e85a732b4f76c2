"""Every notebook here has wrong answers and an attack on the marks. The score is 0, always."""

from dataclasses import replace

import pytest

from lms.labs.sandbox import supervisor
from tests.sandbox.conftest import QUICK, check

pytestmark = pytest.mark.sandbox

WRONG = """
def mean(xs): return -1
def variance(xs): return -1
def primes(n): return []
def matmul(a, b): return None
"""
RIGHT = """
def mean(xs): return sum(xs) / len(xs)
def variance(xs): return sum((x - mean(xs)) ** 2 for x in xs) / len(xs)
def primes(n): return [p for p in range(2, n + 1) if all(p % q for q in range(2, p))]
def matmul(a, b): return [[sum(x * y for x, y in zip(r, c)) for c in zip(*b)] for r in a]
"""
ALWAYS_EQUAL = """
class Any(int):
    def __eq__(self, other): return True
    __ne__ = lambda self, other: False
    __lt__ = __gt__ = __le__ = __ge__ = __contains__ = __eq__
    __sub__ = __rsub__ = __add__ = __radd__ = __mul__ = __abs__ = __neg__ = lambda self, *other: Any()
    def __getitem__(self, key): return Any()
    def __iter__(self): return iter(())
    def __len__(self): return 25
    def __bool__(self): return True
    __hash__ = int.__hash__
mean = variance = primes = matmul = lambda *given: Any()
"""
LIAR = """
import json, os, socket, struct, sys
def send(sock, message):
    body = json.dumps(message).encode()
    sock.sendall(struct.pack('!I', len(body)) + body)
def receive(sock):
    size, = struct.unpack('!I', sock.recv(4, socket.MSG_WAITALL))
    return json.loads(sock.recv(size, socket.MSG_WAITALL))
for number in range(3, 64):
    try:
        sock = socket.socket(fileno=os.dup(number))
        break
    except OSError:
        pass
for number in range(3, 64):
    try:
        if not os.path.samestat(os.fstat(number), os.fstat(sock.fileno())): os.write(number, b'"done"\\n')
    except OSError: pass
send(sock, {"ready": True})
while True:
    asked = receive(sock)
    REPLY
"""

ATTACKS = {
    "nothing but wrong answers": WRONG,
    "an object that equals everything": ALWAYS_EQUAL,
    "asserts stripped from every cell": WRONG
    + """
import ast
class Strip(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
get_ipython().ast_transformers.append(Strip())""",
    "cells made no-ops by a hook": WRONG
    + """
from IPython.core.interactiveshell import InteractiveShell
async def nothing(self, code_obj, result=None, *, async_=False): return False
get_ipython().events.register('post_run_cell', lambda *given: setattr(InteractiveShell, 'run_code', nothing))""",
    "builtins replaced": WRONG
    + "\nimport builtins\nbuiltins.abs = lambda x: 0\nbuiltins.len = lambda x: 25\nbuiltins.sum = lambda *x: 11",
    "tracebacks swallowed": WRONG
    + "\nget_ipython().showtraceback = get_ipython()._showtraceback = lambda *a, **k: None",
    "verdicts written to every descriptor": WRONG
    + """
import json, os
for test in ('q0', 'q1', 'q2', 'q3'):
    line = json.dumps({'id': test, 'status': 'pass', 'points': 1, 'message': ''}) + '\\n'
    for number in range(1, 64):
        try: os.write(number, line.encode())
        except OSError: pass""",
    "garbage on the socket": WRONG
    + """
import os, socket
for number in range(3, 64):
    try: socket.socket(fileno=os.dup(number)).send(b'\\xff' * 64)
    except OSError: pass""",
    "an early greeting and an early end": WRONG + "\nimport os\nos._exit(0)",
    "an exit with good manners": WRONG + "\nimport sys\nsys.exit(0)",
    "a pickle in place of a frame": WRONG
    + """
import os, pickle, socket, struct
class Run:
    def __reduce__(self): return (os.system, ('echo owned > /tmp/owned',))
body = pickle.dumps(Run())
for number in range(3, 64):
    try: socket.socket(fileno=os.dup(number)).send(struct.pack('!I', len(body)) + body)
    except OSError: pass""",
    "the runner itself patched": WRONG
    + """
import sys
for module in list(sys.modules.values()):
    if getattr(module, '__name__', '') == 'inside.codec':
        module.encode = lambda value, opaque, depth=0: True
    if getattr(module, '__name__', '') == 'inside.learner':
        module.Server._do = lambda self, request: {'v': True}""",
    "a liar that answers True": LIAR.replace("REPLY", "send(sock, {'v': True})"),
    "a liar that hands out references": LIAR.replace(
        "REPLY", "send(sock, {'v': {'$': 'ref', 'id': 1, 'type': 'bool', 'call': True}})"
    ),
    "a liar with a million nested lists": LIAR.replace(
        "REPLY", "send(sock, json.loads('[' * 900 + ']' * 900))"
    ),
    "a liar that changes what it was given": LIAR.replace(
        "REPLY", "send(sock, {'v': {'$': 'ref', 'id': 1, 'call': True}, 'changed': [[0, []], ['x', 1], 7]})"
    ),
    "a liar that calls back what nobody gave it": LIAR.replace(
        "REPLY", "send(sock, {'callback': 1, 'args': [], 'kwargs': {}})"
    ),
    "a liar that claims to be a class of exceptions": LIAR.replace(
        "REPLY", "send(sock, {'v': {'$': 'ref', 'id': 1, 'class': 'int', 'mro': ['Exception']}})"
    ),
    "a verdict raised": "class Pass(BaseException): pass\ndef mean(*a): raise Pass()\nvariance = primes = matmul = mean",
    "the test's frame read": """
def thief(*given):
    import sys
    frame, found = sys._getframe(1), []
    while frame:
        found += [c for c in frame.f_code.co_consts if isinstance(c, (int, float))]
        frame = frame.f_back
    return found[-1]
mean = variance = primes = matmul = thief""",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_wrong_answers_score_nothing_whatever_else_the_notebook_does(exam, attack):
    report = exam.grade(ATTACKS[attack])
    assert report.score == 0, report
    assert len(report.cells) == 4


def test_right_answers_score_everything_by_the_same_tests(exam):
    report = exam.grade(RIGHT)
    assert (report.outcome, report.score) == ("graded", 4)


def test_a_module_of_the_learners_is_never_asked(exam):
    forger = WRONG + "\nclass Math:\n    def __getattr__(self, name): return lambda *a: True\nmath = Math()"
    without = check("assert math.isclose(mean([1, 2]), 1.5)", "forgot-to-import")
    with_import = check("import math\nassert math.isclose(mean([1, 2]), 1.5)", "imports")
    assert exam.grade(forger, tests=(without, with_import)).score == 0
    assert exam.grade(RIGHT, tests=(with_import,)).score == 1


def test_arithmetic_with_the_learners_objects_is_refused_where_it_would_be_the_verdict(exam):
    close = check("assert abs(mean([1, 2]) - 1.5) < 1e-9", "close")
    report = exam.grade(ALWAYS_EQUAL, tests=(close,))
    assert report.score == 0
    assert "plain values" in report.cells[0].message


def test_hidden_inputs_do_not_come_back_in_messages(exam):
    spy = """
def mean(xs): raise ValueError(f'the input was {xs}')
def variance(xs): raise type(f'Input{sum(xs)}', (Exception,), {})('secret')
def primes(n): raise AssertionError(f'the input was {n}')
def matmul(a, b): return a
"""
    hidden = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
    asked = (
        check(hidden.format("mean([4711])"), "q0"),
        check(hidden.format("variance([4711])"), "q1"),
        check(hidden.format("primes(4711)"), "q2"),
        check(hidden.format("import unittest\nunittest.TestCase().assertEqual(matmul(4711, 1), 4712)"), "q3"),
        check(hidden.format("assert matmul(4711, 1) == 4712"), "q4"),
    )
    report = exam.grade(spy, tests=asked)
    assert report.score == 0
    assert "471" not in str(report.cells), report.cells
    assert [cell.message for cell in report.cells] == [
        "your code raised ValueError",
        "your code raised Exception",
        "your code raised AssertionError",
        "a check failed",
        "a check failed",
    ]


def test_what_is_seen_during_the_tests_has_no_way_back(exam):
    spy = """
import atexit, os, stat, sys
def mean(xs):
    print('SEEN', xs); sys.stderr.write('SEEN'); get_ipython().display_pub.publish({'text/plain': 'SEEN'})
    for number in range(1, 64):
        try:
            if not stat.S_ISSOCK(os.fstat(number).st_mode): os.write(number, b'SEEN')
        except OSError: pass
    return sum(xs) / len(xs)
if os.fork() == 0:
    import time; time.sleep(30)
"""
    report = exam.grade(spy)
    assert report.cells[0].points == 1  # so it did run, and did see
    assert "SEEN" not in str(report)
    assert "SEEN" not in str(report.executed["cells"][0]["outputs"])


def test_data_that_is_huge_where_it_arrives_fails_its_test_and_nothing_else(exam):
    huge = "def mean(xs): return range(10 ** 10)\ndef primes(n): return n"
    report = exam.grade(
        huge, tests=(check("assert sorted(mean([])) == [1]", "huge"), check("assert primes(7) == 7", "after"))
    )
    assert report.outcome == "graded"
    assert [(cell.points, cell.message) for cell in report.cells] == [
        (0, "the test ended with MemoryError"),
        (1, ""),
    ]


def test_callbacks_of_an_earlier_test_cannot_be_called_later(exam):
    keeper = "kept = []\ndef mean(f): kept.append(f); return f(2)\ndef primes(n): return kept[0](n)"
    given = check("assert mean(lambda x: x * 21) == 42", "callback")
    later = check("assert primes(2) == 42", "later")
    report = exam.grade(keeper, tests=(given, later))
    assert [cell.points for cell in report.cells] == [1, 0]


def test_an_end_of_iteration_from_a_call_does_not_end_the_tests_own_loop(exam):
    looped = check("for got, want in zip(map(mean, [[1], [2]]), [1, 2]): assert got == want", "looped")
    report = exam.grade("def mean(xs): raise StopIteration", tests=(looped,))
    assert (report.score, report.cells[0].message) == (0, "your code raised RuntimeError")
    liar = LIAR.replace("REPLY", "send(sock, {'stop': True} if asked['op'] == 'call' else REF)")
    forged = liar.replace("REF", "{'v': {'$': 'ref', 'id': 1, 'call': True}}")
    assert exam.grade(forged, tests=(looped,)).score == 0
    assert exam.grade(RIGHT, tests=(looped,)).score == 1


def test_data_the_tests_cannot_compute_with_is_not_called_our_fault(exam, monkeypatch):
    monkeypatch.setattr(supervisor, "TESTER_LEAST_SECONDS", 0)
    same_hash = "def mean(xs): return [k * (2 ** 61 - 1) for k in range(150_000)]"
    counted = check("assert len(set(mean([]))) == 1", "counted")
    report = exam.grade(same_hash, tests=(counted,), limits=replace(QUICK, cpu_seconds=1, test_seconds=30))
    assert (report.outcome, report.score) == ("timeout", 0)


def test_a_flood_of_claims_costs_the_grader_neither_memory_nor_time(exam, monkeypatch):
    heard = []
    line = supervisor._Run._line
    monkeypatch.setattr(
        supervisor._Run, "_line", lambda run, *given: (heard.append(given), line(run, *given))
    )
    report = exam.grade(
        """
import os
lines = b''.join(b'[%d,{}]\\n' % number for number in range(100, 220))  # little at a time, or the errors' pipe is full first
while True:
    for number in range(3, 64):
        try:
            here = os.readlink(f'/proc/self/fd/{number}')
            if 'pipe' in here: os.write(number, lines)
        except OSError: pass"""
    )
    assert report.outcome == "output"
    assert 100 < len(heard) < 800_000
