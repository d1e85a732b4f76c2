"""The summary that `seff JOBID` prints: no times of day, but state, nodes and how long it took."""

import re

from lms.labs.evidence.job import Job, Record, Run, find_id
from lms.labs.evidence.pieces import Piece, Place, Unreadable
from lms.labs.evidence.quantities import Exit, count_of, seconds_of, state_of
from lms.labs.evidence.rows import Row
from lms.words import gettext as _

_LINE = re.compile(r"\s*([A-Z][\w/ -]{1,40}):\s(.*)")
_STATE = re.compile(
    r"(?P<state>[A-Z_]+)(?: by \S+)?(?: \((?:exit code|signal) (?P<code>\d{1,5})\))?", re.ASCII
)


def is_seff(piece: Piece) -> bool:
    return any(line.startswith(("Job ID: ", "Array Job ID: ")) for line in piece.lines[:60])


def read_seff(piece: Piece) -> Record:
    """Raises Unreadable."""
    values: dict[str, str] = {}
    first = 0
    for number, line in enumerate(piece.lines[:200], 1):
        if match := _LINE.fullmatch(line):
            first = first or number
            values.setdefault(match[1].casefold(), match[2].strip())
    place = Place(piece.name, first or 1)
    row = Row(place, values)
    found = find_id(row.text("array job id", "job id"))
    said = _STATE.match(row.text("state"))
    if found is None or said is None:
        message = _("It names no job or no state. Copy the whole output of `seff JOBID`.")
        raise Unreadable(piece.name, place.line, message)
    state = Row(place, {"state": said["state"]}).read(state_of, "state")
    run = Run(
        place=place,
        state=state,
        exit=Exit(int(said["code"]), 0) if said["code"] and "exit code" in said[0] else None,
        elapsed=row.read(seconds_of, "job wall-clock time"),
    )
    job = Job(
        id=found.job,
        place=place,
        runs=(run,),
        cluster=row.text("cluster"),
        user=row.text("user/group").partition("/")[0],
        node_count=row.read(count_of, "nodes"),
    )
    return Record("seff", piece.name, (job,))
