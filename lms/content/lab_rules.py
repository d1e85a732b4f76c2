"""What must hold between a lab.yaml and its notebook: points, rubric, and the names that tests may fetch."""

import re
from dataclasses import dataclass

from lms.content import schema
from lms.content.gathering import Gathering
from lms.content.marked import Marked
from lms.content.notebook import Notebook


@dataclass(frozen=True)
class Places:
    """Where problems are told: the paths of lab.yaml and of the notebook, and the lines of the former."""

    lab: str
    notebook: str
    marked: Marked


def check_lab(written: schema.Lab, notebook: Notebook, places: Places, gathering: Gathering) -> None:
    _check_points(places, written, notebook, gathering)
    _check_rubric(places, written, notebook, gathering)
    _check_names(places, written, notebook, gathering)


def _check_points(places: Places, written: schema.Lab, notebook: Notebook, gathering: Gathering) -> None:
    total = notebook.points("tests") + notebook.points("person")
    if total != written.points:
        gathering.error(
            places.lab,
            places.marked.line_of(("points",)),
            "points",
            f"points is {written.points}, but the notebook's cells have {total:g} together.",
            f"Write points: {total:g}",
        )
    if notebook.points("tests") % 1:
        gathering.error(
            places.notebook,
            1,
            "cell-points",
            "The points of the test cells must add up to a whole number.",
        )


def _check_rubric(places: Places, written: schema.Lab, notebook: Notebook, gathering: Gathering) -> None:
    people = {cell.grade_id: cell for cell in notebook.cells if cell.role == "person"}
    best: dict[str, int] = {}
    for index, criterion in enumerate(written.rubric):
        line = places.marked.line_of(("rubric", index, "cell"))
        if criterion.id in {other.id for other in written.rubric[:index]}:
            gathering.error(
                places.lab,
                places.marked.line_of(("rubric", index, "id")),
                "duplicate-id",
                f"There are two criteria '{criterion.id}'.",
                "Give one another id.",
            )
        if criterion.cell not in people:
            gathering.unknown(places.lab, line, "cell", criterion.cell, people)
        points = [rung.points for rung in criterion.levels]
        if points != sorted(set(points)) or points[0] != 0:
            gathering.error(
                places.lab,
                places.marked.line_of(("rubric", index, "levels")),
                "rubric-levels",
                f"The levels of '{criterion.id}' must begin at 0 points and rise.",
                "Put them from least to most.",
            )
        best[criterion.cell] = best.get(criterion.cell, 0) + max(points)
    for grade_id, cell in people.items():
        if grade_id not in best:
            gathering.error(
                places.notebook,
                cell.line,
                "no-rubric",
                f"Cell {grade_id} is marked by a person, but no criterion of lab.yaml says how.",
                "Add one to its rubric.",
            )
        elif best[grade_id] != cell.points:
            gathering.error(
                places.notebook,
                cell.line,
                "rubric-points",
                f"Cell {grade_id} is worth {cell.points:g}, but its criteria's best levels make {best[grade_id]}.",
            )


def _check_names(places: Places, written: schema.Lab, notebook: Notebook, gathering: Gathering) -> None:
    answers = "\n".join(
        cell.source for cell in notebook.cells if cell.kind == "code" and cell.role in {"answer", "given"}
    )
    words = set(re.findall(r"\w+", answers))
    for index, name in enumerate(written.names):
        if name not in words:
            gathering.error(
                places.lab,
                places.marked.line_of(("names", index)),
                "unknown-name",
                f"No cell of the notebook defines '{name}'.",
                "Tests could not fetch it.",
            )
