"""What a notebook can try on its marks, a row each: every answer is wrong. And how everybody else grades, where most of it works.

`guards` name the rules of ours that have to be taken off for an attack to give points (see `guards`); NOTEBOOK and RESULTS say that it does
where learner's code and tests share an interpreter, in the manner of nbgrader and of otter, which is the guard that we do without.
"""

from dataclasses import dataclass

from tests.sandbox.conftest import check, code, run_cells

NOTEBOOK = "two processes: a notebook's cells and its tests apart"
RESULTS = "two processes: results where no learner's code runs"


@dataclass(frozen=True)
class Forgery:
    what: str
    guards: tuple[str, ...]
    code: str
    tests: tuple[dict, ...] = ()


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

VERDICTS = """
import json, os
for test in ('q0', 'q1', 'q2', 'q3'):
    line = json.dumps({'id': test, 'status': 'pass', 'points': 1, 'message': ''}) + '\\n'
    for number in range(1, 64):
        try: os.write(number, line.encode())
        except OSError: pass"""
FORGERIES = (
    Forgery("an object that equals everything", ("protocol: what is opaque is not compared",), ALWAYS_EQUAL),
    Forgery("the same, where everybody else grades", (NOTEBOOK,), ALWAYS_EQUAL),
    Forgery(
        "an object whose difference from everything is nothing",
        ("protocol: arithmetic takes two of the learner's",),
        "class Near:\n    def __sub__(self, other): return 0.0\nmean = variance = primes = matmul = lambda *given: Near()",
    ),
    Forgery(
        "asserts stripped from every cell",
        (NOTEBOOK,),
        WRONG
        + """
import ast
class Strip(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
get_ipython().ast_transformers.append(Strip())""",
    ),
    Forgery(
        "cells made no-ops by a hook",
        (NOTEBOOK,),
        WRONG
        + """
from IPython.core.interactiveshell import InteractiveShell
async def nothing(self, code_obj, result=None, *, async_=False): return False
get_ipython().events.register('post_run_cell', lambda *given: setattr(InteractiveShell, 'run_code', nothing))""",
    ),
    Forgery(
        "builtins replaced (len, abs, sum)",
        (NOTEBOOK,),
        WRONG
        + """
import builtins
builtins.abs = lambda x: 0
builtins.len = lambda x: 25
builtins.sum = lambda *x: 11""",
    ),
    Forgery(
        "errors swallowed",
        (NOTEBOOK,),
        WRONG + "\nget_ipython().showtraceback = get_ipython()._showtraceback = lambda *a, **k: None",
    ),
    Forgery(
        "the right answer read from the test's own frame",
        (NOTEBOOK,),
        """
def thief(*given):
    import sys
    return [c for c in sys._getframe(1).f_code.co_consts if isinstance(c, (int, float))][0]
mean = variance = primes = matmul = thief""",
    ),
    Forgery(
        "the object that holds the results, patched",
        (RESULTS,),
        WRONG
        + """
import gc
for thing in gc.get_objects():
    if isinstance(thing, type) and hasattr(thing, 'record'): thing.record = lambda self, name, passed: self.points.update({name: 1.0})""",
    ),
    Forgery(
        "the results found by searching memory (gc)",
        (RESULTS,),
        """
import gc
class Full(dict):
    def __setitem__(self, name, points): super().__setitem__(name, 1.0)
def mean(xs):
    for thing in gc.get_objects():
        if type(thing).__name__ == 'Results': thing.points = Full()
variance = primes = matmul = mean""",
    ),
    Forgery("verdicts written to every descriptor, before the grader's own", (RESULTS,), WRONG + VERDICTS),
    Forgery(
        "a pickle that runs in the tests' process",
        ("protocol: plain data, no pickle",),
        WRONG
        + f"""
import os, pickle, socket, struct
class Run:
    def __reduce__(self): return exec, ({VERDICTS!r},)
body = pickle.dumps(Run())
for number in range(3, 64):
    try: socket.socket(fileno=os.dup(number)).send(struct.pack('!I', len(body)) + body)
    except OSError: pass""",
    ),
    Forgery(
        "a module of the learner's, where a test forgot to import it",
        ("protocol: only listed names are fetched",),
        WRONG + "\nclass Math:\n    def __getattr__(self, name): return lambda *given: True\nmath = Math()",
        (check("assert math.isclose(mean([1, 2]), 1.5)", "q0"),),
    ),
    Forgery(
        "an earlier test's callback, asked in a later test",
        ("protocol: a callback ends with its test",),
        "kept = []\ndef mean(f): kept.append(f)\ndef primes(n): return kept[0](n)",
        (
            check("mean(lambda x: x * 21)\n0", "q0"),
            check("assert primes(2) == 42", "q1"),
        ),
    ),
    Forgery(
        "StopIteration, which ends a test's own map",
        ("protocol: no end of iteration out of a call",),
        "def mean(xs): raise StopIteration",
        (check("for got, want in zip(map(mean, [[1], [2]]), [1, 2]): assert got == want", "q0"),),
    ),
)
NONSENSE = {
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


def points_elsewhere(forgery, tests):
    """What it would get from NOTEBOOK or RESULTS, played in a sandbox of ours as ordinary cells."""
    asked = {cell["metadata"]["nbgrader"]["grade_id"]: cell["source"] for cell in forgery.tests or tests}
    if forgery.guards == (NOTEBOOK,):
        cells = [code(source) for source in asked.values()]
        _, report = run_cells(forgery.code, tests=cells)
        ran = report.executed["cells"][1:]
        return sum(all(output["output_type"] != "error" for output in cell["outputs"]) for cell in ran)
    (_, _, said), _ = run_cells(_RESULTS_BEFORE, forgery.code, f"TESTS = {asked!r}\n{_RESULTS_AFTER}")
    return float(said.removeprefix("POINTS"))


_RESULTS_BEFORE = """
import json, os
class Results:
    def __init__(self): self.points = {}
    def record(self, name, passed): self.points[name] = 1.0 if passed else 0.0
reading, writing = os.pipe()"""
_RESULTS_AFTER = """
results = Results()
for test, source in TESTS.items():
    try: exec(source, globals()); passed = True
    except Exception: passed = False
    results.record(test, passed)
    os.write(writing, (json.dumps({'id': test, 'points': results.points[test]}) + chr(10)).encode())
os.close(writing)
first = {}
for line in os.fdopen(reading):
    if line.startswith('{'): first.setdefault(json.loads(line)['id'], json.loads(line)['points'])
print('POINTS', sum(first.values()))"""
