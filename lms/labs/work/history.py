"""Earlier versions: listed, looked at, restored; and the lab begun anew. Nothing is ever deleted by any of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms import audit
from lms.errors import Invalid, NotFound
from lms.labs.notebook import LooseCell, read_submission
from lms.labs.tables import LabWork, Submission
from lms.labs.work.content import parsed, unpacked
from lms.labs.work.save import add, lock, require_head
from lms.labs.work.tables import Revision, WorkFile
from lms.words import gettext as _


def revisions_of(session: Session, work_id: int) -> list[tuple[Revision, int | None]]:
    """Newest first, each with the number of the submission it was handed in as."""
    rows = session.execute(
        select(Revision, Submission.number)
        .outerjoin(Submission, Submission.id == Revision.submission_id)
        .where(Revision.work_id == work_id)
        .order_by(Revision.number.desc())
    )
    return [(revision, number) for revision, number in rows]


def get_revision(session: Session, work: LabWork, number: int) -> Revision:
    """Raises NotFound: it was an autosave that made room, or never was."""
    found = session.scalar(select(Revision).where(Revision.work_id == work.id, Revision.number == number))
    if found is None:
        raise NotFound(_("This version is not kept any more: a later save took its place."))
    return found


def notebook_of(revision: Revision) -> dict[str, Any]:
    found: dict[str, Any] = parsed(unpacked(revision.data))
    return found


def is_changed_since(session: Session, head: Revision | None, submission: Submission) -> bool:
    """Whether something else is written in `head` than in the version that was handed in as `submission`: what cells put out does not
    matter. False where it was not handed in from the page.
    """
    if head is None or head.submission_id == submission.id:
        return False
    handed_in = session.scalar(select(Revision).where(Revision.submission_id == submission.id))
    if handed_in is None:
        return False
    try:
        return _written(head) != _written(handed_in)
    except Invalid:  # it may be saved, and be too large to be handed in
        return True


def _written(revision: Revision) -> tuple[LooseCell, ...]:
    return read_submission(unpacked(revision.data)).cells


def file_of(session: Session, work: LabWork, sha256: str) -> bytes:
    """A file of any revision of this work. Raises NotFound."""
    found = session.scalar(
        select(WorkFile.data).where(WorkFile.work_id == work.id, WorkFile.sha256 == sha256)
    )
    if found is None:
        raise NotFound(_("There is no such file."))
    return found


def restore(session: Session, work: LabWork, number: int, *, base: int, now: datetime) -> Revision:
    """Make revision `number` the newest again; what was current stays in the list. Raises Overtaken, NotFound."""
    head = lock(session, work)
    require_head(head, base)
    old = get_revision(session, work, number)
    return add(session, work, head, unpacked(old.data), list(old.files), kind="restored", now=now)


def start_over(session: Session, work: LabWork, handout: bytes, *, base: int, now: datetime) -> Revision:
    """Begin with the hand-out again, without files; what was current stays in the list. Raises Overtaken."""
    head = lock(session, work)
    require_head(head, base)
    audit.record(session, "lab.started_over", f"lab:{work.lab_id}", actor_id=work.person_id, now=now)
    return add(session, work, head, handout, [], kind="started-over", now=now)


def replace(session: Session, work: LabWork, notebook: bytes, *, kind: str, now: datetime) -> Revision:
    """Make `notebook` the newest, with the files there are: it was uploaded, or moved to a newer version of the lab."""
    head = lock(session, work)
    return add(session, work, head, notebook, list(head.files) if head else [], kind=kind, now=now)
