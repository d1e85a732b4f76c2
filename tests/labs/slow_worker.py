"""A grading worker in a process of its own, to be killed: real queue, real database, a grader that takes its time.

python -m tests.labs.slow_worker DATABASE-URL FOLDER NAME

What it recorded it writes to FOLDER/recorded, a line a submission.
"""

import logging
import random
import sys
import time
from pathlib import Path

from lms import tables
from lms.content.shelf import Shelf
from lms.db import Database
from lms.labs.report import CellResult, Report
from lms.labs.worker import Worker

LEASE_SECONDS = 2
assert tables.ALL  # rows point at tables of every room


def slow_grader(job, on_phase):
    on_phase("run")
    time.sleep(random.uniform(0.01, 0.15))
    return Report(6, 10, "graded", (CellResult("test-add", "auto", 6, 6),), executed={"cells": []})


def main(url, folder, name):
    records = logging.FileHandler(Path(folder) / "recorded", mode="a")
    records.addFilter(lambda record: record.levelno == logging.INFO)
    logging.basicConfig(level=logging.INFO, handlers=[records], format="%(message)s")
    worker = Worker(
        Database(url),
        Shelf(),
        name=name,
        lease_seconds=LEASE_SECONDS,
        cache=Path(folder) / "cache",
        grader=slow_grader,
    )
    worker.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
