"""What a real Slurm 22.05.8 wrote of seven jobs, names of people and folders changed: texts/<job>.<form>, with script and log."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from lms.labs.evidence.checks import checks_of
from lms.labs.evidence.pieces import Piece
from lms.labs.evidence.reading import read
from lms.labs.evidence.verdict import Circumstances

TEXTS = Path(__file__).parent / "texts"
IDS = {"train": "1", "fail": "2", "limit": "3", "oom": "4", "cancel": "5", "sweep": "6_1", "resume": "7"}
FORMS = ("psv", "table", "json", "scontrol")
BEGUN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
HANDED_IN = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


def text(name):
    return (TEXTS / name).read_text()


def pieces(job, form="psv", **changed):
    """The script, the log and one record of a job; `changed` gives another text for `sh`, `out` or `record`; None leaves it out."""
    names = {"sh": f"{job}.sh", "out": f"slurm-{IDS[job]}.out", "record": f"{job}.{form}"}
    texts = {"sh": text(f"{job}.sh"), "out": text(f"{job}.out"), "record": text(f"{job}.{form}")} | changed
    return [Piece(names[kind], texts[kind].encode()) for kind in names if texts[kind] is not None]


def reading(job, form="psv", **changed):
    return read(pieces(job, form, **changed))


def verdicts(job, form="psv", about=None, **changed):
    """The verdicts by the checks' names."""
    about = about or Circumstances(BEGUN, HANDED_IN)
    return {check.name: check.verdict for check in checks_of(reading(job, form, **changed), about)}


@pytest.fixture
def about():
    return Circumstances(BEGUN, HANDED_IN)
