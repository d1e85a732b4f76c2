"""What is taught, as immutable values. A `Catalogue` is everything one release holds, small enough to keep in memory:
texts and files are named by their digest (SHA-256, hex) and fetched when somebody reads them.

Identity is written in the files (`id:`) and never derived from a name or a place, so a renamed lesson loses nobody's progress.
A `version` is a digest over what matters to a learner in the middle of it: it stays the same when a typo is mended.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from lms.content.machine import Machine

CourseLevel = Literal["introductory", "intermediate", "advanced"]


@dataclass(frozen=True)
class Outcome:
    """What a learner can do afterwards. `id` is unique in its course."""

    id: str
    text: str


@dataclass(frozen=True)
class Option:
    """One answer to choose or to put in order. `text` and `feedback` are safe HTML."""

    id: str
    text: str
    correct: bool = False
    feedback: str = ""


@dataclass(frozen=True)
class Question:
    """A question block of a lesson. Prompts, options and explanations are safe inline or block HTML.

    single, multiple: `options`, of which exactly one, or any number, is `correct`.
    order: `options` in their right order; they are shown in another.
    number: `answer` within `tolerance` (absolute, in `unit`).
    text: any of `accept`, regular expressions matched against the whole trimmed answer, ignoring case; `example` is one that is accepted.
    """

    id: str
    kind: Literal["single", "multiple", "number", "order", "text"]
    points: int
    prompt: str
    explanation: str
    options: tuple[Option, ...] = ()
    answer: float | None = None
    tolerance: float = 0.0
    unit: str = ""
    accept: tuple[str, ...] = ()
    example: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Heading:
    """A line of a lesson's table of contents. `level` is 2 or 3."""

    level: int
    anchor: str
    text: str


@dataclass(frozen=True)
class Lesson:
    """`source` is the Markdown's digest, `html` the digest of its rendered body, in which each question block is left as
    an empty element `<div data-question="ID"></div>`: what people may see of a question depends on what they answered.
    """

    id: str
    title: str
    minutes: int
    outcomes: tuple[str, ...]
    labs: tuple[str, ...]
    path: str
    source: str
    html: str
    summary: str = ""
    headings: tuple[Heading, ...] = ()
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True)
class EscoSkill:
    """A skill of the European classification ESCO: its concept URI and its preferred label."""

    uri: str
    title: str


@dataclass(frozen=True)
class Course:
    """`version` covers the outcomes, the lessons' ids, the questions and what a right answer is, but no prose. `jupyterhub` is where
    its labs can be opened elsewhere, with {lab} for the lab's id. `eqf` is a level of the European Qualifications Framework, 1 to 8.
    `major` is raised by the author when what was learnt before is not enough any more.
    """

    id: str
    title: str
    summary: str
    outcomes: tuple[Outcome, ...]
    minutes: int
    level: CourseLevel
    prerequisites: tuple[str, ...]
    skills: tuple[str, ...]
    authors: tuple[str, ...]
    path: str
    html: str
    lessons: tuple[Lesson, ...]
    pass_mark: int
    version: str
    jupyterhub: str = ""
    esco: tuple[EscoSkill, ...] = ()
    eqf: int | None = None
    major: int = 1

    @cached_property
    def labs(self) -> tuple[str, ...]:
        """Ids of the course's labs, in the order its lessons name them."""
        return tuple(dict.fromkeys(lab for lesson in self.lessons for lab in lesson.labs))


@dataclass(frozen=True)
class Track:
    id: str
    title: str
    summary: str
    roles: tuple[str, ...]
    courses: tuple[str, ...]
    prerequisites: tuple[str, ...] = ()


@dataclass(frozen=True)
class Limits:
    """What one grading run may use. CPU time judges the learner; wall-clock time only protects the machine."""

    cpu_seconds: int = 20
    wall_seconds: int = 60
    test_seconds: int = 5
    memory_mb: int = 512
    processes: int = 64
    disk_mb: int = 32
    output_kb: int = 1024


