"""Slurm, spoken to through slurmrestd on a unix socket of this host: where its commands cannot be installed beside the site.

The socket says who we are (rest_auth/local), so no key is kept. It speaks v0.0.38, which Slurm 22.05 brought; that cannot leave nodes out.
"""

import http.client
import json
import re
import socket
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .cluster import COMMAND_SECONDS, PREFIX, Array, Asked, Refused, SlurmTask, Unreachable, script
from .node import SITE, TOKENS

API = "/slurm/v0.0.38"
MOST_ANSWER = 256 << 20  # every job of the cluster
MOST_TASKS = 1000
AWAY = re.compile(r"unable to contact|connection|timed out|temporarily|standby", re.IGNORECASE)


@dataclass(frozen=True)
class Rest:
    """A Cluster. `lms` is the program on the nodes, `site` the address by which they reach us."""

    socket: Path
    lms: Path
    site: str

    def submit(self, array: Array, asked: Asked) -> None:
        job = {
            "name": f"{PREFIX}{array.batch}",
            "array": f"0-{len(array.tokens) - 1}",
            "tasks": 1,
            "time_limit": asked.minutes,
            "memory_per_node": asked.memory_mb,
            "requeue": False,  # we resubmit, with a new token
            "standard_output": "/dev/null",
            "current_working_directory": "/",
            "environment": {
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                SITE: self.site,
                TOKENS: " ".join(array.tokens),
            },
        }
        chosen = {"partition": asked.partition, "account": asked.account}
        job |= {name: value for name, value in chosen.items() if value}
        self._ask("POST", "/job/submit", {"script": script(self.lms), "job": job})

    def tasks(self) -> list[SlurmTask]:
        return [task for job in self._ask("GET", "/jobs").get("jobs", ()) for task in _tasks(job)]

    def cancel(self, tasks: Collection[SlurmTask], *, waiting_only: bool = False) -> None:
        """Slurm is not asked to look once more whether a task has begun: one that just did is submitted again."""
        for task in tasks:
            if task.stage == "waiting" or not waiting_only:
                self._ask("DELETE", f"/job/{task.id}")

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        connection = _OverSocket(self.socket)
        headers = {"Content-Type": "application/json"}
        try:
            connection.request(method, API + path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            data = answer.read(MOST_ANSWER)
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"slurmrestd at {self.socket} does not answer: {error}.") from None
        finally:
            connection.close()
        try:
            told = json.loads(data)
            errors = [each.get("description") or each.get("error") or "" for each in told.get("errors", ())]
        except (ValueError, AttributeError):
            raise Refused(
                f"slurmrestd says {answer.status} to {API + path}. Is it started with -s openapi/v0.0.38?"
            ) from None
        # An array that has to wait for a node is taken, with what it waits for among the errors.
        if answer.status >= 400 or (errors and not told.get("job_id")):
            said = f"slurmrestd: {'; '.join(errors) or answer.status}"
            raise (Unreachable if AWAY.search(said) else Refused)(said)
        assert isinstance(told, dict)
        return told


class _OverSocket(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=COMMAND_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def _tasks(job: dict[str, Any]) -> Iterator[SlurmTask]:
    """The tasks one of Slurm's records stands for: one that began, or all of an array that have not."""
    name = str(job.get("name", ""))
    if not name.startswith(PREFIX):
        return
    number, several = job.get("array_task_id"), str(job.get("array_task_string") or "")
    numbers = _numbers(several) if several else () if number is None else (int(number),)
    for each in numbers:
        task = f"{job.get('array_job_id')}_{each}"
        yield SlurmTask(
            name.removeprefix(PREFIX), each, task, str(job.get("job_state")), str(job.get("nodes") or "")
        )


def _numbers(text: str) -> list[int]:
    """`0-2,5,7-9%4` -> 0, 1, 2, 5, 7, 8, 9."""
    found: list[int] = []
    for first, last in re.findall(r"(\d+)(?:-(\d+))?", text.partition("%")[0]):
        found += range(int(first), int(last or first) + 1)[:MOST_TASKS]
    return found
