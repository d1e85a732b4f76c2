"""What a page sends to be kept: a notebook, and the files that the learner's code wrote. Everything in it was written by whoever it was."""

import base64
import binascii
import hashlib
import json
import math
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lms.errors import Invalid
from lms.labs.notebook import MAX_CELLS, dump, read_submission
from lms.words import gettext as _

MOST_FILES = 64
MOST_BYTES = 4 << 20
"""Of all files together: the same that grading takes of what a notebook writes."""
MOST_NAME, MOST_PART = 200, 100
"""Characters of a file's path, and of each part of it."""
_CONTROL = re.compile(r"[\0-\x1f\x7f]")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Sent:
    """`notebook` is the bytes of an nbformat 4 file. `files` maps names to digests; `brought` has the bytes of those that came along.
    `refused` maps names that are no file's to a sentence that says why: those files are not kept, and the rest is.
    """

    notebook: bytes
    files: Mapping[str, str] = field(default_factory=dict)
    brought: Mapping[str, bytes] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.notebook).hexdigest()


def read_sent(body: Any, *, max_bytes: int) -> Sent:
    """The JSON of a save. Raises Invalid with a sentence: no notebook, too large, a file that arrived damaged."""
    if not isinstance(body, dict):
        raise Invalid(_("What was sent is no notebook."))
    return Sent(notebook_bytes(body.get("notebook"), max_bytes=max_bytes), *_files(body.get("files", [])))


def notebook_bytes(notebook: Any, *, max_bytes: int) -> bytes:
    """The same bytes for the same notebook. Raises Invalid when it is none of format 4, or larger than may be handed in."""
    if not isinstance(notebook, dict):
        raise Invalid(_("What was sent is no notebook."))
    if notebook.get("nbformat") != 4:
        raise Invalid(
            _("What was sent is no notebook of format 4. Open it in Jupyter and save it there first.")
        )
    cells = notebook.get("cells")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise Invalid(_("What was sent is no notebook: it has no list of cells."))
    if len(cells) > MAX_CELLS:
        raise Invalid(_("The notebook has more than %(most)s cells. Delete some.", most=MAX_CELLS))
    data = dump(notebook)
    if len(data) > max_bytes:
        raise Invalid(
            _(
                "The notebook is larger than %(limit)s MB. Clear all outputs, or take out large images, and it can be saved.",
                limit=max_bytes >> 20,
            )
        )
    return data


def uploaded(data: bytes, *, max_bytes: int) -> bytes:
    """A notebook file that somebody chose. Raises Invalid with a sentence when it is none."""
    if not data:
        raise Invalid(_("The file is empty. Save the notebook, then choose it again."))
    read_submission(data)  # says best what is wrong with a file
    return notebook_bytes(parsed(data), max_bytes=max_bytes)


def parsed(data: bytes) -> Any:
    """The JSON of a notebook, as a browser can read it too. Jupyter writes NaN where an output has it, which is no JSON: one such number
    would leave the page of whoever opens the notebook empty. It becomes null, as does what is too large for a float or for Python to
    read. Raises ValueError, RecursionError.
    """
    return json.loads(
        data.decode(json.detect_encoding(data), "replace").removeprefix("\ufeff"),
        parse_constant=lambda _name: None,
        parse_float=_finite,
        parse_int=_short,
    )


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


def _short(digits: str) -> int | None:
    return int(digits) if len(digits) < 100 else None


def packed(data: bytes) -> bytes:
    return zlib.compress(data, 6)


def unpacked(data: bytes) -> bytes:
    return zlib.decompress(data)


def _files(listed: Any) -> tuple[dict[str, str], dict[str, bytes], dict[str, str]]:
    """`files`, `brought` and `refused` of a Sent."""
    if not isinstance(listed, list) or len(listed) > MOST_FILES:
        raise Invalid(_("At most %(most)s files are kept with a notebook.", most=MOST_FILES))
    names: dict[str, str] = {}
    brought: dict[str, bytes] = {}
    refused: dict[str, str] = {}
    for each in listed:
        name, digest, data = (
            (each.get(key) for key in ("name", "sha256", "data")) if isinstance(each, dict) else (None,) * 3
        )
        if not isinstance(name, str) or not isinstance(digest, str) or not _SHA256.fullmatch(digest):
            raise Invalid(_("A file came without a name or without its sum."))
        if why := _why_not(name):
            refused[name] = why
            continue
        names[name] = digest
        if data is not None:
            brought[digest] = _decoded(name, digest, data)
    return names, brought, refused


def _why_not(name: str) -> str:
    """Why nothing is kept under `name`, a path with slashes; '' when it is a plain one."""
    parts = name.split("/")
    if len(name) > MOST_NAME or any(len(part) > MOST_PART for part in parts):
        return _(
            "The name is too long: it may have %(name)s characters, and %(part)s between slashes.",
            name=MOST_NAME,
            part=MOST_PART,
        )
    if _CONTROL.search(name) or not _is_text(name):
        return _("The name has characters in it that cannot be read. Give the file a plain one.")
    if "\\" in name:
        return _("The name has a backslash in it. Write a slash between a folder and a file.")
    if not all(parts) or {".", ".."} & set(parts):
        return _("The path is no plain one below the notebook's folder. Write the file there.")
    return ""


def _is_text(name: str) -> bool:
    return name == name.encode("utf-8", "replace").decode()


def _decoded(name: str, digest: str, data: Any) -> bytes:
    try:
        decoded = base64.b64decode(data, validate=True)
    except (binascii.Error, TypeError, ValueError):
        decoded = None
    if decoded is None or hashlib.sha256(decoded).hexdigest() != digest:
        raise Invalid(_("“%(name)s” arrived damaged.", name=name[:80]))
    return decoded
