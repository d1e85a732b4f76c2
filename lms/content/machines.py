"""`labs/machines/*.yaml`: machines whose Slurm answers for a lab, read, and everything that is wrong with them told by file and line."""

import re
from collections.abc import Iterator, Mapping

from lms.content import schema
from lms.content.gathering import Gathering
from lms.content.machine import Machine, MachineSource, NodeKind, Partition
from lms.content.marked import Marked, UnreadableError, read
from lms.content.validate import validate

FOLDER = "labs/machines/"
# Ten times the largest there is: a description must not cost the host more than the machine it describes.
MAX_NODES = 60_000
_HOSTLIST = re.compile(r"(?P<prefix>[a-z][a-z0-9-]*)\[(?P<low>[0-9]{1,7})-(?P<high>[0-9]{1,7})\]")


def read_machines(files: Mapping[str, bytes], gathering: Gathering) -> dict[str, Machine]:
    """Every machine of the tree by its id. One in which something is wrong is left out."""
    found: dict[str, Machine] = {}
    places: dict[str, str] = {}
    for path in sorted(files):
        if not (path.startswith(FOLDER) and path.endswith(".yaml")):
            continue
        gathering.keep(files[path], path)
        before = len(gathering.problems)
        marked, written = _read(path, files[path], gathering)
        if written is None:
            continue
        if written.id in places:
            line = marked.line_of(("id",))
            message = f"There are two machines '{written.id}': the other is in {places[written.id]}."
            gathering.error(path, line, "duplicate-id", message, "Give one another id.")
        places.setdefault(written.id, path)
        for place, code, message, hint in _wrong(written):
            gathering.error(path, marked.line_of(place), code, message, hint)
        if len(gathering.problems) == before:
            found[written.id] = machine_of(written)
    return found


def machine_of(written: schema.Machine) -> Machine:
    """The value of a description in which nothing is wrong."""
    return Machine(
        id=written.id,
        title=written.title,
        invented=written.invented,
        checked_on=written.checked_on.isoformat(),
        sources=tuple(MachineSource(each.title, each.date or "") for each in written.sources),
        unverified=tuple(written.unverified),
        account=written.account,
        time_limit_required=written.time_limit_required,
        nodes=tuple(
            NodeKind(
                each.id,
                each.names,
                len(_numbers(each.names)),
                each.cores,
                each.threads_per_core,
                each.memory_gb * 1024,
                each.gpus,
                each.gpu_type,
            )
            for each in written.nodes
        ),
        partitions=tuple(
            Partition(
                each.name,
                tuple(each.nodes),
                each.max_minutes,
                each.max_nodes,
                each.whole_nodes,
                each.default,
            )
            for each in written.partitions
        ),
        names_known=written.names_known,
    )


def _read(path: str, data: bytes, gathering: Gathering) -> tuple[Marked, schema.Machine | None]:
    try:
        marked = read(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        gathering.error(path, 1, "encoding", "This file is not UTF-8 text.", "Save it as UTF-8.")
        return Marked({}), None
    except UnreadableError as cause:
        gathering.error(path, cause.line, cause.code, cause.message, cause.hint)
        return Marked({}), None
    written, problems = validate(schema.Machine, marked, path)
    gathering.problems += problems
    return marked, written


Wrong = tuple[tuple[str | int, ...], str, str, str]


def _wrong(written: schema.Machine) -> Iterator[Wrong]:
    """(place, code, message, hint) of what a format cannot say."""
    yield from _wrong_nodes(written)
    yield from _wrong_partitions(written)
    if not written.invented and not written.sources:
        message = "A machine that is not invented must say where its figures come from."
        yield ("id",), "machine-sources", message, "List its sources, each with title and date."


def _wrong_nodes(written: schema.Machine) -> Iterator[Wrong]:
    total = 0
    for index, kind in enumerate(written.nodes):
        others = written.nodes[:index]
        if kind.id in {other.id for other in others}:
            message = f"There are two kinds of nodes '{kind.id}'."
            yield ("nodes", index, "id"), "duplicate-id", message, "Give one another id."
        numbers = _numbers(kind.names)
        total += len(numbers)
        if not numbers:
            message = (
                f"'{kind.names}' does not name nodes: the range is upside down, or its ends differ in width."
            )
            yield ("nodes", index, "names"), "machine-names", message, "Write it like nid[001001-001064]."
        elif clash := next((other for other in others if _overlap(kind.names, other.names)), None):
            message = f"Some nodes of '{kind.id}' are nodes of '{clash.id}' too."
            yield ("nodes", index, "names"), "machine-names", message, "Give them other numbers."
        if kind.gpu_type and not kind.gpus:
            message = f"The nodes '{kind.id}' have a type of GPU and no GPU."
            yield ("nodes", index, "gpu_type"), "machine-gpus", message, "Say gpus, or take the type out."
    if total > MAX_NODES:
        message = f"The machine has {total} nodes; more than {MAX_NODES} are not described here."
        yield ("nodes",), "machine-size", message, "Describe a part of it."


def _wrong_partitions(written: schema.Machine) -> Iterator[Wrong]:
    counts = {kind.id: len(_numbers(kind.names)) for kind in written.nodes}
    for index, partition in enumerate(written.partitions):
        before = written.partitions[:index]
        if partition.name in {other.name for other in before}:
            message = f"There are two partitions '{partition.name}'."
            yield ("partitions", index, "name"), "duplicate-id", message, "Keep one."
        if partition.default and any(other.default for other in before):
            message = "There are two default partitions."
            yield ("partitions", index, "default"), "machine-default", message, "Keep one."
        for number, name in enumerate(partition.nodes):
            if name not in counts:
                known = ", ".join(sorted(counts))
                message = f"There is no kind of nodes '{name}'."
                yield ("partitions", index, "nodes", number), "unknown-nodes", message, f"Known are {known}."
        there = sum(counts.get(name, 0) for name in set(partition.nodes))
        if partition.max_nodes is not None and partition.max_nodes > there:
            message = f"A job may have {partition.max_nodes} nodes of '{partition.name}', which has {there}."
            yield ("partitions", index, "max_nodes"), "machine-limit", message, "Lower it, or leave it out."


def _numbers(names: str) -> range:
    """The numbers in a hostlist; empty where it is none."""
    found = _HOSTLIST.fullmatch(names)
    if found is None or len(found["low"]) != len(found["high"]):
        return range(0)
    return range(int(found["low"]), int(found["high"]) + 1)


def _overlap(one: str, other: str) -> bool:
    first, second = _HOSTLIST.fullmatch(one), _HOSTLIST.fullmatch(other)
    if first is None or second is None or first["prefix"] != second["prefix"]:
        return False
    if len(first["low"]) != len(second["low"]):
        return False
    mine, theirs = _numbers(one), _numbers(other)
    return mine.start < theirs.stop and theirs.start < mine.stop
