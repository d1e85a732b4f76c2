"""`scontrol show job` as text, and the lines jobcomp/filetxt writes, which are its like: Key=Value, where a value may hold blanks."""

import re
from collections.abc import Iterator

from lms.labs.evidence.job import Job, Record, Run
from lms.labs.evidence.nodes import nodes_of
from lms.labs.evidence.pieces import Piece, Place, Unreadable
from lms.labs.evidence.quantities import count_of, gpus_of, is_open, moment_of, state_of
from lms.labs.evidence.rows import Row
from lms.words import gettext as _

MOST_JOBS = 500
_KEY = re.compile(r"(?:^|\s)([A-Za-z][\w/:]*)=")
# Our columns' names for scontrol's keys, so that one reader of values serves both.
_COLUMNS = {
    "JobName": "jobname", "Name": "jobname", "JobState": "state", "ExitCode": "exitcode", "SubmitTime": "submit", "StartTime": "start",
    "EndTime": "end", "RunTime": "elapsed", "Partition": "partition", "Account": "account", "Cluster": "cluster",
    "NodeList": "nodelist", "NumNodes": "nnodes", "NodeCnt": "nnodes", "NumTasks": "ntasks", "AllocTRES": "alloctres",
    "TRES": "alloctres", "Tres": "alloctres", "Restarts": "restarts", "StdOut": "stdout", "ArrayJobId": "arrayjobid",
    "ArrayTaskId": "arraytaskid", "UserId": "user", "JobId": "jobid",
}  # fmt: skip


def is_control(piece: Piece) -> bool:
    return any(line.lstrip().startswith("JobId=") for line in piece.lines[:60])


def read_control(piece: Piece) -> Record:
    """Raises Unreadable."""
    jobs = tuple(_job(row) for row in _rows(piece))
    if not jobs:
        raise Unreadable(
            piece.name, 1, _("It tells of no job. Copy the output of `scontrol show job JOBID`.")
        )
    return Record("scontrol", piece.name, jobs)


def _rows(piece: Piece) -> Iterator[Row]:
    """One row for each JobId=, with everything up to the next."""
    begun: int | None = None
    values: dict[str, str] = {}
    count = 0
    for number, line in enumerate(piece.lines, 1):
        if line.lstrip().startswith("JobId="):
            if begun is not None:
                yield Row(Place(piece.name, begun), values)
            begun, values, count = number, {}, count + 1
            if count > MOST_JOBS:
                message = _("It tells of more than %(limit)s jobs. Name the one you mean.", limit=MOST_JOBS)
                raise Unreadable(piece.name, number, message)
        if begun is not None:
            values |= _values(line)
    if begun is not None:
        yield Row(Place(piece.name, begun), values)


def _values(line: str) -> dict[str, str]:
    keys = list(_KEY.finditer(line))
    found: dict[str, str] = {}
    for at, match in enumerate(keys):
        end = keys[at + 1].start() if at + 1 < len(keys) else len(line)
        value = line[match.end() : end].strip()
        if match[1] == "TimeLimit":  # jobcomp writes minutes, scontrol a duration
            found["timelimitraw" if value.isdecimal() else "timelimit"] = value
        elif match[1] in _COLUMNS and not is_open(value):
            found[_COLUMNS[match[1]]] = value
    return found


def _job(row: Row) -> Job:
    job_id, array, task = row.text("jobid"), row.text("arrayjobid"), row.text("arraytaskid")
    if not _is_number(job_id):
        message = _(
            "“%(value)s” is no job's id. Copy the output of `scontrol show job JOBID`.", value=job_id[:60]
        )
        raise Unreadable(row.place.piece, row.place.line, message)
    is_task = _is_number(array) and _is_number(task)
    run = Run(
        place=row.place,
        state=row.read(state_of, "state"),
        exit=row.exit,
        submit=row.read(moment_of, "submit"),
        start=row.read(moment_of, "start"),
        end=row.read(moment_of, "end"),
        elapsed=row.elapsed,
    )
    return Job(
        id=f"{int(array)}_{int(task)}" if is_task else str(int(job_id)),
        place=row.place,
        runs=(run,),
        name=row.text("jobname"),
        cluster=row.text("cluster"),
        user=row.text("user").partition("(")[0],
        partition=row.text("partition"),
        account=row.text("account"),
        limit=row.limit,
        node_count=row.read(count_of, "nnodes"),
        nodes=row.read(nodes_of, "nodelist"),
        tasks=row.read(count_of, "ntasks"),
        gpus=row.read(gpus_of, "alloctres"),
        restarts=row.read(count_of, "restarts"),
        log=row.text("stdout"),
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 13
