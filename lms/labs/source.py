"""A lab to grade without a database: a folder with a lab.yaml, or any notebook in nbgrader's format by itself.

A lab says which names of the learner's its tests may fetch. A lone notebook does not, so they are derived from it: the names that its
tests use and do not define, and that the author's own answer cells define. What the author merely imports is never fetched, or a
learner could hand a test a `math` that finds everything equal: the author's imports, and the functions, classes and constants of
the given cells, are run again beside the tests instead (the `prelude`).
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pydantic
import yaml

import lms
from lms.content import schema
from lms.content.model import Limits
from lms.errors import Invalid, NotFound

from .exercise import Exercise
from .notebook import Cell, Source, read_source

_MAGIC = re.compile(r"^\s*[%!].*$", re.MULTILINE)


@dataclass(frozen=True)
class LabSource:
    """A lab's id, and what grading it needs."""

    id: str
    exercise: Exercise


def find_lab(what: str) -> LabSource:
    """`what` is a path to a notebook or a lab's folder, or the id or folder name of a lab below ./labs or of a packaged one.
    Raise `NotFound` or `Invalid`, with a sentence for the terminal.
    """
    path = Path(what)
    if path.is_file():
        return lone_notebook(path)
    if (path / "lab.yaml").is_file():
        return lab_folder(path)
    known = []
    for root in (Path("labs"), Path(lms.__file__).parent / "_content" / "labs"):
        for manifest in sorted(root.glob("*/lab.yaml")):
            id_ = _declared_id(manifest)
            if what in (id_, manifest.parent.name):
                return lab_folder(manifest.parent)
            known.append(id_)
    there_are = f"There are: {', '.join(dict.fromkeys(known))}." if known else "There is no labs folder here."
    raise NotFound(f"No lab and no notebook is called {what}. {there_are}")


def lab_folder(folder: Path) -> LabSource:
    """A lab as its author keeps it: lab.yaml, lab.ipynb, files; modules lie beside it."""
    manifest = folder / "lab.yaml"
    try:
        written = schema.Lab.model_validate(yaml.safe_load(manifest.read_text("utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Invalid(f"{manifest} is not YAML: {' '.join(str(error).split())}") from None
    except pydantic.ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise Invalid(f"{manifest}: {told}") from None
    exercise = Exercise(
        notebook=read_source(_read(folder / "lab.ipynb"), str(folder / "lab.ipynb")),
        names=tuple(written.names),
        limits=Limits(**written.limits.model_dump()),
        files={name: _read(folder / name) for name in written.files},
        modules={name: _module(folder.parent, name) for name in written.modules},
    )
    return LabSource(written.id, exercise)


def lone_notebook(path: Path) -> LabSource:
    notebook = read_source(_read(path), str(path))
    exercise = Exercise(notebook, derived_names(notebook), prelude=tuple(author_prelude(notebook)))
    return LabSource(path.stem, exercise)


def derived_names(notebook: Source) -> tuple[str, ...]:
    """What tests may fetch of the learner's: what they use freely and the author's answers define."""
    used: set[str] = set()
    own: set[str] = set()
    for cell in notebook.of_kind("tests"):
        tree = _parsed(cell)
        used |= {
            node.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        }
        own |= _imported(tree) | {name for statement in tree.body for name in _defined(statement)}
    answered: set[str] = set()
    for cell in notebook.of_kind("solution", "manual"):
        if cell.type == "code":
            tree = _parsed(cell)
            answered |= {name for node in ast.walk(tree) for name in _defined(node)} - _imported(tree)
    return tuple(sorted((used & answered) - own))


def author_prelude(notebook: Source) -> Iterator[str]:
    """Imports of every cell but the tests; functions, classes and literal constants of the given cells."""
    for cell in notebook.cells:
        if not cell.runs:
            continue
        for node in _parsed(cell).body:
            given = cell.kind == "given" and (
                isinstance(node, ast.FunctionDef | ast.ClassDef)
                or (isinstance(node, ast.Assign) and _is_literal(node.value))
            )
            if given or isinstance(node, ast.Import | ast.ImportFrom):
                yield ast.unparse(node)


def _parsed(cell: Cell) -> ast.Module:
    """Lines for IPython are no Python; a cell that is no Python either way defines and uses nothing."""
    try:
        return ast.parse(_MAGIC.sub("", cell.source))
    except SyntaxError:
        return ast.Module([], [])


def _imported(tree: ast.Module) -> set[str]:
    return {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }


def _defined(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.For() | ast.With() | ast.NamedExpr():
            for part in ast.walk(node):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    yield part.id


def _is_literal(value: ast.expr) -> bool:
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError, RecursionError):
        return False
    return True


def _declared_id(manifest: Path) -> str:
    try:
        written = yaml.safe_load(manifest.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        return ""
    return str(written.get("id", "")) if isinstance(written, dict) else ""


def _module(labs: Path, name: str) -> Path:
    for path in (labs / name, labs / f"{name}.py"):
        if path.exists():
            return path.resolve()
    raise Invalid(f"The lab imports the module {name}, and there is none at {labs / name}.")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotFound(f"{path} could not be read: {error.strerror}.") from None
