"""Checks of what was asked against what was given. An option on the command line wins over the script's, so a difference wants a word."""

from collections.abc import Iterator
from dataclasses import dataclass

from lms.labs.evidence.pieces import Place
from lms.labs.evidence.quantities import Unlimited, clock_of
from lms.labs.evidence.reading import Reading
from lms.labs.evidence.verdict import Check, Circumstances, Verdict, places
from lms.words import gettext as _


@dataclass(frozen=True)
class Pair:
    """One thing asked and given, as texts; "" for what nobody said. `agree` is None where that cannot be told."""

    name: str
    title: str
    asked: str
    given: str
    agree: bool | None
    rests: tuple[Place, ...]


def pairs(reading: Reading) -> Iterator[Pair]:
    """What a script can ask for beside what the record says was given."""
    script, job = reading.script, reading.job
    place = job.place

    def pair(
        name: str, title: str, asked: object, given: object, options: tuple[str, ...], *, agree: bool | None
    ) -> Pair:
        return Pair(
            name,
            title,
            _text(asked),
            _text(given),
            agree,
            places(script.place(*options) if script else None, place),
        )

    nodes = script.nodes if script else None
    yield pair("nodes", _("Nodes"), nodes, job.node_count, ("nodes",), agree=_at_least(nodes, job.node_count))
    tasks, launched = script.tasks if script else None, _tasks(reading)
    options: tuple[str, ...] = ("ntasks", "ntasks-per-node")
    yield pair("tasks", _("Tasks"), tasks, launched, options, agree=_same(tasks, launched))
    gpus = script.gpus if script else None
    options = ("gpus", "gpus-per-node", "gres", "gpus-per-task")
    yield pair("gpus", _("GPUs"), gpus, job.gpus, options, agree=_at_least(gpus, job.gpus))
    limit = script.limit if script else None
    yield pair(
        "time", _("Time limit"), _clock(limit), _clock(job.limit), ("time",), agree=_same(limit, job.limit)
    )
    for name, title, option, given in (
        ("partition", _("Partition"), "partition", job.partition),
        ("account", _("Account"), "account", job.account),
        ("name", _("Name"), "job-name", job.name),
    ):
        asked = script.value(option) if script else ""
        yield pair(name, title, asked, given, (option,), agree=_fits(asked, given))


def as_asked(reading: Reading, _about: Circumstances) -> Iterator[Check]:
    """One check for each of the pairs that a script can ask for."""
    for pair in pairs(reading):
        if pair.agree is None:
            words = (
                _("Only one of script and record says it: script “%(asked)s”, record “%(given)s”.")
                if pair.asked or pair.given
                else _("Neither the script nor the record says it.")
            )
            verdict = Verdict.UNKNOWN
        elif pair.agree:
            words, verdict = _("The script asks for %(asked)s, and %(given)s was given."), Verdict.CONSISTENT
        else:
            verdict = Verdict.CONTRADICTS
            words = _(
                "The script asks for %(asked)s, and %(given)s was given. An option on sbatch's command line would explain it: ask for it."
            )
        filled = words % {"asked": pair.asked or "–", "given": pair.given or "–"}
        yield Check(
            f"asked-{pair.name}", _("Asked and given: %(what)s", what=pair.title), verdict, filled, pair.rests
        )


def _tasks(reading: Reading) -> int | None:
    """The most tasks that one step had, batch and extern left out; else what scontrol says."""
    launched = [
        step.tasks
        for step in reading.job.last.steps
        if step.tasks is not None and step.id not in ("batch", "extern", "interactive")
    ]
    return max(launched, default=reading.job.tasks)


def _at_least(asked: int | None, given: int | None) -> bool | None:
    """For what may rightly be more than asked: a range of nodes, the GPUs of whole nodes."""
    return None if asked is None or given is None else given >= asked


def _same(asked: object, given: object) -> bool | None:
    return None if asked is None or given is None else asked == given


def _fits(asked: str, given: str) -> bool | None:
    """Whether two names are the same; a narrow column cuts one, and several partitions may be asked for."""
    if not asked or not given:
        return None
    if given.endswith("+"):
        return any(each.startswith(given[:-1]) for each in asked.split(","))
    return given in asked.split(",")


def _clock(limit: int | Unlimited | None) -> str:
    match limit:
        case None:
            return ""
        case Unlimited():
            return _("none")
        case _:
            return clock_of(limit)


def _text(value: object) -> str:
    return "" if value is None else str(value)