@dataclass(frozen=True)
class Level:
    """A rung of a rubric criterion: the points it earns and what a mentor sees at that height."""

    points: int
    text: str


@dataclass(frozen=True)
class Criterion:
    """What a mentor marks: one criterion for the manually graded cell `cell` (a grade_id). `points` is its best level's."""

    id: str
    cell: str
    title: str
    points: int
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class LabFile:
    """A file handed out beside the notebook and present in the working folder while it is graded."""

    name: str
    digest: str
    size: int


@dataclass(frozen=True)
class SlurmSignal:
    """Sent to the batch shell once the job's log holds the text `when`."""

    when: str
    signal: str


@dataclass(frozen=True)
class SlurmRun:
    """How the learner's script is really run: beside these of the learner's output files and all of the lab's, in a place with these
    folders; for at most so many seconds; and which files are read afterwards.

    `scene` is a script of the author's that prepares jobs first. With `command` the learner's script is not submitted but called, once
    for each of those jobs, with its number.
    """

    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    signals: tuple[SlurmSignal, ...] = ()
    scene: str = ""
    command: bool = False
    outputs: tuple[str, ...] = ()
    seconds: int = 30


@dataclass(frozen=True)
class SlurmRung:
    """A lab's rung on Slurm. The script is the text that the learner's notebook calls `name`, or its output file `file`.

    `tests` are the cells that decide it. With `test_only` the machine's own Slurm is asked about the script; `run` of None runs nothing.
    """

    machine: Machine
    name: str
    file: str
    tests: tuple[str, ...]
    test_only: bool = True
    run: SlurmRun | None = None


@dataclass(frozen=True)
class Evidence:
    """What a lab lets its learners bring back from a real machine, for a mentor to judge. `ask` is Markdown. Worth no points.

    `zone` is that of the machine's clock ("Europe/Helsinki"), which Slurm's records leave out; "" where it is not known.
    """

    title: str
    ask: str
    machine: Machine | None = None
    zone: str = ""


@dataclass(frozen=True)
class Lab:
    """`notebook` is the digest of the author's source; `handout` that of the learner's version.
    `names` are the only names of the learner's that tests may fetch; `modules` what is importable besides the kernel's own.
    `outputs` are patterns of files that the learner's code writes and tests may read; `preload` what to import before there is a job.
    `browser` is the author's sentence on what does not work in the browser; with `fixed_cells` nobody adds, deletes or moves cells there.
    `attempts` of None means as many as one likes. `version` covers everything a grade depends on.
    """

    id: str
    title: str
    summary: str
    minutes: int
    skills: tuple[str, ...]
    points: int
    auto_points: int
    pass_mark: int
    attempts: int | None
    limits: Limits
    names: tuple[str, ...]
    modules: tuple[str, ...]
    files: tuple[LabFile, ...]
    rubric: tuple[Criterion, ...]
    path: str
    html: str
    notebook: str
    handout: str
    version: str
    outputs: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()
    slurm: SlurmRung | None = None
    evidence: Evidence | None = None
    browser: str = ""
    fixed_cells: bool = False

    @property
    def manual_points(self) -> int:
        return self.points - self.auto_points


@dataclass(frozen=True)
class Catalogue:
    """Everything one release teaches. `policy` is `courses/readiness.yaml` as plain data: certification reads it.
    `assets` maps the path of each image and other file to serve to its digest.
    """

    tracks: tuple[Track, ...]
    courses: tuple[Course, ...]
    labs: tuple[Lab, ...]
    policy: dict[str, Any]
    assets: dict[str, str]

    @cached_property
    def course_by_id(self) -> dict[str, Course]:
        return {course.id: course for course in self.courses}

    @cached_property
    def lab_by_id(self) -> dict[str, Lab]:
        return {lab.id: lab for lab in self.labs}

    @cached_property
    def track_by_id(self) -> dict[str, Track]:
        return {track.id: track for track in self.tracks}
