"""What authors may write in YAML. Every key is listed here and no other is taken, so a typing mistake cannot hide.

Only checking and publishing import this module: a web process reads the catalogue that was made of it, not the files.
"""

from datetime import date
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400, pattern=r"^.*$")]
Minutes = Annotated[int, Field(ge=1, le=6_000)]
Points = Annotated[int, Field(ge=0, le=1_000)]
Percent = Annotated[int, Field(ge=1, le=100)]
Pattern = Annotated[
    str,
    StringConstraints(
        pattern=r"^[A-Za-z0-9_*?][A-Za-z0-9._*?-]*(/[A-Za-z0-9_*?][A-Za-z0-9._*?-]*)*$", max_length=200
    ),
]
Package = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$")]
FileName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*$")
]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


def _hub_address(text: str) -> str:
    if text.replace("{lab}", "").count("{") or text.replace("{lab}", "").count("}"):
        raise ValueError("the only placeholder is {lab}, which stands for the lab's id")
    return text


HubAddress = Annotated[
    str,
    StringConstraints(pattern=r"^https://[A-Za-z0-9][^\s\"'<>]*$", max_length=400),
    AfterValidator(_hub_address),
]
EscoUri = Annotated[
    str, StringConstraints(pattern=r"^http://data\.europa\.eu/esco/skill/[0-9A-Za-z-]+$", max_length=200)
]
PartitionName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,40}$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Track(Strict):
    id: Id
    title: Line
    summary: Text
    roles: list[Line] = []
    prerequisites: list[Id] = []
    courses: list[Id]


class Tracks(Strict):
    tracks: list[Track]


class Outcome(Strict):
    id: Id
    text: Line


class EscoSkill(Strict):
    uri: EscoUri
    title: Line


class Course(Strict):
    id: Id
    title: Line
    summary: Text
    level: Literal["introductory", "intermediate", "advanced"]
    minutes: Minutes
    prerequisites: list[Id] = []
    skills: list[Line] = []
    esco: list[EscoSkill] = []
    eqf: Annotated[int, Field(ge=1, le=8)] | None = None
    authors: list[Line] = []
    pass_mark: Percent = 70
    jupyterhub: HubAddress | None = None
    major: Annotated[int, Field(ge=1, le=1_000)] = 1
    outcomes: Annotated[list[Outcome], Field(min_length=1)]


class Lesson(Strict):
    id: Id
    title: Line
    summary: str = ""
    minutes: Minutes
    outcomes: list[Id] = []
    labs: list[Id] = []


class Option(Strict):
    text: Text
    correct: bool = False
    feedback: str = ""


class OrderedOption(Strict):
    text: Text
    feedback: str = ""


class _Question(Strict):
    id: Id
    points: Annotated[int, Field(ge=1, le=100)] = 1
    prompt: Text
    explanation: Text
    hint: str = ""


class Single(_Question):
    type: Literal["single"]
    options: Annotated[list[Option], Field(min_length=2, max_length=12)]


class Multiple(_Question):
    type: Literal["multiple"]
    options: Annotated[list[Option], Field(min_length=2, max_length=12)]


class Order(_Question):
    type: Literal["order"]
    options: Annotated[list[OrderedOption], Field(min_length=2, max_length=12)]


class Number(_Question):
    type: Literal["number"]
    answer: Annotated[float, Field(allow_inf_nan=False)]
    unit: str
    tolerance: (
        Annotated[float, Field(ge=0, allow_inf_nan=False)]
        | Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)? ?%$")]
    ) = 0.0


class TextAnswer(_Question):
    type: Literal["text"]
    accept: Annotated[list[Text], Field(min_length=1, max_length=20)]
    example: Line


Question = Single | Multiple | Order | Number | TextAnswer
QUESTIONS: dict[str, type[Question]] = {
    "single": Single,
    "multiple": Multiple,
    "order": Order,
    "number": Number,
    "text": TextAnswer,
}


