"""Grading workers and learners in processes of their own, to be killed: real queue, real database, a grader that takes its time.

python -m tests.labs.crew DATABASE-URL FOLDER

It loads everything once, then forks a process for each line it reads ("work NAME", or "hand in"), and answers with its number.
"""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import configure_mappers

from lms import tables
from lms.content.shelf import Shelf
from lms.db import Database
from lms.labs.report import CellResult, Report
from lms.labs.tables import Submission
from lms.labs.worker import Worker
from lms.people.tables import Person
from tests.conftest import REPOSITORY, services_on
from tests.steps import hand_in_within, notebook

LEASE_SECONDS = 5
POISON = "os.abort()"
assert tables.ALL  # rows point at tables of every room


class Crew:
    """Some of them do not live long. Kill any, and hire others instead."""

    def __init__(self, services, folder):
        command = [sys.executable, "-m", "tests.labs.crew", services.settings.url, str(folder)]
        self._parent = subprocess.Popen(
            command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._hired, self.at_work = 0, {}

    def hire(self, what):
        """`what` is "work" or "hand in"."""
        self._hired += 1
        self._parent.stdin.write(f"{what} {self._hired}\n")
        self._parent.stdin.flush()
        self.at_work[int(self._parent.stdout.readline())] = what

    def kill_one(self):
        """Kill anybody, and hire another for the same work."""
        pid, what = random.choice(list(self.at_work.items()))
        self._kill(pid)
        self.hire(what)

    def replace_the_dead(self):
        """How many had died by themselves."""
        dead = [pid for pid in self.at_work if not _lives(pid)]
        for pid in dead:
            self.hire(self.at_work.pop(pid))
        return len(dead)

    def dismiss(self):
        for pid in list(self.at_work):
            self._kill(pid)
        self._parent.communicate()

    def _kill(self, pid):
        del self.at_work[pid]
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _lives(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def slow_grader(job, on_phase):
    """What is poison kills whoever grades it."""
    on_phase("run")
    time.sleep(random.uniform(0.005, 0.1))
    if POISON.encode() in job.submission:
        os.kill(os.getpid(), signal.SIGKILL)
    return Report(6, 10, "graded", (CellResult("test-add", "auto", 6, 6),), executed={"cells": []})


def work(url, folder, name):
    grader = Worker(
        Database(url),
        Shelf(),
        name=name,
        lease_seconds=LEASE_SECONDS,
        cache=Path(folder) / "cache",
        grader=slow_grader,
    )
    grader.run()


def hand_in(url, folder, _name):
    """For everybody who has not yet, one after the other. A person whose name says so hands in poison."""
    services = services_on(url, Path(folder))
    with services.database.reading() as session:
        done = select(Submission.person_id)
        people = session.execute(select(Person.id, Person.name).where(Person.id.not_in(done))).all()
    for person_id, name in people:
        data = notebook(POISON if name.startswith("Poisoner") else "return a + b")
        with services.database.transaction() as session:
            hand_in_within(session, services, person_id, data)
    signal.pause()


def main(url, folder):
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    Database(url).close()  # loads the driver
    configure_mappers()
    for line in sys.stdin:
        what, _, name = line.strip().rpartition(" ")
        if (pid := os.fork()) == 0:
            sys.stdin.close()
            {"work": work, "hand in": hand_in}[what](url, folder, f"worker {name}")
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
