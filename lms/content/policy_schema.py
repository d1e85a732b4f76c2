"""What the centre may write in courses/readiness.yaml: like `schema`, of which it is the part about companies instead of courses."""

from typing import Annotated, Literal

from pydantic import Field

from lms.content.schema import Id, Line, Strict, Text


class Requirement(Strict):
    """What people must have passed, a document that somebody vouches for, or what it `awaits`."""

    id: Id
    title: Line
    people: Annotated[int, Field(ge=1)] | None = None
    role: Literal["any", "lead"] | None = None
    courses: list[Id] = Field(default_factory=list)
    labs: list[Id] = Field(default_factory=list)
    on_slurm: bool | None = None
    document: Id | None = None
    attested_by: Literal["lead", "mentor", "staff"] | None = None
    max_age_months: Annotated[int, Field(ge=1, le=600)] | None = None
    awaits: Line | None = None


class ReadinessLevel(Strict):
    id: Id
    title: Line
    summary: Text
    valid_months: Annotated[int, Field(ge=1, le=120)]
    after: Id | None
    requires: Annotated[list[Requirement], Field(min_length=1)]


class ReadinessDocument(Strict):
    id: Id
    title: Line
    ask: Text


class ReadinessMachine(Strict):
    id: Id
    title: Line
    summary: Text
    levels: Annotated[list[Id], Field(min_length=1)]
    requires: Annotated[list[Requirement], Field(min_length=1)]


class Readiness(Strict):
    version: Line
    grace_days: Annotated[int, Field(ge=0, le=365)] = 30
    documents: list[ReadinessDocument] = Field(default_factory=list)
    levels: Annotated[list[ReadinessLevel], Field(min_length=1)]
    machines: list[ReadinessMachine] = Field(default_factory=list)
