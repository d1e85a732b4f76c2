"""YAML against a format, and for everything that does not fit a sentence that an author understands, with its line."""

import difflib
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from lms.content import schema
from lms.content.marked import Marked, Place
from lms.content.problem import Problem, error

Format = TypeVar("Format", bound=BaseModel)

_QUOTES = "Texts that look like a number, a date, or yes and no need quotes."


def validate(model: type[Format], marked: Marked, path: str) -> tuple[Format | None, list[Problem]]:
    """The value in its format, or None and everything that keeps it from that."""
    if not isinstance(marked.value, dict):
        return None, [
            error(
                path, marked.line_of(()), "schema", "This must be a list of keys with values, `key: value`."
            )
        ]
    try:
        return model.model_validate(marked.value), []
    except ValidationError as refused:
        problems = []
        told = set()
        for found in refused.errors(include_url=False, include_context=True):
            place = _place(found["loc"], marked.value)
            if place not in told:  # each branch of a union complains; one sentence is enough
                told.add(place)
                problems.append(_sentence(model, found, place, marked, path))
        return None, problems


def validate_question(marked: Marked, path: str) -> tuple[schema.Question | None, list[Problem]]:
    """A question block: its `type` says which format it has."""
    kind = marked.value.get("type") if isinstance(marked.value, dict) else None
    model = schema.QUESTIONS.get(kind) if isinstance(kind, str) else None
    if model is None:
        kinds = ", ".join(schema.QUESTIONS)
        message = (
            f"The question has no type that we know: {kind!r}." if kind else "The question has no 'type'."
        )
        return None, [
            error(path, marked.line_of(("type",)), "question-type", message, f"Use one of {kinds}.")
        ]
    return validate(model, marked, path)


def _place(loc: tuple[int | str, ...], value: Any) -> Place:
    """The validator also names the branches of a union; only what really is in the value is a place (or its last key)."""
    place: list[str | int] = []
    for index, step in enumerate(loc):
        inside = isinstance(value, dict) and step in value
        item = isinstance(value, list) and isinstance(step, int) and step < len(value)
        if inside or item:
            value = value[step]
            place.append(step)
        elif index == len(loc) - 1 and isinstance(value, dict):
            place.append(step)
    return tuple(place)


def _sentence(model: type[BaseModel], found: Any, place: Place, marked: Marked, path: str) -> Problem:
    key = next((step for step in reversed(place) if isinstance(step, str)), "")
    where = _where(place)
    line = marked.line_of(place)
    kind = found["type"]
    if kind == "extra_forbidden":
        allowed = schema.keys_at(model, place[:-1])
        close = difflib.get_close_matches(str(key), allowed, n=1, cutoff=0.6)
        meant = f"; did you mean '{close[0]}'?" if close else "."
        return error(
            path, line, "unknown-key", f"unknown key '{key}'{meant}", f"Known are {', '.join(allowed)}."
        )
    if kind == "missing":
        return error(path, marked.line_of(place[:-1]), "missing-key", f"'{key}' is missing{_inside(place)}.")
    if key in {"id", "after", "cell"} and kind == "string_pattern_mismatch":
        return error(
            path,
            line,
            "malformed-id",
            f"{found['input']!r} is not an id.",
            "An id is letters, digits, '-', '_' and '.', begins with a letter or digit and has at most 60.",
        )
    message, hint = _KINDS.get(kind, _other)(found)
    return error(path, line, "schema", f"{where} {message}", hint)


def _where(place: Place) -> str:
    words = [f"item {step + 1}" if isinstance(step, int) else f"'{step}'" for step in place]
    return " → ".join(words) or "This"


def _inside(place: Place) -> str:
    return f" in {_where(place[:-1])}" if len(place) > 1 else ""


def _other(found: Any) -> tuple[str, str]:
    message = str(found["msg"])
    return f"does not fit: {message[0].lower()}{message[1:]}.", ""


def _said(message: str, hint: str = "") -> Callable[[Any], tuple[str, str]]:
    return lambda found: (message.format(input=found["input"], **found.get("ctx", {})), hint)


_KINDS: dict[str, Callable[[Any], tuple[str, str]]] = {
    "string_type": _said("must be text, not {input!r}.", _QUOTES),
    "int_type": _said("must be a whole number, not {input!r}."),
    "int_from_float": _said("must be a whole number, not {input!r}."),
    "float_type": _said("must be a number, not {input!r}."),
    "finite_number": _said("must be a number, not {input!r}."),
    "bool_type": _said("must be true or false, not {input!r}."),
    "list_type": _said(
        "must be a list, not {input!r}.", "Write [one, two], or a line beginning with - for each."
    ),
    "model_type": _said("must be keys with values, not {input!r}."),
    "greater_than_equal": _said("must be at least {ge}, not {input}."),
    "less_than_equal": _said("must be at most {le}, not {input}."),
    "string_too_short": _said("must not be empty."),
    "string_too_long": _said("must have at most {max_length} characters."),
    "too_short": _said("must have at least {min_length} entries, not {actual_length}."),
    "too_long": _said("must have at most {max_length} entries, not {actual_length}."),
    "string_pattern_mismatch": _said("cannot be {input!r}."),
}
_KINDS["literal_error"] = lambda found: (
    f"cannot be {found['input']!r}.",
    f"It is {found['ctx']['expected']}.",
)
