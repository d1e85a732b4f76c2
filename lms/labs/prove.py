"""The publish gate: whether a lab can be trusted to grade. The author's own solution scores full marks, the blank hand-out none, no
solution stands in the hand-out, and somebody who says yes to everything passes no test.

That last one finds tests that check nothing: a loop over what the learner returns, a comparison with what the learner may change.
"""

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from lms.content.model import Lab, SlurmRung
from lms.content.problem import Severity
from lms.errors import Invalid, Unavailable

from .exercise import Exercise
from .grade import grade_grafted
from .graft import Grafted
from .handout import handout, leaks, placeholder
from .names import unlisted
from .notebook import dump, read_source
from .report import Report
from .sandbox.ways import Sandboxes, open_ways
from .slurm.present import missing
from .version import grader_version
from .yesmen import yes_men

IDLE = """\
#!/bin/bash
#SBATCH --account={account} --partition={partition} --nodes=1 --time=1 --mem=1G
#SBATCH --signal=B:USR1@60 --requeue --open-mode=append
exit 0
"""


@dataclass(frozen=True)
class Flaw:
    """What is wrong, in a sentence for the author, and in which cell. A warning is something that could not be tried."""

    text: str
    grade_id: str = ""
    severity: Severity = "error"


def prove(exercise: Exercise, *, tries_slurm: bool = True) -> list[Flaw]:
    """Everything that is wrong with how the lab grades; empty is good. Raise `Unavailable` without a sandbox."""
    with closing(open_ways()) as sandboxes:
        return _flaws(exercise, sandboxes, tries_slurm=tries_slurm)


def _flaws(exercise: Exercise, sandboxes: Sandboxes, *, tries_slurm: bool) -> list[Flaw]:
    source, names = exercise.notebook, exercise.names

    def run(answers: Mapping[str, str | None]) -> Report:
        grafted = Grafted(source, answers)
        report = grade_grafted(exercise, grafted, sandboxes=sandboxes, tries_slurm=tries_slurm)
        if report.outcome == "failed":  # it gave no points, and proves nothing
            raise Unavailable(" ".join(report.notes))
        return report

    answers = {cell.grade_id: cell for cell in source.cells if cell.is_answer}
    first = next((grade_id for grade_id, cell in answers.items() if cell.type == "code"), "")
    pleasing, idling = (
        list(yes_men(source, names, by_files=bool(exercise.outputs))),
        list(idlers(exercise.slurm if tries_slurm else None)),
    )
    nothing = dict.fromkeys(answers, "")
    handed_in: list[Mapping[str, str | None]] = [
        {grade_id: cell.source for grade_id, cell in answers.items()},
        {grade_id: placeholder(cell) for grade_id, cell in answers.items()},
        *(said for _, said in pleasing),
        *({**nothing, first: code} for _, code in idling),
    ]
    # A job on Slurm is mostly waited for: let all of those run beside the rest.
    with ThreadPoolExecutor((os.cpu_count() or 1) + 2 * len(idling)) as several:
        solved, blank, *others = several.map(run, handed_in)
    flaws = [Flaw(text) for text in leaks(source, handout(source))]
    unlisted_here = {} if exercise.prelude else unlisted(source, names)
    flaws += [
        Flaw(
            f"the author's own solution scores {result.points:g} of {result.max_points:g}: {result.message}"
            f"{_not_listed(unlisted_here.get(result.grade_id, ()))}",
            result.grade_id,
        )
        for result in solved.cells
        if result.kind == "auto" and result.points != result.max_points
    ]
    flaws += _unproved(solved)
    passed = [*_passed(blank), *_climbed(blank)]
    flaws += [Flaw("the blank hand-out passes this test", grade_id) for grade_id in passed]
    forged: dict[str, list[str]] = {}
    for number, ((said, _), report) in enumerate(zip((*pleasing, *idling), others, strict=True)):
        # Who asks Slurm well has done a part of the work, and may have points for it.
        for grade_id in (*_climbed(report), *(_passed(report) if number < len(pleasing) else ())):
            forged.setdefault(grade_id, []).append(said)
    flaws += [
        Flaw(f"this test can be passed without an answer, by {' or '.join(said[:3])}", grade_id)
        for grade_id, said in forged.items()
    ]
    return flaws


def idlers(rung: SlurmRung | None) -> Iterator[tuple[str, str]]:
    """Somebody who hands Slurm a script that asks well, and does nothing."""
    if rung is not None:
        script = IDLE.format(
            account=rung.machine.account.replace("N", "0") or "none",
            partition=rung.machine.partitions[0].name,
        )
        lay = f"{rung.name} = {script!r}" if rung.name else f"open({rung.file!r}, 'w').write({script!r})"
        yield "a script that asks well and does nothing", lay


