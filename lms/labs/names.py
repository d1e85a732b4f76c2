"""Which names of the learner's the tests of a notebook need, and which statements of the author's have to run beside them. Pure.

A lab says which names its tests may fetch. A notebook by itself does not, as nbgrader runs tests among the learner's cells. So they are
derived from the author's own: what answers define is the learner's, and so is what given code computes from it or an answer changes.
All else that tests use is the author's, imports first of all, and is run again beside the tests: a learner must not hand a test a
`math` that finds everything equal.
"""

import ast
import builtins
import symtable
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from lms.content.dialect import as_python
from lms.content.syntax import tree_of

from .notebook import Cell, Source

# What the tester and IPython put there.
_PROVIDED = frozenset(dir(builtins)) | {"printed", "get_ipython", "display", "__name__", "__builtins__"}
_CHANGING = frozenset({
    "add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popitem", "popleft", "remove", "reverse", "seed",
    "setdefault", "sort", "update", "write",
})  # fmt: skip


@dataclass(frozen=True)
class Statement:
    """A statement at the margin of a cell. Names are the module's, whatever function they stand in."""

    node: ast.stmt

    @cached_property
    def source(self) -> str:
        return ast.unparse(self.node)

    @property
    def is_definition(self) -> bool:
        return isinstance(self.node, ast.FunctionDef | ast.AsyncFunctionDef)

    @property
    def is_import(self) -> bool:
        return isinstance(self.node, ast.Import | ast.ImportFrom)

    @property
    def imports_all(self) -> bool:
        return isinstance(self.node, ast.ImportFrom) and self.node.names[0].name == "*"

    @cached_property
    def _table(self) -> symtable.SymbolTable:
        return symtable.symtable(self.source, "cell", "exec")

    @cached_property
    def binds(self) -> frozenset[str]:
        """Names that are something new after it."""
        own = {
            symbol.get_name()
            for symbol in self._table.get_symbols()
            if symbol.is_assigned() or symbol.is_imported()
        }
        return frozenset(own | {name for name, assigned in _within(self._table, now=None) if assigned})

    @cached_property
    def now(self) -> frozenset[str]:
        """Names it needs when it runs."""
        own = {symbol.get_name() for symbol in self._table.get_symbols() if symbol.is_referenced()}
        if isinstance(self.node, ast.AugAssign | ast.Delete):
            own |= self.binds
        return frozenset(own | {name for name, _ in _within(self._table, now=True)})

    @cached_property
    def later(self) -> frozenset[str]:
        """Names that a function made here needs when it is called."""
        return frozenset(name for name, _ in _within(self._table, now=False))

    @cached_property
    def changes(self) -> frozenset[str]:
        """Names whose value it changes in place, as far as one can see."""
        return frozenset(_changed(self.node))


@dataclass(frozen=True)
class Needs:
    """`names` are fetched from the learner's process, `prelude` runs beside the tests. `unknown` maps the grade_id of a test to what it
    needs and nothing defines; `from_tests` maps a cell of the notebook to names that only a test before it defines.
    """

    names: tuple[str, ...]
    prelude: tuple[str, ...]
    unknown: dict[str, tuple[str, ...]]
    from_tests: dict[str, tuple[str, ...]]

    def sentences(self) -> Iterator[str]:
        """What an author should hear."""
        for grade_id, names in self.unknown.items():
            yield (
                f"The test {grade_id} uses {_quoted(names)}, which no cell of the notebook defines: whoever hands in will fail it, "
                "unless their answer happens to use the same name."
            )
        for cell, names in self.from_tests.items():
            yield (
                f"{cell} uses {_quoted(names)}, which only a test defines. Tests run apart from the notebook, so it will not be there: "
                "define it in a given cell."
            )


def statements(cell: Cell) -> list[Statement]:
    """None for a cell that is no Python. Lines for IPython do nothing here."""
    return [Statement(node) for node in _parsed(cell.source).body]


def needs_of(notebook: Source) -> Needs:
    cells = [cell for cell in notebook.cells if cell.type == "code"]
    answers = [each for cell in cells if cell.is_answer for each in statements(cell)]
    given = [each for cell in cells if cell.kind == "given" for each in statements(cell)]
    imports = [each for cell in cells if cell.is_answer for each in statements(cell) if each.is_import]
    tests = {cell.grade_id: statements(cell) for cell in cells if cell.kind == "tests"}

    theirs = _learners(answers, given)
    ours = [each for each in (*imports, *given) if each.is_import or not _is_theirs(each, theirs, given)]
    free = dict(_free(tests))
    wanted = set().union(*free.values()) if free else set()
    prelude = _closure(ours, wanted, theirs)
    needed = wanted.union(*(each.now | each.later for each in prelude))
    defined = set().union(*(each.binds for each in prelude)) | theirs | _PROVIDED
    opaque = any(each.imports_all for each in (*prelude, *answers))
    return Needs(
        names=tuple(sorted(needed & theirs)),
        prelude=tuple(each.source for each in prelude),
        unknown={}
        if opaque
        else {test: tuple(sorted(rest)) for test, names in free.items() if (rest := names - defined)},
        from_tests=dict(_from_tests(notebook)),
    )


