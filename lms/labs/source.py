"""A lab to grade without a database: a folder with a lab.yaml, or any notebook in nbgrader's format by itself.

A lab says which names of the learner's its tests may fetch. A lone notebook does not, so they are derived from it (`names`), and so are the
files beside it that it names: nbgrader hands out all that lies in the folder.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pydantic
import yaml

import lms
from lms.content import schema
from lms.content.gathering import Gathering
from lms.content.machines import read_machines
from lms.content.model import Limits, SlurmRung
from lms.content.rung import rung_of
from lms.errors import Invalid, NotFound

from .exercise import Exercise
from .names import needs_of, statements, unlisted
from .notebook import MAX_BYTES, Source, read_source


@dataclass(frozen=True)
class LabSource:
    """A lab's id, and what grading it needs. `warnings` are sentences for its author."""

    id: str
    exercise: Exercise
    warnings: tuple[str, ...] = ()


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
        outputs=tuple(written.outputs),
        preload=tuple(written.preload),
        slurm=_rung(folder.parent, written.slurm),
    )
    return LabSource(written.id, exercise, tuple(unlisted_names(exercise)))


def unlisted_names(exercise: Exercise) -> Iterator[str]:
    for grade_id, names in unlisted(exercise.notebook, exercise.names).items():
        told = ", ".join(f"`{name}`" for name in names)
        yield f"The test {grade_id} uses {told}, which tests may not fetch: add it to `names` in lab.yaml."


def lone_notebook(path: Path) -> LabSource:
    notebook = read_source(_read(path), str(path))
    needs = needs_of(notebook)
    exercise = Exercise(
        notebook, needs.names, files=_files_beside(notebook, path.parent), prelude=needs.prelude
    )
    return LabSource(path.stem, exercise, tuple(needs.sentences()))


def _files_beside(notebook: Source, folder: Path) -> dict[str, bytes]:
    """Files below the notebook's folder that its code names or imports, up to the size of a notebook: nothing else of the folder."""
    found: dict[str, bytes] = {}
    for name in sorted(_named(notebook)):
        path = folder / name
        if (
            path.suffix == ".ipynb"
            or not path.is_file()
            or not path.resolve().is_relative_to(folder.resolve())
        ):
            continue
        if path.stat().st_size + sum(map(len, found.values())) > MAX_BYTES:
            raise Invalid(
                f"{path} is named in the notebook, and with it the files to grade with exceed {MAX_BYTES >> 20} MB."
            )
        found[path.relative_to(folder).as_posix()] = _read(path)
    return found


def _named(notebook: Source) -> Iterator[str]:
    nodes = [
        node
        for cell in notebook.cells
        if cell.type == "code"
        for each in statements(cell)
        for node in ast.walk(each.node)
    ]
    for node in nodes:
        match node:
            case ast.Constant(value=str(text)) if (
                0 < len(text) < 200 and text.isprintable() and not text.startswith("/")
            ):
                yield text
            case ast.Import(names=names):
                yield from (f"{alias.name.partition('.')[0]}.py" for alias in names)
            case ast.ImportFrom(module=str(module)):
                yield f"{module.partition('.')[0]}.py"


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


def _rung(labs: Path, written: schema.Slurm | None) -> SlurmRung | None:
    """The rung on Slurm, with the machine that lies beside the labs."""
    if written is None:
        return None
    gathering = Gathering()
    files = {f"labs/machines/{path.name}": path.read_bytes() for path in (labs / "machines").glob("*.yaml")}
    machine = read_machines(files, gathering).get(written.machine)
    if machine is None:
        told = "".join(f" {each.path}:{each.line}: {each.message}" for each in gathering.problems)
        raise Invalid(f"There is no sound machine '{written.machine}' in {labs / 'machines'}.{told}")
    return rung_of(written, machine)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotFound(f"{path} could not be read: {error.strerror}.") from None