def _unproved(solved: Report) -> Iterator[Flaw]:
    """What keeps the author's own solution from the rung on Slurm."""
    if solved.on_slurm is None:
        return
    if solved.proved == "unavailable":
        why = solved.on_slurm.unavailable
        yield Flaw(f"The rung on Slurm was not proved. {why}", severity="warning")
        return
    for test in solved.on_slurm.tests:
        if not test.passed:
            yield Flaw(f"the author's own solution is not proved on Slurm: {test.message}", test.grade_id)


def _not_listed(names: tuple[str, ...]) -> str:
    told = " and ".join(f"`{name}`" for name in names)
    return f" (tests may not fetch {told}: add it to `names` in lab.yaml)" if names else ""


def _passed(report: Report) -> list[str]:
    """Tests that gave points; one that is worth none proves nothing either way."""
    return [cell.grade_id for cell in report.cells if cell.kind == "auto" and (cell.points or 0) > 0]


def _climbed(report: Report) -> list[str]:
    """Tests of the rung on Slurm that passed."""
    return [test.grade_id for test in report.on_slurm.tests if test.passed] if report.on_slurm else []


class Workshop:
    """What `content.load` is given: hand-outs and proofs. `cache` is a folder for what has been proved, by `lab.version`, which covers
    everything a grade depends on, and the grader's; without one it remembers as long as it lives. Without `tries_slurm` a rung on Slurm
    is believed.
    """

    def __init__(self, cache: Path | None = None, *, tries_slurm: bool = True) -> None:
        self._cache, self._tries_slurm = cache, tries_slurm
        self._proved: dict[str, list[Flaw]] = {}

    def handout(self, notebook: bytes) -> bytes:
        """Empty for a source that cannot be read: `problems` says why."""
        try:
            return dump(handout(read_source(notebook)))
        except Invalid:
            return b""

    def problems(
        self, lab: Lab, notebook: bytes, files: Mapping[str, bytes], modules: Mapping[str, bytes]
    ) -> Iterable[tuple[str, int | None, Severity]]:
        """`modules` maps "boreas/sbatch.py" to its bytes. On a host without a sandbox the lab is not proved, which is told as a warning:
        another host may grade it.
        """
        try:
            source = read_source(notebook)
        except Invalid as refusal:
            return [(refusal.message, None, "error")]
        # What is proved without a Slurm is to be proved again once there is one.
        by_slurm = lab.slurm is not None and self._tries_slurm and not missing()
        known_as = f"{lab.version}-{grader_version().replace('/', '-')}{'-slurm' if by_slurm else ''}"
        flaws = self._remembered(known_as)
        if flaws is None:
            try:
                with tempfile.TemporaryDirectory() as folder:
                    laid_out = _lay_out(Path(folder), modules)
                    flaws = prove(
                        Exercise(
                            source,
                            lab.names,
                            limits=lab.limits,
                            files=files,
                            modules=laid_out,
                            outputs=lab.outputs,
                            preload=lab.preload,
                            slurm=lab.slurm,
                        ),
                        tries_slurm=self._tries_slurm,
                    )
            except Unavailable as refusal:
                return [(f"This lab's tests were not tried. {refusal.message}", None, "warning")]
            self._remember(known_as, flaws)
        return [
            (
                f"{flaw.grade_id}: {flaw.text}" if flaw.grade_id else flaw.text,
                _line_of(notebook, flaw.grade_id),
                flaw.severity,
            )
            for flaw in flaws
        ]

    def _remembered(self, version: str) -> list[Flaw] | None:
        if version in self._proved or self._cache is None:
            return self._proved.get(version)
        try:
            return [Flaw(**flaw) for flaw in json.loads((self._cache / f"{version}.json").read_text("utf-8"))]
        except (OSError, ValueError, TypeError):
            return None

    def _remember(self, version: str, flaws: list[Flaw]) -> None:
        self._proved[version] = flaws
        if self._cache is not None:
            self._cache.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=self._cache, delete=False, encoding="utf-8") as file:
                json.dump([flaw.__dict__ for flaw in flaws], file)
            Path(file.name).replace(self._cache / f"{version}.json")


def _lay_out(folder: Path, modules: Mapping[str, bytes]) -> dict[str, Path]:
    folder.chmod(0o755)
    for name, content in modules.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return {path.stem: path for path in folder.iterdir()}


def _line_of(notebook: bytes, grade_id: str) -> int | None:
    for number, line in enumerate(notebook.decode("utf-8", "replace").splitlines(), 1):
        if grade_id and '"grade_id"' in line and json.dumps(grade_id) in line:
            return number
    return None
