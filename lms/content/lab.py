"""A folder with a lab.yaml into a `Lab`."""

import hashlib
import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Protocol

from lms.content import schema
from lms.content.gathering import Gathering, version_of
from lms.content.lab_rules import Places, check_lab
from lms.content.links import Addresses
from lms.content.machine import Machine
from lms.content.marked import Marked, UnreadableError, read
from lms.content.model import Criterion, Evidence, Lab, LabFile, Level, Limits, SlurmRung
from lms.content.notebook import Notebook, read_notebook
from lms.content.page import Page, Source
from lms.content.problem import Problem, Severity, failed
from lms.content.rung import build_rung
from lms.content.validate import validate


class LabWorkshop(Protocol):
    """What is above this room and knows how labs are handed out and graded. `load` is given one.

    Neither method may raise for what an author wrote: that is a problem, with a sentence for the author. Proving is
    slow and depends on the host, so a workshop remembers by itself what it has proved: `lab.version` covers
    everything a grade depends on.
    """

    def handout(self, notebook: bytes) -> bytes:
        """The learner's version of an author's notebook: solutions and hidden tests taken out."""

    def problems(
        self, lab: Lab, notebook: bytes, files: Mapping[str, bytes], modules: Mapping[str, bytes]
    ) -> Iterable[tuple[str, int | None, Severity]]:
        """What is wrong with a lab beyond its format, as (sentence, line of lab.ipynb or None, severity): the author's
        solution does not score full marks, the hand-out scores, a solution leaks into it.

        `files` are the handed-out files by name, `modules` what it may import, by path ("boreas/sbatch.py").
        Both are asked only about labs in which nothing else is wrong.
        """


# Slow, and much of it waiting: several run side by side.
Proof = Callable[[], list[Problem]]


@dataclass(frozen=True)
class LabSources:
    """A lab as it was read. `introduction` is to be rendered as a page. `sound` while nothing in it is an error."""

    path: str
    declared_id: str
    written: schema.Lab | None
    marked: Marked
    notebook_path: str
    notebook: Notebook | None
    introduction: Source
    sound: bool


def read_lab(path: str, files: Mapping[str, bytes], gathering: Gathering) -> LabSources:
    """Reads the lab of the lab.yaml at `path`; everything that is wrong with it is gathered."""
    before = len(gathering.problems)
    folder = posixpath.dirname(path)
    notebook_path = f"{folder}/lab.ipynb"
    marked, written = Marked({}), None
    try:
        marked = read(files[path].decode("utf-8-sig"))
        written, problems = validate(schema.Lab, marked, path)
        gathering.problems += problems
    except UnicodeDecodeError:
        gathering.error(path, 1, "encoding", "This file is not UTF-8 text.", "Save it as UTF-8.")
    except UnreadableError as cause:
        gathering.error(path, cause.line, cause.code, cause.message, cause.hint)
    gathering.keep(files[path], path)
    notebook = None
    if notebook_path in files:
        gathering.keep(files[notebook_path], notebook_path)
        notebook = read_notebook(files[notebook_path], notebook_path, gathering.problems)
    else:
        gathering.error(
            path,
            1,
            "no-notebook",
            "There is no lab.ipynb beside this lab.yaml.",
            "Save the notebook under this name.",
        )
    cell = notebook.introduction if notebook else None
    if notebook and cell is None:
        gathering.error(
            notebook_path,
            1,
            "no-introduction",
            "The notebook has no Markdown cell.",
            "Its first one introduces the lab.",
        )
    declared = marked.value.get("id") if isinstance(marked.value, dict) else None
    introduction = Source("text", notebook_path, cell.source if cell else "", cell.line if cell else 1)
    return LabSources(
        path=path,
        declared_id=declared if isinstance(declared, str) else "",
        written=written,
        marked=marked,
        notebook_path=notebook_path,
        notebook=notebook,
        introduction=introduction,
        sound=not failed(gathering.problems[before:]),
    )


