"""Before anything untrusted runs: read the job, lower the limits for good, put the lab's files into the working folder.

Limits are set in here rather than outside because RLIMIT_NPROC counts within the user namespace one is in when it is set:
from outside it would count every process of the person who runs the grader.
"""

import base64
import importlib
import json
import os
import random
import resource
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

BOX = Path("/box")
MODULES = "/modules"
READY = b'"ready"\n'


def preload(names: Sequence[str]) -> None:
    """Import what most jobs will want, before there is one. What cannot be imported will be missed by whoever needs it."""
    for name in names:
        with suppress(Exception):
            importlib.import_module(name)


def job(importable: Path = BOX) -> dict[str, Any]:
    """Read the whole job from standard input (JSON), apply its limits and unpack its files; those in `importable` can be imported."""
    with os.fdopen(0, "rb") as stdin:
        work: dict[str, Any] = json.loads(stdin.read())
    # Whatever else reads descriptor 0 finds an end, not a surprise.
    os.open("/dev/null", os.O_RDONLY)
    for folder in {BOX, importable}:
        unpack(folder, work["files"])
    sys.path += [MODULES, str(importable)]
    reseed(work["seed"])
    for name, value in work["rlimits"].items():
        resource.setrlimit(getattr(resource, name), tuple(value))
    return work


def unpack(folder: Path, files: Mapping[str, str]) -> None:
    """`files` maps a relative path to its content in base64."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(content))


def reseed(seed: int | str) -> None:
    """The same randomness for the same grading, whichever process runs it; a forked process would inherit its server's."""
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(random.Random(seed).getrandbits(32))  # noqa: S311 (to be repeated, not to be secret)
