"""Checks of the clock: in order, adding up, within the limit, neither to come nor older than the work itself."""

from datetime import datetime, timedelta
from itertools import pairwise

from lms.labs.evidence.job import Job, Run, Step
from lms.labs.evidence.pieces import Place
from lms.labs.evidence.quantities import UNFINISHED, Unlimited
from lms.labs.evidence.reading import Reading
from lms.labs.evidence.verdict import Check, Circumstances, Verdict, apart, places, span_of, verdict_of
from lms.words import gettext as _

GRACE = 300
"""Seconds a job may outlive its limit: limits are looked at now and then (a job of 60 s was seen to live 73 s), KillWait and the site's
OverTimeLimit come on top."""
AN_HOUR = 3600
SLACK = 2  # seconds; records round each by itself


def order(reading: Reading, _about: Circumstances) -> Check:
    wrong: list[Place] = []
    told = False
    for run in reading.job.runs:
        for earlier, later in ((run.submit, run.start), (run.start, run.end)):
            if earlier is None or later is None or (seconds := apart(earlier, later)) is None:
                continue
            told = True
            if seconds < 0:
                wrong.append(run.place)
    runs = [run for run in reading.job.runs if run.start is not None]
    for before, after in pairwise(runs):
        if before.end and after.start and (apart(before.end, after.start) or 0) < 0:
            wrong.append(after.place)
    verdict = verdict_of(wrong, told=told)
    words = {
        Verdict.CONSISTENT: _("Submitted before it started, started before it ended, each time."),
        Verdict.CONTRADICTS: _("A job cannot start before it is submitted, nor end before it starts."),
        Verdict.UNKNOWN: _("The record has no two of Submit, Start and End to compare."),
    }
    rests = wrong or [run.place for run in reading.job.runs]
    return Check("order", _("Moments in order"), verdict, words[verdict], places(*rests))


def elapsed(reading: Reading, _about: Circumstances) -> Check:
    timed: list[Run | Step] = [
        each
        for run in reading.job.runs
        for each in _timed(run)
        if each.start and each.end and each.elapsed is not None
    ]
    wrong, clocks, told = [], 0, False
    for each in timed:
        assert each.start is not None
        assert each.end is not None
        assert each.elapsed is not None
        took = apart(each.start, each.end)
        if took is None:
            continue
        told = True
        difference = took - each.elapsed - ((each.suspended or 0) if isinstance(each, Run) else 0)
        if abs(abs(difference) - AN_HOUR) <= SLACK and each.start.tzinfo is None:
            clocks += 1  # the clock went forward or back meanwhile
        elif abs(difference) > SLACK:
            wrong.append(each.place)
    verdict = verdict_of(wrong, told=told and not clocks)
    words = {
        Verdict.CONSISTENT: _("Each Elapsed is End less Start."),
        Verdict.CONTRADICTS: _("Elapsed is not End less Start."),
        Verdict.UNKNOWN: _(
            "Elapsed and the clock differ by exactly an hour: the clock may have changed that night."
        )
        if clocks
        else _("The record has not all of Start, End and Elapsed."),
    }
    rests = wrong or [each.place for each in timed][:6]
    return Check("elapsed", _("Durations add up"), verdict, words[verdict], places(*rests))


def within_limit(reading: Reading, _about: Circumstances) -> Check:
    job = reading.job
    title, place = _("Within its time limit"), places(job.place)
    if isinstance(job.limit, Unlimited):
        return Check("limit", title, Verdict.CONSISTENT, _("The job had no limit of its own."), place)
    runs = [run for run in job.runs if run.elapsed is not None]
    if job.limit is None or not runs:
        return Check("limit", title, Verdict.UNKNOWN, _("The record lacks Timelimit or Elapsed."), place)
    over = [run for run in runs if (run.elapsed or 0) > job.limit + GRACE]
    if over:
        words = _("It ran longer than Slurm lets a job run beyond its limit.")
        return Check("limit", title, Verdict.CONTRADICTS, words, places(*(run.place for run in over)))
    if job.last.state == "TIMEOUT" and (job.last.elapsed or 0) < job.limit:
        words = _("It is said to have met its limit, and ended before it.")
        return Check("limit", title, Verdict.CONTRADICTS, words, places(job.last.place))
    return Check(
        "limit", title, Verdict.CONSISTENT, _("Elapsed and limit fit each other and the state."), place
    )


def past(reading: Reading, about: Circumstances) -> Check:
    job = reading.job
    title = _("Over when it was handed in")
    if job.last.state in UNFINISHED:
        words = _("It had not ended when this was copied: what became of it is not in here.")
        return Check("past", title, Verdict.UNKNOWN, words, places(job.last.place))
    if job.last.end is None:
        return Check("past", title, Verdict.UNKNOWN, _("The record has no End."), places(job.last.place))
    earliest, latest = span_of(job.last.end, about.zone)
    tolerance = timedelta(minutes=5)
    if earliest > about.handed_in + tolerance:
        verdict, words = (
            Verdict.CONTRADICTS,
            _("It ends after it was handed in, wherever the machine's clock is."),
        )
    elif latest <= about.handed_in + tolerance:
        verdict, words = Verdict.CONSISTENT, _("It ended before it was handed in.")
    else:
        verdict, words = (
            Verdict.UNKNOWN,
            _("That depends on the zone of the machine's clock, which the record leaves out."),
        )
    return Check("past", title, verdict, words, places(job.last.place))


