"""One thing that is wrong with a tree: where it is, what it is, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Problem:
    """`path` is relative to the root of the tree, `line` counts from 1. `code` is short and stable: tools may
    match on it. An error keeps a tree from being published, a warning does not.
    """

    path: str
    line: int
    severity: Severity
    code: str
    message: str
    hint: str = ""


def error(path: str, line: int, code: str, message: str, hint: str = "") -> Problem:
    return Problem(path, line, "error", code, message, hint)


def warning(path: str, line: int, code: str, message: str, hint: str = "") -> Problem:
    return Problem(path, line, "warning", code, message, hint)


def failed(problems: Iterable[Problem]) -> bool:
    """Whether one of them is an error."""
    return any(problem.severity == "error" for problem in problems)
