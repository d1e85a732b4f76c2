"""Does a claim hold together? A list of rules to read aloud. None decides: each gives a mentor a word and the lines it rests on."""

from collections.abc import Callable

from lms.labs.evidence import check_given, check_nodes, check_times
from lms.labs.evidence.job import Job, Run, Step
from lms.labs.evidence.log import id_in_name
from lms.labs.evidence.reading import Reading
from lms.labs.evidence.verdict import Check, Circumstances, Verdict, apart, places, verdict_of
from lms.words import gettext as _


def one_job(reading: Reading, _about: Circumstances) -> Check:
    job, log = reading.job, reading.log
    title = _("One job throughout")
    if log is None:
        return Check(
            "job", title, Verdict.UNKNOWN, _("There is no log to compare the record with."), places(job.place)
        )
    wrong = [event.place for event in log.events if event.job and not _is_of(event.job, job)]
    named = [each for each in (log.job, id_in_name(job.log)) if each]
    stray = [each for each in named if not _is_of(each, job)]
    if stray:
        words = _("The log's name is of job %(other)s, the record of job %(id)s.", other=stray[0], id=job.id)
        return Check("job", title, Verdict.CONTRADICTS, words, places(*wrong, job.place))
    if wrong:
        words = _(
            "Slurm's own lines in the log name another job than the record, which is of %(id)s.", id=job.id
        )
        return Check("job", title, Verdict.CONTRADICTS, words, places(*wrong, job.place))
    lines = [event.place for event in log.events if event.job]
    if not named and not lines:
        words = _("Neither the log's name nor a line of Slurm's in it says which job wrote it.")
        return Check("job", title, Verdict.UNKNOWN, words, places(job.place))
    words = _("The log and the record are both of job %(id)s.", id=job.id)
    return Check("job", title, Verdict.CONSISTENT, words, places(*lines[:3], job.place))


def records_agree(reading: Reading, _about: Circumstances) -> Check:
    """Exit codes are left out: scontrol and sacct write them differently (137:0 and 9:0 for the same kill, seen in 22.05)."""
    jobs = [record.jobs[0] for record in reading.records]
    title = _("Records agree")
    if len(jobs) < 2:
        return Check("records", title, Verdict.UNKNOWN, _("There is one record only."), places(jobs[0].place))
    first, wrong = jobs[0], []
    for other in jobs[1:]:
        pairs: list[tuple[object, object]] = [
            (first.last.state, other.last.state), (first.last.elapsed, other.last.elapsed), (first.limit, other.limit),
            (first.node_count, other.node_count), (first.nodes, other.nodes), (first.cluster or None, other.cluster or None),
        ]  # fmt: skip
        moments = [(first.last.start, other.last.start), (first.last.end, other.last.end)]
        if any(None not in pair and pair[0] != pair[1] for pair in pairs) or any(
            a is not None and b is not None and apart(a, b) not in (None, 0) for a, b in moments
        ):
            wrong.append(other.place)
    verdict = verdict_of(wrong, told=True)
    words = (
        _("State, moments, limit or nodes differ between the records.")
        if wrong
        else _("All records say the same of state, moments, limit and nodes.")
    )
    return Check(
        "records", title, verdict, words, places(first.place, *(wrong or [job.place for job in jobs[1:]]))
    )


def state_and_exit(reading: Reading, _about: Circumstances) -> Check:
    wrong, told = [], False
    for run in reading.job.runs:
        ends: tuple[Run | Step, ...] = (run, *run.steps)
        for each in ends:
            if each.state is None or each.exit is None:
                continue
            told = True
            clean = (each.exit.code, each.exit.signal) == (0, 0)
            if (each.state == "COMPLETED" and not clean) or (each.state == "FAILED" and clean):
                wrong.append(each.place)
        batch = next((step for step in run.steps if step.id == "batch"), None)
        if batch and run.state == "COMPLETED" and batch.state not in (None, "COMPLETED"):
            told = True
            wrong.append(batch.place)
    verdict = verdict_of(wrong, told=told)
    words = {
        Verdict.CONSISTENT: _("States and exit codes fit each other."),
        Verdict.CONTRADICTS: _(
            "COMPLETED goes with 0:0 and FAILED with anything else; a job is no better than its batch step."
        ),
        Verdict.UNKNOWN: _("The record has no exit code to rely on."),
    }
    rests = wrong or [reading.job.last.place]
    return Check("exit", _("State and exit code"), verdict, words[verdict], places(*rests))


