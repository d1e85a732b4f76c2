"""nbgrader's marks on a cell: what they make of it, and everything that is wrong with them. Pure.

Schemas 0 (before nbgrader 0.4) to 3 are read; what older ones lack is filled in as nbgrader's own upgrade does. What nbgrader refuses is
refused, and so is what it would let pass to the learner's or the author's harm: points that count nowhere, a solution that is handed out.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lms.content import regions
from lms.content.regions import Region
from lms.content.syntax import tree_of

Kind = Literal[
    "text",  # Markdown or raw, for reading
    "given",  # code the author gives
    "solution",  # an answer in code, judged by tests
    "tests",  # the tests
    "manual",  # an answer that a person marks
    "task",  # an assignment that a person marks; the learner answers it in cells of their own
    "added",  # a cell of the learner's own; no author's notebook has one
]
SCHEMA = 3
FLAGS = ("grade", "solution", "locked")
_GRADE_ID = re.compile(r"[A-Za-z0-9_-]{1,99}")
_ALLOWED: Mapping[Kind, frozenset[Region]] = {
    "solution": frozenset({"SOLUTION"}),
    "manual": frozenset({"SOLUTION", "HIDDEN TESTS", "MARK SCHEME"}),
    "tests": frozenset({"HIDDEN TESTS"}),
    "task": frozenset({"MARK SCHEME"}),
}
_WHERE: Mapping[Kind, str] = {
    "text": "text that is only read",
    "given": "code that is given",
    "solution": "an answer that tests judge",
    "manual": "an answer for a person",
    "tests": "a test cell",
    "task": "a task",
}
# Lines for IPython that change nothing a test could see.
_HARMLESS = re.compile(
    r"^(?P<indent>\s*)%{1,2}(?:(?:matplotlib|config|(?:re)?load_ext|autoreload|precision|time)\b.*|capture\s*)$"
)
_TIMED = re.compile(r"^(?P<indent>\s*)%time\s+(?=\S)")
_ATTACHED = re.compile(r"!\[[^\]]*\]\(attachment:")


@dataclass(frozen=True)
class Marks:
    """`grade_id` is empty for cells that nbgrader would leave alone, `points` 0 where none can be had."""

    kind: Kind
    grade_id: str = ""
    points: float = 0.0


def read_marks(metadata: Any, cell_type: str) -> tuple[Marks, list[str]]:
    """What a cell's metadata make of it, and what is wrong with them. Wrong marks are read as far as they can be."""
    raw = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    plain = Marks("given" if cell_type == "code" else "text")
    if raw is not None and not isinstance(raw, dict):
        return plain, ["its nbgrader metadata is no object: take the key `nbgrader` out of its metadata"]
    schema = (raw or {}).get("schema_version", 0)
    if type(schema) is not int or not 0 <= schema <= SCHEMA:
        newer = (
            f"its nbgrader schema_version is {schema!r}, and this version of Slipway reads 0 to {SCHEMA}. "
            f"Save it with an nbgrader that writes schema {SCHEMA} (0.6 to 0.9), or ask for a newer Slipway"
        )
        return plain, [newer]
    marks, found = _upgraded(raw or {}, schema)
    if not any(marks.get(flag) for flag in (*FLAGS, "task")):
        return plain, [*found, *_useless_points(marks)]
    kind = _kind(marks, cell_type)
    found += [*_flag_problems(marks, kind, cell_type), *_useless_points(marks)]
    points, grade_id = _points(marks), marks.get("grade_id")
    graded = bool(marks.get("grade") or marks.get("task"))
    if graded and points is None:
        said = f"its points are {marks['points']!r}" if "points" in marks else "it has no points"
        found.append(f"{said}: they must be a number, 0 or more")
    if not isinstance(grade_id, str) or not _GRADE_ID.fullmatch(grade_id):
        found.append(
            f"its grade_id is {grade_id!r}: it needs one of letters, digits, `-` and `_` (at most 99)"
        )
        grade_id = grade_id if isinstance(grade_id, str) else ""
    return Marks(kind, grade_id, points or 0.0 if graded else 0.0), found


def problems_in(source: str, kind: Kind, cell_type: str) -> Iterator[str]:
    """What is wrong with the text of a cell of this kind."""
    yield from regions.flaws(source, _ALLOWED.get(kind, frozenset()), _WHERE.get(kind, "it"))
    scheme = regions.marked_lines(source, "MARK SCHEME")
    autotests = []
    for number, line in enumerate(source.split("\n"), 1):
        if number in scheme and _ATTACHED.search(line):
            yield f"line {number}: an attached image in a mark scheme would be handed out. Keep the image in a file of its own"
        if cell_type == "code" and "AUTOTEST" in line and line.lstrip().startswith("#"):
            autotests.append(str(number))
    if autotests:
        which = (
            f"line {autotests[0]} is an autotest"
            if len(autotests) == 1
            else f"lines {', '.join(autotests)} are autotests"
        )
        yield (
            f"{which} of nbgrader's, which only nbgrader can fill in, by running your solution. Write what it would check as asserts, "
            'as in `assert squares(2) == [1, 4], "squares of 1 and 2"`, and instead of HASHED between `### BEGIN HIDDEN TESTS` and '
            "`### END HIDDEN TESTS`"
        )
    if kind == "tests" and cell_type == "code":
        yield from _no_python(source)


