"""Before anything untrusted runs: read the job, lower the limits for good, put the lab's files into the working folder.

Limits are set in here rather than outside because RLIMIT_NPROC counts within the user namespace one is in when it is set:
from outside it would count every process of the person who runs the grader.
"""

import base64
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

BOX = Path("/box")
MODULES = "/modules"


def job() -> dict[str, Any]:
    """Read the whole job from standard input (JSON), apply its limits and unpack its files."""
    with os.fdopen(0, "rb") as stdin:
        work: dict[str, Any] = json.loads(stdin.read())
    # Whatever else reads descriptor 0 finds an end, not a surprise.
    os.open("/dev/null", os.O_RDONLY)
    for name, content in work.get("files", {}).items():
        path = BOX / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(content))
    sys.path += [MODULES, str(BOX)]
    for name, value in work["rlimits"].items():
        resource.setrlimit(getattr(resource, name), tuple(value))
    return work