def state_and_log(reading: Reading, _about: Circumstances) -> Check:
    job, log, title = reading.job, reading.log, _("State and log")
    if log is None or job.last.state is None:
        return Check(
            "state", title, Verdict.UNKNOWN, _("There is no log, or no state."), places(job.last.place)
        )
    state = job.last.state
    limit = [event for event in log.last_run if event.kind == "limit"]
    cancelled = [event for event in log.last_run if event.kind == "cancelled" and event.whole]
    memory = [event for event in log.last_run if event.kind == "memory"]
    shown = limit or cancelled or memory
    rests = places(*(event.place for event in shown[:3]), job.last.place)
    if limit and any(event.whole for event in limit) and state not in ("TIMEOUT", "REQUEUED", "DEADLINE"):
        words = _("Slurm wrote that the job met its time limit, and the record says %(state)s.", state=state)
        return Check("state", title, Verdict.CONTRADICTS, words, rests)
    if cancelled and state in ("COMPLETED", "TIMEOUT", "OUT_OF_MEMORY"):
        words = _("Slurm wrote that the job was cancelled, and the record says %(state)s.", state=state)
        return Check("state", title, Verdict.CONTRADICTS, words, rests)
    expected = {"TIMEOUT": limit, "CANCELLED": cancelled, "OUT_OF_MEMORY": memory}.get(state)
    if expected is not None and not expected:
        words = _(
            "The record says %(state)s, of which Slurm usually leaves a line in the log: there is none.",
            state=state,
        )
        return Check("state", title, Verdict.UNKNOWN, words, rests)
    words = _("Nothing Slurm wrote into the log speaks against %(state)s.", state=state)
    return Check("state", title, Verdict.CONSISTENT, words, rests)


def restarts(reading: Reading, _about: Circumstances) -> Check:
    job, log, title = reading.job, reading.log, _("Starts counted")
    counted = job.restarts if job.restarts is not None else (len(job.runs) - 1 if len(job.runs) > 1 else None)
    if len(job.runs) > 1 and job.restarts is not None and job.restarts != len(job.runs) - 1:
        words = _(
            "The records list %(runs)s starts and count %(restarts)s restarts.",
            runs=len(job.runs),
            restarts=job.restarts,
        )
        return Check("restarts", title, Verdict.CONTRADICTS, words, places(*(run.place for run in job.runs)))
    if log is None or counted is None:
        words = _("The record does not say how often the job was started: sacct needs --duplicates for that.")
        return Check("restarts", title, Verdict.UNKNOWN, words, places(job.place))
    cuts = len(log.cuts)
    rests = places(*(event.place for event in log.cuts), *(run.place for run in job.runs))
    if cuts == counted:
        words = _("The log was cut as often as the job was started anew: %(count)s times.", count=cuts)
        return Check("restarts", title, Verdict.CONSISTENT, words, rests)
    if cuts < counted and not (reading.script and reading.script.value("open-mode").startswith("a")):
        words = _(
            "The log is cut fewer times than the job was started anew: without --open-mode=append each start begins it afresh."
        )
        return Check("restarts", title, Verdict.UNKNOWN, words, rests)
    words = _(
        "The job was started anew %(count)s times, and the log was cut %(cuts)s times.",
        count=counted,
        cuts=cuts,
    )
    return Check("restarts", title, Verdict.CONTRADICTS, words, rests)


def only_here(reading: Reading, about: Circumstances) -> Check:
    title = _("Handed in by nobody else")
    if not about.elsewhere:
        words = _("No file of this claim, and no record of this job, came from anybody else.")
        return Check("elsewhere", title, Verdict.CONSISTENT, words)
    verdict = Verdict.CONTRADICTS if any(each.is_sure for each in about.elsewhere) else Verdict.UNKNOWN
    found = "; ".join(
        _(
            "%(person)s, lab %(lab)s, claim %(claim)s",
            person=each.person,
            lab=each.lab_id,
            claim=each.claim_id,
        )
        for each in about.elsewhere[:5]
    )
    same = {each.same for each in about.elsewhere}
    if verdict is Verdict.CONTRADICTS:
        words = _(
            "The same file or job came from somebody else too: %(found)s. Colleagues may share a job; ask whose it was.",
            found=found,
        )
    elif same == {"file"}:
        words = _(
            "An equal log came from somebody else, too short to tell anything: %(found)s.",
            found=found,
        )
    elif same == {"job"}:
        words = _(
            "A job of the same number came from somebody else, perhaps of another machine: %(found)s.",
            found=found,
        )
    else:
        words = _(
            "A job of the same number, or an equal log too short to tell anything, came from somebody else: %(found)s.",
            found=found,
        )
    return Check("elsewhere", title, verdict, words, places(reading.job.place))


RULES: tuple[Callable[[Reading, Circumstances], Check], ...] = (
    one_job,
    records_agree,
    state_and_exit,
    state_and_log,
    check_times.order,
    check_times.elapsed,
    check_times.within_limit,
    check_times.past,
    check_times.since_begun,
    check_times.log_moments,
    check_times.steps,
    restarts,
    check_nodes.counted,
    check_nodes.of_the_machine,
)


def checks_of(reading: Reading, about: Circumstances) -> tuple[Check, ...]:
    """Every rule's word, in the order a mentor reads them."""
    return (
        *(rule(reading, about) for rule in RULES),
        *check_given.as_asked(reading, about),
        only_here(reading, about),
    )


def _is_of(named: str, job: Job) -> bool:
    """Whether an id in a log is the job's. Tasks of an array have plain numbers of their own too, by which a log may name them; the log of
    a heterogeneous job names any of its parts.
    """
    if named == job.id or ("_" in job.id and named.isdecimal()):
        return True
    return "+" in job.id and named.partition("+")[0] == job.number