def as_python(source: str) -> str:
    """A test cell without the lines for IPython that change nothing: `%matplotlib inline`, `%%time`, `%time f(3)`. Line numbers stay,
    and so does what looks like such a line within a text.
    """
    lines = source.split("\n")
    for _ in lines:
        error = _parses("\n".join(lines))
        at = (error.lineno or 1) - 1 if error else len(lines)
        if at >= len(lines):
            break
        mended = _HARMLESS.sub(r"\g<indent>pass", _TIMED.sub(r"\g<indent>", lines[at]))
        if mended == lines[at]:
            return source
        lines[at] = mended
    return "\n".join(lines)


def is_python(metadata: Mapping[str, Any]) -> bool:
    """Whether a notebook's metadata name Python as its language, or none."""
    spec, info = metadata.get("kernelspec"), metadata.get("language_info")
    said = [part.get(key) for part, key in ((spec, "language"), (info, "name")) if isinstance(part, dict)]
    named = [name.lower() for name in said if isinstance(name, str) and name]
    return not named or any("python" in name for name in named)


def _upgraded(raw: dict[str, Any], schema: int) -> tuple[dict[str, Any], list[str]]:
    """The marks as schema 3 has them. From 0, flags may be absent and points are text; 1 and 2 lack only what has a default."""
    if schema > 0:
        missing = [flag for flag in FLAGS if flag not in raw] if raw else []
        return raw, [f"its nbgrader metadata lacks `{flag}`, which is true or false" for flag in missing]
    marks = dict.fromkeys(FLAGS, False) | raw
    if not marks["grade"]:
        if not marks.get("task"):
            marks.pop("points", None)
        return marks, []
    points = marks.get("points", 0.0)
    try:
        marks["points"] = max(0.0, float(points)) if points != "" else 0.0
    except (TypeError, ValueError):
        return marks, []  # told as points that are no number
    return marks, []


def _kind(marks: Mapping[str, Any], cell_type: str) -> Kind:
    if marks.get("task"):
        return "task"
    match bool(marks.get("grade")), bool(marks.get("solution")):
        case True, True:
            return "manual"
        case True, False:
            return "tests"
        case False, True:
            return "solution"
        case _:
            return "given" if cell_type == "code" else "text"


def _points(marks: Mapping[str, Any]) -> float | None:
    points = marks.get("points")
    if (
        isinstance(points, bool)
        or not isinstance(points, int | float)
        or not math.isfinite(points)
        or points < 0
    ):
        return None
    return float(points)


def _useless_points(marks: Mapping[str, Any]) -> Iterator[str]:
    if _points(marks) and not marks.get("grade") and not marks.get("task"):
        yield f"it has points ({marks['points']}) and is not graded, so they count nowhere: mark it as graded, or take its points away"


def _flag_problems(marks: Mapping[str, Any], kind: Kind, cell_type: str) -> Iterator[str]:
    for flag in (*FLAGS, "task"):
        if flag in marks and type(marks[flag]) is not bool:
            yield f"its `{flag}` is {marks[flag]!r}: it must be true or false"
    if kind == "task" and (cell_type != "markdown" or marks.get("grade") or marks.get("solution")):
        yield "a task has to be a Markdown cell that is neither grade nor solution"
    if kind == "tests" and cell_type != "code":
        yield f"a {cell_type} cell marked as tests has to be code, or be marked as a solution too, for a person to mark"
    if kind == "solution" and cell_type != "code":
        yield f"a {cell_type} cell marked as solution has to be graded too, for a person to mark, or nobody ever looks at it"


def _no_python(source: str) -> Iterator[str]:
    error = _parses(as_python(source))
    if error is None:
        return
    line = (
        source.split("\n")[(error.lineno or 1) - 1] if (error.lineno or 1) <= source.count("\n") + 1 else ""
    )
    if line.lstrip().startswith(("%", "!")):
        yield (
            f"line {error.lineno} is for IPython, and tests are plain Python: take {line.strip()[:40]!r} out, or do it in a given cell"
        )
    else:
        yield f"line {error.lineno} is no Python ({error.msg}), so this test could never be passed"


def _parses(source: str) -> SyntaxError | None:
    try:
        tree_of(source)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError) as error:
        return SyntaxError(str(error) or "nested too deeply", ("", 1, 0, ""))
    return None
