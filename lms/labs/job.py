"""Everything one grading needs, read from the database beforehand: no session travels into the sandbox."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from lms.content.model import Lab, Limits
from lms.content.shelf import Shelf
from lms.errors import Unavailable
from lms.labs.exercise import Exercise
from lms.labs.files import submitted
from lms.labs.modules import module_folder
from lms.labs.notebook import read_source
from lms.labs.tables import Grading, Submission


@dataclass(frozen=True)
class Job:
    """A lab as it was in the release of the grading, the exercise under the limits the grading was given, and the bytes handed in."""

    lab: Lab
    exercise: Exercise
    submission: bytes
    seed: int


def job_of(session: Session, shelf: Shelf, grading: Grading, cache: Path) -> Job:
    """What `grading` rests on, whether it is to be made or to be made again. Modules are laid out below `cache`.

    Raises Unavailable when the bytes are not those the grading was queued for.
    """
    submission = session.get_one(Submission, grading.submission_id)
    edition = shelf.edition(session, grading.release_id)
    lab = edition.catalogue.lab_by_id[submission.lab_id]
    data = submitted(session, submission.id)
    if hashlib.sha256(data).hexdigest() != grading.sha256:
        raise Unavailable("The file in the database is not the one that was handed in.")
    exercise = Exercise(
        notebook=read_source(shelf.blob(session, lab.notebook)),
        names=lab.names,
        limits=lab.limits if grading.limits is None else Limits(**grading.limits),
        files={each.name: shelf.blob(session, each.digest) for each in lab.files},
        modules={name: module_folder(session, shelf, edition.id, name, cache) for name in lab.modules},
        outputs=lab.outputs,
        preload=lab.preload,
        slurm=lab.slurm,
    )
    return Job(lab, exercise, data, grading.seed)
