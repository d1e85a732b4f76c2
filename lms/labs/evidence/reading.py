"""Up to three pieces become one reading: what was asked, what Slurm recorded, what the log shows, all of one job."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lms.errors import Invalid
from lms.labs.evidence.control import is_control, read_control
from lms.labs.evidence.export import read_export
from lms.labs.evidence.job import Job, Record
from lms.labs.evidence.log import Log, read_log
from lms.labs.evidence.pieces import MOST_PIECES, Piece, Unreadable
from lms.labs.evidence.rows import SHORT
from lms.labs.evidence.script import Script, is_script, read_script
from lms.labs.evidence.seff import is_seff, read_seff
from lms.labs.evidence.table import header_of, is_headless, read_table
from lms.words import gettext as _


@dataclass(frozen=True)
class Reading:
    """`job` is the one claimed, as the fullest record has it, with what only another record says filled in.
    `records` hold that job only, fullest first.
    """

    script: Script | None
    log: Log | None
    records: tuple[Record, ...]
    job: Job


def read(pieces: Sequence[Piece]) -> Reading:
    """Raises Unreadable for a piece that cannot be read, Invalid when together they tell of no one job."""
    if len(pieces) > MOST_PIECES:
        raise Invalid(
            _("At most %(limit)s files: the script, the log, and what Slurm recorded.", limit=MOST_PIECES)
        )
    found = [_read(piece) for piece in pieces]
    scripts = [each for each in found if isinstance(each, Script)]
    logs = [each for each in found if isinstance(each, Log)]
    records = [each for each in found if isinstance(each, Record)]
    for several, what in ((scripts, _("scripts")), (logs, _("logs"))):
        if len(several) > 1:
            message = _("These are two %(what)s. Hand in one of each kind, of one job.", what=what)
            raise Unreadable(several[1].piece, 0, message)
    if not records:
        raise Invalid(
            _(
                "None of these is Slurm's own record of the job. Add the output of: %(advice)s. Where the site keeps no accounts, "
                "`scontrol show job JOBID` within minutes of the job's end does as well.",
                advice=SHORT,
            )
        )
    log = logs[0] if logs else None
    job_id = _the_job(records, log)
    chosen = [
        replace(record, jobs=tuple(job for job in record.jobs if job.id == job_id)) for record in records
    ]
    kept = sorted((record for record in chosen if record.jobs), key=_fullness)
    stray = next((record for record in chosen if not record.jobs), None)
    if stray is not None:
        message = _(
            "It does not tell of job %(id)s, of which the others are. Hand in files of one job.", id=job_id
        )
        raise Unreadable(stray.piece, 0, message)
    return Reading(
        scripts[0] if scripts else None, log, tuple(kept), _merged([each.jobs[0] for each in kept])
    )


def _read(piece: Piece) -> Script | Log | Record:
    if piece.text.lstrip()[:1] in ("{", "["):
        return read_export(piece)
    if is_script(piece):
        return read_script(piece)
    if is_control(piece):
        return read_control(piece)
    if is_seff(piece):
        return read_seff(piece)
    if header_of(piece) is not None or is_headless(piece):
        return read_table(piece)
    return read_log(piece)


def _fullness(record: Record) -> tuple[int, int]:
    """Sorts the record that knows most first: sacct knows the steps, scontrol the times, seff neither."""
    return ("sacct", "scontrol", "seff").index(record.form), -sum(
        len(run.steps) for run in record.jobs[0].runs
    )


def _the_job(records: Sequence[Record], log: Log | None) -> str:
    """The id of the job all this is about. Raises Unreadable when a record lists several and nothing says which."""
    named = [log.job, *(event.job for event in log.events)] if log else []
    named += [record.jobs[0].id for record in records if len(record.jobs) == 1]
    record = records[0]
    ids = [job.id for job in record.jobs]
    if len(ids) == 1:
        return ids[0]
    for each in named:
        if each in ids:
            return each
    if len({job.number for job in record.jobs}) == 1:  # the tasks of one array: the first stands for them
        return ids[0]
    message = _(
        "It lists %(count)s jobs, and nothing says which one you mean. Name it with -j JOBID.", count=len(ids)
    )
    raise Unreadable(record.piece, record.jobs[0].place.line, message)


def _merged(jobs: Sequence[Job]) -> Job:
    """The first of these, with what it leaves open taken from the others."""
    job = jobs[0]
    for other in jobs[1:]:
        open_fields = {
            name: getattr(other, name)
            for name in (
                "name", "cluster", "user", "partition", "account", "limit", "node_count", "nodes", "tasks", "gpus", "restarts", "log",
            )
            if getattr(job, name) in (None, "")
        }  # fmt: skip
        run = job.last
        open_run = {
            name: getattr(other.last, name)
            for name in ("state", "exit", "submit", "start", "end", "elapsed")
            if getattr(run, name) is None
        }
        job = replace(job, **open_fields, runs=(*job.runs[:-1], replace(run, **open_run)))
    return job