class Limits(Strict):
    cpu_seconds: Annotated[int, Field(ge=1, le=3_600)] = 20
    wall_seconds: Annotated[int, Field(ge=1, le=7_200)] = 60
    test_seconds: Annotated[int, Field(ge=1, le=600)] = 5
    memory_mb: Annotated[int, Field(ge=64, le=16_384)] = 512
    processes: Annotated[int, Field(ge=1, le=4_096)] = 64
    disk_mb: Annotated[int, Field(ge=1, le=4_096)] = 32
    output_kb: Annotated[int, Field(ge=16, le=65_536)] = 1_024


class Rung(Strict):
    points: Points
    text: Line


class Criterion(Strict):
    id: Id
    cell: Id
    title: Line
    levels: Annotated[list[Rung], Field(min_length=2)]


class SlurmScript(Strict):
    name: Name | None = None
    file: FileName | None = None


class SlurmSignal(Strict):
    when: Line
    signal: Literal["USR1", "USR2", "HUP", "INT", "TERM"]


class SlurmRun(Strict):
    files: list[FileName] = []
    folders: list[FileName] = []
    signals: list[SlurmSignal] = []
    scene: Annotated[str, StringConstraints(max_length=20_000)] = ""
    command: bool = False
    outputs: list[FileName] = []
    seconds: Annotated[int, Field(ge=1, le=300)] = 30


class Slurm(Strict):
    machine: Id
    script: SlurmScript
    test_only: bool = True
    run: SlurmRun | None = None
    tests: Annotated[list[Id], Field(min_length=1)]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("is no time zone: write one such as Europe/Helsinki") from None
    return name


class Evidence(Strict):
    title: Line
    ask: Text
    machine: Id | None = None
    zone: Annotated[str, StringConstraints(max_length=60), AfterValidator(_zone)] | None = None


class Lab(Strict):
    id: Id
    title: Line
    summary: Text
    minutes: Minutes
    skills: list[Line] = []
    points: Annotated[int, Field(ge=1, le=1_000)]
    pass_mark: Percent = 70
    attempts: Annotated[int, Field(ge=1)] | None = 5
    names: list[Name] = []
    modules: list[Name] = []
    files: list[FileName] = []
    outputs: Annotated[list[Pattern], Field(max_length=20)] = []
    preload: Annotated[list[Package], Field(max_length=10)] = []
    limits: Limits = Limits()
    rubric: list[Criterion] = []
    slurm: Slurm | None = None
    evidence: Evidence | None = None
    browser: Line | None = None
    fixed_cells: bool = False


class MachineSource(Strict):
    title: Line
    date: Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}(-[0-9]{2}(-[0-9]{2})?)?$")] | None = None


class NodeKind(Strict):
    id: Id
    names: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,20}\[[0-9]{1,7}-[0-9]{1,7}\]$")]
    cores: Annotated[int, Field(ge=1, le=1_024)]
    threads_per_core: Annotated[int, Field(ge=1, le=8)] = 1
    memory_gb: Annotated[int, Field(ge=1, le=65_536)]
    gpus: Annotated[int, Field(ge=0, le=16)] = 0
    gpu_type: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{0,20}$")] = ""


class Partition(Strict):
    name: PartitionName
    nodes: Annotated[list[Id], Field(min_length=1)]
    max_minutes: Annotated[int, Field(ge=1, le=525_600)]
    max_nodes: Annotated[int, Field(ge=1)] | None = None
    whole_nodes: bool = False
    default: bool = False


class Machine(Strict):
    id: Id
    title: Line
    invented: bool = False
    checked_on: date
    sources: list[MachineSource] = []
    unverified: list[Line] = []
    account: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,60}$")] = ""
    time_limit_required: bool = False
    names_known: bool = True
    nodes: Annotated[list[NodeKind], Field(min_length=1, max_length=50)]
    partitions: Annotated[list[Partition], Field(min_length=1, max_length=50)]


def keys_at(model: type[BaseModel], place: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys that may stand at a place of a format, or () where the place is none of its."""
    here: Any = model
    for step in place:
        if isinstance(step, int):
            continue  # a list item is as its list
        if not (isinstance(here, type) and issubclass(here, BaseModel) and step in here.model_fields):
            return ()
        here = _model_in(here.model_fields[step].annotation)
    return tuple(here.model_fields) if isinstance(here, type) and issubclass(here, BaseModel) else ()


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_in(inner)
        if found is not None:
            return found
    return None
