"""The `slurm:` of a lab.yaml into its rung, and everything that keeps it from being climbed."""

from collections.abc import Mapping

from lms.content import schema
from lms.content.gathering import Gathering
from lms.content.lab_rules import Places
from lms.content.machine import Machine
from lms.content.model import SlurmRun, SlurmRung, SlurmSignal
from lms.content.notebook import Notebook


def rung_of(written: schema.Slurm, machine: Machine) -> SlurmRung:
    """The value of a rung in which nothing is wrong."""
    run = written.run
    return SlurmRung(
        machine=machine,
        name=written.script.name or "",
        file=written.script.file or "",
        tests=tuple(written.tests),
        test_only=written.test_only,
        run=None
        if run is None
        else SlurmRun(
            files=tuple(run.files),
            folders=tuple(run.folders),
            signals=tuple(SlurmSignal(each.when, each.signal) for each in run.signals),
            scene=run.scene,
            command=run.command,
            outputs=tuple(run.outputs),
            seconds=run.seconds,
        ),
    )


def build_rung(
    lab: schema.Lab,
    notebook: Notebook,
    places: Places,
    machines: Mapping[str, Machine],
    gathering: Gathering,
) -> SlurmRung | None:
    """The rung, or None where the lab has none or something is wrong with it, which is gathered."""
    written = lab.slurm
    if written is None:
        return None
    before = len(gathering.problems)

    def wrong(place: tuple[str | int, ...], code: str, message: str, hint: str = "") -> None:
        gathering.error(places.lab, places.marked.line_of(("slurm", *place)), code, message, hint)

    machine = machines.get(written.machine)
    if machine is None:
        line = places.marked.line_of(("slurm", "machine"))
        gathering.unknown(places.lab, line, "machine", written.machine, machines)
    if (written.script.name is None) == (written.script.file is None):
        wrong(("script",), "slurm-script", "The script is either a name or a file.", "Give one of the two.")
    if not written.test_only and written.run is None:
        wrong((), "slurm-idle", "Slurm is neither asked about the script nor does it run it.", "Say run.")
    if written.run is not None and written.run.command and not written.run.scene:
        message = "A script that is a command is called once for each job of a scene, and there is none."
        wrong(("run", "command"), "slurm-scene", message, "Write a scene that prints JOBID WORD for each.")
    cells = {cell.grade_id: cell for cell in notebook.cells if cell.role == "tests"}
    for index, name in enumerate(written.tests):
        cell = cells.get(name)
        if cell is None:
            line = places.marked.line_of(("slurm", "tests", index))
            gathering.unknown(places.lab, line, "test", name, cells)
        elif cell.points:
            message = f"The test {name} decides the rung on Slurm and is worth {cell.points:g} points."
            hint = "Give it 0: the score must not depend on whether the host that grades has a Slurm."
            wrong(("tests", index), "slurm-points", message, hint)
    return rung_of(written, machine) if machine and len(gathering.problems) == before else None