def unlisted(notebook: Source, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Names that a test uses, no test defines, and an answer or a given cell does: they would have to be on the list."""
    cells = [cell for cell in notebook.cells if cell.runs]
    there = set().union(*(each.binds for cell in cells for each in statements(cell))) if cells else set()
    tests = {cell.grade_id: statements(cell) for cell in notebook.of_kind("tests")}
    found = {test: (free & there) - set(names) for test, free in _free(tests)}
    return {test: tuple(sorted(missing)) for test, missing in found.items() if missing}


def _learners(answers: Sequence[Statement], given: Sequence[Statement]) -> frozenset[str]:
    """What answers bind, but not by importing it; what they change in place; and what given code makes of all that."""
    theirs = {name for each in answers if not each.is_import for name in each.binds}
    authors = {name for each in given for name in each.binds if not each.is_import}
    theirs |= {name for each in answers for name in each.changes if name in authors}
    while True:
        more = {
            name for each in given if _is_theirs(each, theirs, given) for name in each.binds | each.changes
        } - theirs
        if not more:
            return frozenset(theirs)
        theirs |= more


def _is_theirs(statement: Statement, theirs: Iterable[str], given: Sequence[Statement]) -> bool:
    """Whether running it takes the learner's code. A function of the author's may call it later, and runs beside the tests."""
    if statement.is_import:
        return bool(statement.binds & set(theirs))
    if (statement.now | statement.binds) & set(theirs):
        return True
    calling = (each for each in given if each.is_definition and each.later & set(theirs))
    return not statement.is_definition and any(statement.now & each.binds for each in calling)


def _free(tests: dict[str, list[Statement]]) -> Iterator[tuple[str, set[str]]]:
    """For each test what it uses before anything in it, or in a test before it, defines it. Functions are called after all of that."""
    before: set[str] = set()
    for grade_id, cell in tests.items():
        free: set[str] = set()
        bound = set(before)
        for each in cell:
            free |= each.now - bound - each.binds if _binds_first(each) else each.now - bound
            bound |= each.binds
        for each in cell:
            free |= each.later - bound
        before = bound
        yield grade_id, free - _PROVIDED


def _binds_first(statement: Statement) -> bool:
    """Loops and blocks bind what they use further down; an assignment uses before it binds."""
    return not isinstance(statement.node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr | ast.Delete)


def _closure(ours: Sequence[Statement], wanted: Iterable[str], theirs: frozenset[str]) -> list[Statement]:
    """The author's statements, in their order, that make what is wanted, and what those need in turn."""
    kept: set[int] = set()
    needed = set(wanted) - theirs
    while True:
        more = {
            number
            for number, each in enumerate(ours)
            if number not in kept and (each.imports_all or (each.binds | each.changes) & needed)
        }
        if not more:
            return [each for number, each in enumerate(ours) if number in kept]
        kept |= more
        needed |= set().union(*(ours[number].now | ours[number].later for number in more)) - theirs


def _from_tests(notebook: Source) -> Iterator[tuple[str, tuple[str, ...]]]:
    there: set[str] = set(_PROVIDED)
    tested: set[str] = set()
    for cell in notebook.cells:
        made = {name for each in statements(cell) for name in each.binds} if cell.type == "code" else set()
        if cell.kind == "tests":
            tested |= made
        elif cell.runs:
            used = {name for each in statements(cell) for name in each.now | each.later}
            if missing := (used & tested) - there - made:
                yield f"Cell {cell.index + 1}", tuple(sorted(missing))
            there |= made


def _parsed(source: str) -> ast.Module:
    """A cell without the lines that only IPython understands; empty where it is no Python even so."""
    kept = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in source.split("\n"))
    for text in (as_python(source), kept):
        try:
            return tree_of(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return ast.Module([], [])


def _within(table: symtable.SymbolTable, *, now: bool | None) -> Iterator[tuple[str, bool]]:
    """Names of the module that the scopes in this one use, and whether they assign them. `now`: only what is used when the statement
    itself runs (True), or what is used when a function is called (False).
    """
    for child in table.get_children():
        at_once = child.get_type() == "class" or child.get_name() in (
            "genexpr",
            "listcomp",
            "setcomp",
            "dictcomp",
        )
        if now is None or now is at_once:
            for symbol in child.get_symbols():
                if symbol.is_global() and (symbol.is_referenced() or symbol.is_assigned()):
                    yield symbol.get_name(), symbol.is_assigned()
        if at_once or now is None:
            yield from _within(child, now=now)
        elif now is False:  # all that is in a function waits for its call
            yield from _within(child, now=None)


def _changed(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        match part:
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                yield name
            case ast.Attribute(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                yield name
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if method in _CHANGING:
                yield name


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
