"""Begin a lab; hand in a notebook, with every reason to refuse one. A refusal costs no attempt and loses nothing."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms import audit
from lms.content.model import Lab
from lms.content.shelf import Edition, Shelf
from lms.errors import Conflict, Invalid, NotFound
from lms.labs.graft import is_empty, is_unchanged
from lms.labs.notebook import read_submission
from lms.labs.queue import LEARNER_WAITS, enqueue
from lms.labs.tables import Grading, LabWork, Submission, SubmissionFile
from lms.words import gettext as _
from lms.words import ngettext


def find_work(session: Session, person_id: int, lab_id: str) -> LabWork | None:
    return session.scalar(select(LabWork).where(LabWork.person_id == person_id, LabWork.lab_id == lab_id))


@dataclass(frozen=True)
class Bench:
    """A lab as it is for one person: the release they work on, what they began, and the live lab when it differs in what counts."""

    lab: Lab
    edition: Edition
    work: LabWork | None
    newer: Lab | None


def bench_of(session: Session, shelf: Shelf, person_id: int, lab_id: str) -> Bench:
    """Raises NotFound when the lab is not taught and this person never began it."""
    live = shelf.live(session)
    lab = live.catalogue.lab_by_id.get(lab_id)
    work = find_work(session, person_id, lab_id)
    if work is not None and (lab is None or lab.version != work.lab_version):
        edition = shelf.edition(session, work.release_id)
        return Bench(edition.catalogue.lab_by_id[lab_id], edition, work, lab)
    if lab is None:
        raise NotFound(_("There is no such lab."))
    return Bench(lab, live, work, None)


def start(session: Session, person_id: int, lab: Lab, release_id: int, *, now: datetime) -> LabWork:
    """Begin a lab on this release. Doing it twice, even at once, is doing it once."""
    work = LabWork(
        person_id=person_id, lab_id=lab.id, release_id=release_id, lab_version=lab.version, started_at=now
    )
    try:
        with session.begin_nested():
            session.add(work)
    except IntegrityError:
        raced = find_work(session, person_id, lab.id)
        assert raced is not None
        return raced
    audit.record(
        session, "lab.begun", f"lab:{lab.id}", actor_id=person_id, now=now, detail={"release": release_id}
    )
    return work


def move(session: Session, work: LabWork, lab: Lab, release_id: int, *, now: datetime) -> None:
    """Go on with the live version of a lab. What was handed in keeps the release it was made for."""
    detail = {"from": work.release_id, "to": release_id}
    audit.record(session, "lab.moved", f"lab:{lab.id}", actor_id=work.person_id, now=now, detail=detail)
    work.release_id, work.lab_version = release_id, lab.version


def submit(
    session: Session,
    work: LabWork,
    lab: Lab,
    *,
    filename: str,
    data: bytes,
    source: bytes,
    handout: bytes,
    max_bytes: int,
    seed: int,
    now: datetime,
) -> Submission:
    """Hand in `data` for the lab of `work`. `source` and `handout` are the notebooks of the release they work on; `seed` is what the
    grading's hidden tests may vary by, see `labs.seed`.

    Raises Invalid when the file is empty, too large, no notebook, or has nothing of the learner's in it; Conflict when it was
    handed in before, another is still being graded, or no attempt is left.
    """
    _look_at(data, source=source, handout=handout, max_bytes=max_bytes)
    # Two uploads at once would both see the last attempt as free: the work row is locked before counting.
    session.refresh(work, with_for_update=True)
    earlier = session.scalars(
        select(Submission).where(Submission.work_id == work.id).order_by(Submission.number)
    ).all()
    digest = hashlib.sha256(data).hexdigest()
    for submission in earlier:
        if submission.sha256 == digest and submission.release_id == work.release_id and submission.charged:
            raise Conflict(
                _(
                    "You handed in exactly this file as no. %(number)s. Change something first.",
                    number=submission.number,
                )
            )
    states = session.scalars(
        select(Grading.state).where(Grading.id.in_([submission.grading_id for submission in earlier]))
    )
    if not {"queued", "running"}.isdisjoint(states):
        raise Conflict(
            _("Your last submission is still being graded. Wait for its result, then hand in the next.")
        )
    if attempts_left(lab, earlier) == 0:
        raise Conflict(
            ngettext(
                "The one attempt of this lab is used. Ask a mentor if you think it was counted wrongly.",
                "All %(num)s attempts of this lab are used. Ask a mentor if you think one was counted wrongly.",
                lab.attempts or 0,
            )
        )
    submission = Submission(
        work_id=work.id,
        person_id=work.person_id,
        lab_id=lab.id,
        release_id=work.release_id,
        number=len(earlier) + 1,
        filename=_plain_name(filename),
        sha256=digest,
        size=len(data),
        submitted_at=now,
    )
    session.add(submission)
    session.flush()
    session.add(SubmissionFile(submission_id=submission.id, data=data))
    submission.grading_id = enqueue(
        session, submission, lab, work.release_id, kind="first", seed=seed, priority=LEARNER_WAITS, now=now
    ).id
    audit.record(
        session,
        "lab.handed_in",
        f"submission:{submission.id}",
        actor_id=work.person_id,
        now=now,
        detail={"sha256": digest},
    )
    return submission


def attempts_left(lab: Lab, submissions: Sequence[Submission]) -> int | None:
    """How often one may still hand in; None for as often as one likes."""
    if lab.attempts is None:
        return None
    return max(0, lab.attempts - sum(submission.charged for submission in submissions))


def submissions_of(session: Session, work_id: int) -> list[tuple[Submission, Grading]]:
    """Each with the grading that counts, newest first."""
    rows = session.execute(
        select(Submission, Grading)
        .join(Grading, Grading.id == Submission.grading_id)
        .where(Submission.work_id == work_id)
        .order_by(Submission.number.desc())
    )
    return [(submission, grading) for submission, grading in rows]


def _plain_name(filename: str) -> str:
    """The last part of a path of any system, without what no header and no database takes."""
    name = "".join(letter for letter in filename if letter.isprintable())
    return PurePosixPath(name.replace("\\", "/")).name[:200] or "notebook.ipynb"


def _look_at(data: bytes, *, source: bytes, handout: bytes, max_bytes: int) -> None:
    if not data:
        raise Invalid(_("The file is empty. Save the notebook, then choose it again."))
    if len(data) > max_bytes:
        megabytes = max_bytes // 2**20
        raise Invalid(
            _(
                "The file is larger than %(limit)s MB. Clear its outputs, save it and try again.",
                limit=megabytes,
            )
        )
    notebook = read_submission(data)
    if is_empty(notebook):
        raise Invalid(
            _("This notebook has no cells with anything in them. Save your work, then choose the file again.")
        )
    if is_unchanged(source, notebook, handout):
        raise Invalid(_("This is the hand-out as you got it: no answer was changed. Did you save your work?"))
