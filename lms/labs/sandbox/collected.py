"""What the learner's cells made and the lab asked for, taken out of the sandbox. Claims, every one of them: names and sizes are looked at
again, and nothing of it was written to a disk of ours.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lms.labs.inside.collect import MOST_BYTES, MOST_FILES, MOST_TEXT, is_wanted

# no file: a link, a pipe, a folder, something that could not be opened
WhyLeft = Literal["large", "many", "no file"]


@dataclass(frozen=True)
class Collected:
    """`files` maps paths in the working folder to their content, `left` those that were not taken to why, `texts` names to text."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    left: Mapping[str, WhyLeft] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


def read_collected(claim: Mapping[str, Any], patterns: Sequence[str], names: Sequence[str]) -> Collected:
    """What of a claim is as it was asked for; anything else is left out."""
    files: dict[str, bytes] = {}
    room = MOST_BYTES
    for name, content in list(_mapping(claim, "files"))[:MOST_FILES]:
        if is_wanted(name, patterns) and isinstance(content, str):
            try:
                data = base64.b64decode(content, validate=True)
            except (binascii.Error, ValueError):
                continue
            if len(data) <= room:
                room -= len(data)
                files[name] = data
    left: dict[str, WhyLeft] = {
        name: why
        for name, why in list(_mapping(claim, "left"))[: MOST_FILES + 1]
        if is_wanted(name, patterns) and why in ("large", "many", "no file")
    }
    texts = {
        name: text
        for name, text in _mapping(claim, "texts")
        if name in names and isinstance(text, str) and len(text) <= MOST_TEXT
    }
    return Collected(files, left, texts)


def _mapping(claim: Mapping[str, Any], key: str) -> Any:
    found = claim.get(key)
    return found.items() if isinstance(found, dict) else ()