def since_begun(reading: Reading, about: Circumstances) -> Check:
    title = _("Not older than the work")
    first = reading.job.runs[0]
    moment = first.submit or first.start
    if moment is None:
        return Check(
            "begun",
            title,
            Verdict.UNKNOWN,
            _("The record has neither Submit nor Start."),
            places(first.place),
        )
    if about.begun is None:
        words = _("The lab was begun by handing evidence in, so its beginning tells nothing of the job.")
        return Check("begun", title, Verdict.UNKNOWN, words, places(first.place))
    earliest, latest = span_of(moment, about.zone)
    if latest < about.begun:
        verdict, words = (
            Verdict.CONTRADICTS,
            _("The job is older than the moment this learner began the lab."),
        )
    elif earliest >= about.begun:
        verdict, words = Verdict.CONSISTENT, _("Submitted after this learner began the lab.")
    else:
        verdict, words = (
            Verdict.UNKNOWN,
            _("That depends on the zone of the machine's clock, which the record leaves out."),
        )
    return Check("begun", title, verdict, words, places(first.place))


def log_moments(reading: Reading, about: Circumstances) -> Check:
    dated = [event for event in reading.log.events if event.at] if reading.log else []
    cuts = reading.log.cuts if reading.log else ()
    lists_last_only = len(reading.job.runs) == 1
    wrong, told = [], False
    for event in dated:
        assert event.at is not None
        known = [
            inside for run in reading.job.runs if (inside := _is_inside(event.at, run, about)) is not None
        ]
        # sacct without --duplicates lists the last run only: what cut an earlier one short lies outside it, rightly.
        if lists_last_only and any(event.place.line <= cut.place.line for cut in cuts):
            continue
        told = told or bool(known)
        if known and not any(known):
            wrong.append(event.place)
    verdict = verdict_of(wrong, told=told)
    words = {
        Verdict.CONSISTENT: _(
            "Every moment Slurm wrote into the log lies between a start and an end of the job."
        ),
        Verdict.CONTRADICTS: _("Slurm's own lines in the log are of a time in which the job did not run."),
        Verdict.UNKNOWN: _(
            "The log has no line of Slurm's with a moment, or the record has no times to compare it with."
        ),
    }
    rests = wrong or [event.place for event in dated][:6]
    return Check(
        "log-moments", _("The log's moments lie in the job"), verdict, words[verdict], places(*rests)
    )


def steps(reading: Reading, _about: Circumstances) -> Check:
    """A step lives within its job, on nodes of its job, with no more GPUs than its job."""
    job, wrong, told = reading.job, [], False
    for run in job.runs:
        for step in run.steps:
            told = True
            if not _is_within(step, run, job):
                wrong.append(step.place)
    verdict = verdict_of(wrong, told=told)
    words = {
        Verdict.CONSISTENT: _("Each step lies in its job: in time, on its nodes, with its GPUs."),
        Verdict.CONTRADICTS: _(
            "A step lies outside its job: in time, on another node, or with more than the job had."
        ),
        Verdict.UNKNOWN: _("The record lists no steps. sacct lists them unless -X is given."),
    }
    rests = wrong or [step.place for step in job.last.steps][:6]
    return Check("steps", _("Steps fit their job"), verdict, words[verdict], places(*rests))


def _timed(run: Run) -> tuple[Run | Step, ...]:
    return (run, *run.steps)


def _is_within(step: Step, run: Run, job: Job) -> bool:
    if step.start and run.start and (apart(run.start, step.start) or 0) < -SLACK:
        return False
    if (
        step.end and run.end and (apart(step.end, run.end) or 0) < -SLACK - 60
    ):  # a step may be reaped after its job
        return False
    if step.nodes and job.nodes and len(job.runs) == 1 and not job.nodes.covers(step.nodes):
        return False
    if step.node_count is not None and job.node_count is not None and step.node_count > job.node_count:
        return False
    return step.gpus is None or job.gpus is None or step.gpus <= job.gpus


def _is_inside(at: datetime, run: Run, about: Circumstances) -> bool | None:
    """Whether a moment of the log lies in a run; None where no clock says."""
    if run.start is None or run.end is None:
        return None
    if (before := apart(run.start, at)) is not None and (after := apart(at, run.end)) is not None:
        return before >= -SLACK and after >= -60  # slurmstepd writes its last lines while the job ends
    earliest, latest = span_of(at, about.zone)
    start, end = span_of(run.start, about.zone)[0], span_of(run.end, about.zone)[1]
    if latest < start - timedelta(seconds=SLACK) or earliest > end + timedelta(seconds=60):
        return False
    return True if about.zone else None
