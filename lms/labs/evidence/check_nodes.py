"""Checks of the nodes: as many as counted, none but the job's in the log, and named as those of the machine are."""

from lms.labs.evidence.nodes import Nodes, node_of, nodes_of
from lms.labs.evidence.reading import Reading
from lms.labs.evidence.verdict import Check, Circumstances, Verdict, places, verdict_of
from lms.words import gettext as _


def counted(reading: Reading, _about: Circumstances) -> Check:
    job = reading.job
    title = _("Nodes counted and named")
    known = job.nodes
    seen = [event for event in reading.log.events if event.node] if reading.log else []
    wrong = [
        event.place
        for event in seen
        if known is not None and len(job.runs) == 1 and not known.covers(node_of(event.node))
    ]
    if known is not None and job.node_count is not None and len(known) != job.node_count:
        wrong.append(job.place)
    told = job.nodes is not None and (job.node_count is not None or bool(seen))
    verdict = verdict_of(wrong, told=told)
    words = {
        Verdict.CONSISTENT: _("As many nodes as the record counts, and the log names no other."),
        Verdict.CONTRADICTS: _(
            "The list of nodes is not as long as the record counts, or the log names a node the job did not have."
        ),
        Verdict.UNKNOWN: _("The record has no list of nodes."),
    }
    return Check("nodes", title, verdict, words[verdict], places(*wrong, job.place))


def of_the_machine(reading: Reading, about: Circumstances) -> Check:
    """Descriptions of machines age: only a name of quite another shape contradicts, and none where the names described are ours."""
    job, machine = reading.job, about.machine
    title = _("Nodes of the machine")
    if machine is None or not job.nodes:
        words = _("The lab names no machine, or the record no nodes.")
        return Check("machine", title, Verdict.UNKNOWN, words, places(job.place))
    about_it = {"machine": machine.title, "day": machine.checked_on}
    per_node = max(kind.gpus for kind in machine.nodes)
    if job.gpus is not None and job.node_count and job.gpus > job.node_count * per_node:
        words = _(
            "The job had more GPUs than so many nodes of %(machine)s have (described on %(day)s).", **about_it
        )
        return Check("machine", title, Verdict.CONTRADICTS, words, places(job.place))
    if not machine.names_known:
        words = _("The names of the nodes of %(machine)s are not known to us.", **about_it)
        return Check("machine", title, Verdict.UNKNOWN, words, places(job.place))
    described = [kind.names for kind in machine.nodes]
    named = nodes_of(",".join(described)) or Nodes(())
    strange = named.missing(job.nodes)
    if not strange:
        words = _("%(machine)s names its nodes so (described on %(day)s).", **about_it)
        return Check("machine", title, Verdict.CONSISTENT, words, places(job.place))
    node = Nodes(strange).names(1)[0]
    if {each.kind for each in strange} <= {each.kind for each in named.ranges}:
        words = _(
            "“%(node)s” is named as the nodes of %(machine)s are, but is not among those described on %(day)s.",
            node=node,
            **about_it,
        )
        return Check("machine", title, Verdict.UNKNOWN, words, places(job.place))
    words = _(
        "No node of %(machine)s is named like “%(node)s”, as described on %(day)s: %(names)s. Machines change: look before you conclude.",
        node=node[:60],
        names=", ".join(described[:3]),
        **about_it,
    )
    return Check("machine", title, Verdict.CONTRADICTS, words, places(job.place))
