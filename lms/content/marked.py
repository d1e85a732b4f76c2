"""YAML into plain values that remember the line of every key, and front matter out of a Markdown file.

YAML is a language of surprises, and this is untrusted: no tags, no aliases (a few lines of them expand to
gigabytes), no key twice, no depth beyond what our formats need.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20

Place = tuple[str | int, ...]

_COLLECTIONS = frozenset({"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})
_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)


class UnreadableError(Exception):
    """Not the YAML we read. `line` counts from 1 in the file."""

    def __init__(self, line: int, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.line, self.code, self.message, self.hint = line, code, message, hint


@dataclass(frozen=True)
class Marked:
    """A plain value and, for the place of every key and list item in it, its line in the file."""

    value: Any
    lines: dict[Place, int] = field(default_factory=dict)

    def line_of(self, place: Place) -> int:
        """The line of a place, or of the nearest place around it."""
        for length in range(len(place), -1, -1):
            if place[:length] in self.lines:
                return self.lines[place[:length]]
        return 1


def read(text: str, first_line: int = 1) -> Marked:
    """Reads one YAML document that starts at `first_line` of its file. Raises `UnreadableError`."""
    if len(text) > MAX_BYTES:
        raise UnreadableError(
            first_line, "yaml-too-large", f"This is more than {MAX_BYTES // 1024} KB of YAML."
        )
    try:
        _look_over(text, first_line)
        loader = yaml.CSafeLoader(text)
        try:
            node = loader.get_single_node()
            lines: dict[Place, int] = {(): first_line}
            value = None if node is None else _value(loader, node, (), lines, first_line)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as cause:
        mark = cause.problem_mark or cause.context_mark
        raise UnreadableError(
            first_line + (mark.line if mark else 0),
            "yaml",
            f"This is not valid YAML: {cause.problem or cause.context}.",
            "Texts with a colon, a # or a leading symbol need quotes around them.",
        ) from cause
    except (yaml.YAMLError, ValueError, OverflowError) as cause:
        raise UnreadableError(first_line, "yaml", f"This is not valid YAML: {cause}.") from cause
    return Marked(value, lines)


def front_matter(text: str) -> tuple[Marked, str, int]:
    """The YAML at the top of a Markdown file, the Markdown after it, and the line the Markdown begins in.

    Raises `UnreadableError` when there is no front matter or when it is not valid.
    """
    found = _FRONT.match(text)
    if found is None:
        raise UnreadableError(
            1,
            "front-matter",
            "The file does not begin with front matter.",
            "Begin it with a line ---, then id: and title:, then another line ---.",
        )
    return read(found[1], first_line=2), text[found.end() :], text[: found.end()].count("\n") + 1


def _look_over(text: str, first_line: int) -> None:
    """Refuses by the stream of events, before anything is built: nesting is refused without recursion."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        line = first_line + (event.start_mark.line if event.start_mark else 0)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise UnreadableError(
                line, "yaml-alias", "Anchors and aliases (& and *) are not read here.", "Write it out."
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise UnreadableError(line, "yaml-depth", f"This is nested more than {MAX_DEPTH} levels deep.")


def _value(
    loader: "yaml.CSafeLoader", node: yaml.Node, place: Place, lines: dict[Place, int], first: int
) -> Any:
    lines.setdefault(place, first + node.start_mark.line)
    if not isinstance(node, yaml.ScalarNode) and node.tag not in _COLLECTIONS:
        raise UnreadableError(lines[place], "yaml", f"The tag {node.tag} is not read here.")
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = key_node.value, first + key_node.start_mark.line
            if not isinstance(key, str):
                raise UnreadableError(line, "yaml", "A key must be a word.")
            if key in mapping:
                raise UnreadableError(
                    line, "yaml-duplicate-key", f"The key '{key}' is there twice.", "Keep one."
                )
            lines[*place, key] = line
            mapping[key] = _value(loader, value_node, (*place, key), lines, first)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, item, (*place, index), lines, first) for index, item in enumerate(node.value)]
    return loader.construct_object(node)
