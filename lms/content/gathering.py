"""What is gathered while a tree is loaded: problems, and the bytes that a release must keep, by their digest."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from lms.content.problem import Problem, error


@dataclass
class Gathering:
    """`manifest` has the digest of every file of the tree that the release is made of."""

    problems: list[Problem] = field(default_factory=list)
    blobs: dict[str, bytes] = field(default_factory=dict)
    manifest: dict[str, str] = field(default_factory=dict)

    def keep(self, data: bytes, path: str = "") -> str:
        """Keeps these bytes and names them; with a path, as a file of the tree."""
        digest = hashlib.sha256(data).hexdigest()
        self.blobs[digest] = data
        if path:
            self.manifest[path] = digest
        return digest

    def error(self, path: str, line: int, code: str, message: str, hint: str = "") -> None:
        self.problems.append(error(path, line, code, message, hint))

    def unknown(self, path: str, line: int, what: str, name: str, known: Iterable[str]) -> None:
        """Something names a thing that is not there."""
        known = sorted(known)
        close = get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"Did you mean {close[0]}?" if close else f"Known are {', '.join(known[:12]) or 'none yet'}."
        self.error(path, line, f"unknown-{what}", f"There is no {what} '{name}'.", hint)


def version_of(value: Any) -> str:
    """A digest over plain data, the same for the same data."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def cycle_through(start: str, edges: Mapping[str, Sequence[str]]) -> list[str]:
    """The way from `start` back to itself, or []."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for following in edges.get(way[-1], ()):
            if following == start:
                return [*way, start]
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return []
