"""Every problem of a tree, as a person, another program or GitHub wants to read it."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Literal

from lms.content.problem import Problem

Format = Literal["text", "json", "github"]


def report(problems: Sequence[Problem], form: Format) -> str:
    """The problems, one after the other, and in `text` a line that counts them.

    `json` is a list of objects with path, line, severity ("error" or "warning"), code, message and hint. `github` is one
    workflow command a line, which shows at the line of the file in a pull request.
    """
    match form:
        case "text":
            return "\n".join([*map(_sentence, problems), summary(problems)])
        case "json":
            return json.dumps([asdict(problem) for problem in problems], indent=2, ensure_ascii=False)
        case "github":
            return "\n".join(map(_command, problems))


def summary(problems: Sequence[Problem]) -> str:
    if not problems:
        return "Everything is in order."
    errors = sum(problem.severity == "error" for problem in problems)
    return f"{_count(errors, 'error')}, {_count(len(problems) - errors, 'warning')}."


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _sentence(problem: Problem) -> str:
    hint = f"\n    {problem.hint}" if problem.hint else ""
    return f"{problem.path}:{problem.line}: {problem.severity}: {problem.message} [{problem.code}]{hint}"


def _command(problem: Problem) -> str:
    text = f"{problem.message} {problem.hint}".strip()
    place = f"file={_property(problem.path)},line={problem.line},title={_property(problem.code)}"
    return f"::{problem.severity} {place}::{_data(text)}"


def _data(text: str) -> str:
    """As GitHub's own toolkit escapes: a text that could end the command would start another."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