def build_lab(
    sources: LabSources,
    page: Page,
    addresses: Addresses,
    files: Mapping[str, bytes],
    machines: Mapping[str, Machine],
    workshop: LabWorkshop | None,
    gathering: Gathering,
) -> tuple[Lab, Proof | None] | None:
    """The lab, and what proves it where there is a workshop and nothing is wrong with the lab; without one its hand-out is "".
    None when its lab.yaml or notebook is not valid.
    """
    html, _ = addresses.resolve(page)
    written, notebook = sources.written, sources.notebook
    if written is None or notebook is None:
        return None
    before = len(gathering.problems)
    places = Places(sources.path, sources.notebook_path, sources.marked)
    check_lab(written, notebook, places, gathering)
    rung = build_rung(written, notebook, places, machines, gathering)
    handed = _files(sources, written, files, gathering)
    modules = _modules(sources, written, files, gathering)
    raw = files[sources.notebook_path]
    sound = sources.sound and not failed(gathering.problems[before:])
    handout = workshop.handout(raw) if workshop and sound else None
    rubric = tuple(
        Criterion(
            c.id,
            c.cell,
            c.title,
            max(rung.points for rung in c.levels),
            tuple(Level(r.points, r.text) for r in c.levels),
        )
        for c in written.rubric
    )
    lab = Lab(
        id=written.id,
        title=written.title,
        summary=written.summary,
        minutes=written.minutes,
        skills=tuple(written.skills),
        points=written.points,
        auto_points=round(notebook.points("tests")),
        pass_mark=written.pass_mark,
        attempts=written.attempts,
        limits=Limits(**written.limits.model_dump()),
        names=tuple(written.names),
        modules=tuple(written.modules),
        files=handed,
        rubric=rubric,
        path=sources.path,
        html=gathering.keep(html.encode()),
        notebook=gathering.manifest[sources.notebook_path],
        handout="" if handout is None else gathering.keep(handout),
        version=_version(written, notebook, handed, modules, rung),
        outputs=tuple(written.outputs),
        preload=tuple(written.preload),
        browser=written.browser or "",
        fixed_cells=written.fixed_cells,
        slurm=rung,
        evidence=_evidence(written, places, machines, gathering),
    )
    if not workshop or not sound:
        return lab, None
    given = {file.name: gathering.blobs[file.digest] for file in handed}
    ask = partial(workshop.problems, lab, raw, given, modules)
    return lab, partial(_proved, sources.notebook_path, ask)


def _proved(path: str, ask: Callable[[], Iterable[tuple[str, int | None, Severity]]]) -> list[Problem]:
    return [Problem(path, line or 1, severity, "lab-proof", message) for message, line, severity in ask()]


def _evidence(
    written: schema.Lab, places: Places, machines: Mapping[str, Machine], gathering: Gathering
) -> Evidence | None:
    """What may be brought back from a real machine. No grade depends on it, so neither does the lab's version."""
    asked = written.evidence
    if asked is None:
        return None
    if asked.machine is not None and asked.machine not in machines:
        line = places.marked.line_of(("evidence", "machine"))
        gathering.unknown(places.lab, line, "machine", asked.machine, machines)
    machine = machines.get(asked.machine) if asked.machine else None
    return Evidence(asked.title, asked.ask, machine, asked.zone or "")


def _version(
    written: schema.Lab,
    notebook: Notebook,
    handed: tuple[LabFile, ...],
    modules: Mapping[str, bytes],
    rung: SlurmRung | None,
) -> str:
    """Over what a grade depends on: the code, what each cell is worth, the rubric, the limits and the files; no prose."""
    cells = [
        [cell.role, cell.grade_id, cell.points, cell.source if cell.kind == "code" else ""]
        for cell in notebook.cells
        if cell.kind == "code" or cell.role != "given"
    ]
    # Not of the rules, or told apart below: a lab without outputs is the version it was before there were any.
    apart = {
        "title",
        "summary",
        "minutes",
        "skills",
        "files",
        "preload",
        "slurm",
        "evidence",
        "browser",
        "fixed_cells",
    }
    rules = written.model_dump(mode="json", exclude=apart if written.outputs else apart | {"outputs"})
    imported = {name: hashlib.sha256(data).hexdigest() for name, data in modules.items()}
    given = [[file.name, file.digest] for file in handed]
    climbed = {} if rung is None else {"slurm": asdict(rung)}
    if climbed:
        del climbed["slurm"]["machine"]["names_known"]  # says something of evidence only
    return version_of({"cells": cells, "rules": rules, "files": given, "modules": imported, **climbed})


def _modules(
    sources: LabSources, written: schema.Lab, files: Mapping[str, bytes], gathering: Gathering
) -> dict[str, bytes]:
    """The files of the modules that the lab may import, which are folders beside the labs; the release keeps them."""
    found: dict[str, bytes] = {}
    for index, name in enumerate(written.modules):
        prefix = f"labs/{name}/"
        if f"{prefix}__init__.py" not in files:
            line = sources.marked.line_of(("modules", index))
            known = {
                path.split("/")[1]
                for path in files
                if path.startswith("labs/") and path.endswith("/__init__.py")
            }
            gathering.unknown(sources.path, line, "module", name, known)
        for path in files:
            if path.startswith(prefix):
                gathering.keep(files[path], path)
                found[path.removeprefix("labs/")] = files[path]
    return found


def _files(
    sources: LabSources, written: schema.Lab, files: Mapping[str, bytes], gathering: Gathering
) -> tuple[LabFile, ...]:
    handed = []
    for index, name in enumerate(written.files):
        path = f"{posixpath.dirname(sources.path)}/{name}"
        if path not in files:
            gathering.error(
                sources.path,
                sources.marked.line_of(("files", index)),
                "missing-file",
                f"There is no file {name} in the lab's folder.",
                "Add it, or take it off the list.",
            )
        elif name in {"lab.ipynb", "lab.yaml"}:
            gathering.error(
                sources.path,
                sources.marked.line_of(("files", index)),
                "solution-file",
                f"{name} holds the solutions: it cannot be handed out.",
                "Take it off the list.",
            )
        else:
            handed.append(LabFile(name, gathering.keep(files[path], path), len(files[path])))
    return tuple(handed)
