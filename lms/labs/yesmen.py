"""Learners who have no idea and say something all the same: code for their answers. Who passes a test so shows that it checks nothing.

Each finds tests of another kind: a value of the right type that nobody looks at, a loop over what comes back empty, a comparison with what
the learner may change, a property that any answer has.
"""

import ast
from collections.abc import Collection, Iterator

from lms.content.syntax import tree_of

from .notebook import Source

# Expressions, at least one of each type that a test may ask for; NaN is neither more nor less than anything.
REPLIES = (
    "True", "False", "None", "0", "1", "1.5", "float('nan')", "''", "'text'", "[]", "[0, 1, 2]", "()", "{}", "{'a': 1}", "set()",
)  # fmt: skip
ECHO = """
def {name}(*given, **more):
    return given[0] if given else next(iter(more.values()), None)
"""
EMPTY_ALL = """
def {name}(*given, **more):
    for each in (*given, *more.values()):
        if isinstance(each, (list, dict, set)):
            each.clear()
    return {reply}
"""
AGREEABLE = """
class Agreeable(type):
    def __instancecheck__(self, other): return True
    def __getattr__(self, name):
        if name.startswith('__'): raise AttributeError(name)
        return lambda *given, **more: Thing()
class Thing(metaclass=Agreeable):
    def __init__(self, *given, **more): pass
    def __getattr__(self, name): return Thing()
    def __call__(self, *given, **more): return Thing()
    def __iter__(self): return iter(())
    def __len__(self): return 0
    def __getitem__(self, key): return Thing()
"""


# What the author's own answers give, with nothing in it.
HOLLOW = """
import copy, functools
def {hollow}(value, shaped, depth=0):
    kind = type(value)
    if shaped and depth < 20:
        if kind in (list, tuple, set, frozenset):
            return kind({hollow}(each, shaped, depth + 1) for each in value)
        if kind is dict:
            return {{number: {hollow}(each, shaped, depth + 1) for number, each in enumerate(value.values())}}
    return kind() if kind in (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset) else None
def {hollow}_call(function, shaped):
    @functools.wraps(function)
    def call(*given, **more):
        try:
            return {hollow}(function(*copy.deepcopy(given), **copy.deepcopy(more)), shaped)
        except Exception:
            return None
    return call
for {hollow}_name in {names}:
    {hollow}_value = globals().get({hollow}_name)
    if isinstance({hollow}_value, type) or not callable({hollow}_value):
        globals()[{hollow}_name] = None if isinstance({hollow}_value, type) else {hollow}({hollow}_value, {shaped})
    else:
        globals()[{hollow}_name] = {hollow}_call({hollow}_value, {shaped})
"""


def yes_men(
    source: Source, names: Collection[str], *, by_files: bool
) -> Iterator[tuple[str, dict[str, str | None]]]:
    """(what to call it, its answers by grade_id). `by_files`: tests read files that answers write, so whoever starts from the author's
    answers has right ones.
    """
    solved: dict[str, str | None] = {cell.grade_id: cell.source for cell in source.cells if cell.is_answer}
    code = [cell.grade_id for cell in source.cells if cell.is_answer and cell.type == "code"]
    if not code:
        return
    for said, text in _without_an_idea(source, names):
        yield said, {**dict.fromkeys(solved, ""), code[0]: text}
    if by_files:
        return
    code = [grade_id for grade_id in code if not (solved[grade_id] or "").startswith("%%")]
    for shaped in (False, True):
        text = HOLLOW.format(hollow="_hollow", names=sorted(names), shaped=shaped)
        said = (
            "answers of the right type and length with nothing in them"
            if shaped
            else "empty answers of the right type"
        )
        # In each cell, as a test looks at what there is when its turn comes.
        yield said, solved | {grade_id: f"{solved[grade_id]}\n{text}" for grade_id in code}


def _without_an_idea(source: Source, names: Collection[str]) -> Iterator[tuple[str, str]]:
    """(what to call it, the code of it): the same for everything."""
    functions = _functions(source)
    for reply in REPLIES:
        said = (
            f"def {name}(*given, **more): return {reply}" if name in functions else f"{name} = {reply}"
            for name in names
        )
        yield f"answering {reply} to everything", "\n".join(said)
    echoes = (ECHO.format(name=name) for name in names if name in functions)
    yield "handing back what it is given", "\n".join(echoes)
    for reply in ("[]", "0", "None"):
        emptying = (EMPTY_ALL.format(name=name, reply=reply) for name in names if name in functions)
        yield f"emptying what it is given and answering {reply}", "\n".join(emptying)
    things = (f"{name} = Thing" if name in functions else f"{name} = Thing()" for name in names)
    yield "objects that agree to everything", AGREEABLE + "\n".join(things)


def _functions(source: Source) -> set[str]:
    found = set()
    for cell in source.cells:
        if cell.runs:
            try:
                tree = tree_of(cell.source)
            except SyntaxError:
                continue
            found |= {
                node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)
            }
    return found
