"""Keep what was typed. One save at a time in a work; nothing that somebody else saved meanwhile is overwritten unseen."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from lms.errors import Conflict, Invalid
from lms.labs.tables import LabWork
from lms.labs.work.content import MOST_BYTES, Sent, packed
from lms.labs.work.tables import Revision, WorkFile
from lms.labs.work.thinning import Kept, makes_room, may_mark, to_drop
from lms.words import gettext as _

MOST_KEPT = 64 << 20
"""Bytes of files of all the revisions of one work."""


class Overtaken(Conflict):
    """Somebody else saved since. `head` is what is current now; `kept` is the revision beside it that holds what was sent, None where
    nothing was sent.
    """

    def __init__(self, head: Revision | None, kept: Revision | None) -> None:
        super().__init__(
            _(
                "This lab was saved from another window or machine meanwhile. Both versions are kept: choose which to go on with."
            )
        )
        self.head = head
        self.kept = kept


class MissingFiles(Invalid):
    """Files were named that nobody sent yet. `digests` says which."""

    def __init__(self, digests: list[str]) -> None:
        super().__init__(_("Some files have to be sent along."))
        self.digests = digests


def head_of(session: Session, work_id: int) -> Revision | None:
    """What the learner sees; None before the first save."""
    return session.scalar(select(Revision).where(Revision.work_id == work_id, Revision.is_head))


def save(
    session: Session, work: LabWork, sent: Sent, *, base: int, now: datetime, keep: bool = False
) -> Revision:
    """Make `sent` the head of `work`, where `base` is the revision it was made from, 0 for none. With `keep` what was the head stays, and
    what is sent is marked: nothing is written over it, and it never makes room (unless more is marked than thinning.may_mark allows).

    What is the head already is answered with the head, whatever `base` says: an answer that got lost is no conflict.
    Raises Overtaken when the head is another than `base` by now: then what was sent is kept beside it, and the caller must commit.
    Raises MissingFiles, and Invalid when all files of one revision are too large.
    """
    head = lock(session, work)
    files = _bring_files(session, work, sent)
    if head is not None and head.sha256 == sent.sha256 and head.files == files:
        if keep:
            _mark(session, work, head)
        return head
    if (head.number if head else 0) != base:
        raise Overtaken(head, add(session, work, head, sent.notebook, files, kind="conflict", now=now))
    number = _next_number(session, work)
    if head is not None and makes_room(_kept(head), now, keep=keep, is_newest=head.number == number - 1):
        head.number = number
        head.sha256, head.size, head.data = sent.sha256, len(sent.notebook), packed(sent.notebook)
        changed = head.files != files
        head.files, head.saved_at = files, now
        session.flush()
        if changed:
            _forget_files(session, work, _all_of(session, work))
        return head
    made = add(session, work, head, sent.notebook, files, kind="saved", now=now)
    if keep:
        _mark(session, work, made)
    return made


def lock(session: Session, work: LabWork) -> Revision | None:
    """The head, and nobody else saves until this transaction ends."""
    session.refresh(work, with_for_update=True)
    return session.scalar(
        select(Revision)
        .where(Revision.work_id == work.id, Revision.is_head)
        .execution_options(populate_existing=True)
    )


def require_head(head: Revision | None, base: int) -> None:
    """Raises Overtaken unless `base` is still the head: what somebody does on purpose, they do to what they saw."""
    if (head.number if head else 0) != base:
        raise Overtaken(head, None)


def add(
    session: Session,
    work: LabWork,
    head: Revision | None,
    notebook: bytes,
    files: list[dict[str, Any]],
    *,
    kind: str,
    now: datetime,
) -> Revision:
    """A new revision; the new head in place of `head`, unless it lost a conflict. The work must be locked."""
    is_head = kind != "conflict"
    if is_head and head is not None:
        head.is_head = False
        session.flush()  # before the new one is inserted: there is one head at any moment
    made = Revision(
        work_id=work.id,
        person_id=work.person_id,
        release_id=work.release_id,
        number=_next_number(session, work),
        kind=kind,
        is_head=is_head,
        is_marked=False,
        began_at=now,
        saved_at=now,
        sha256=hashlib.sha256(notebook).hexdigest(),
        size=len(notebook),
        data=packed(notebook),
        files=files,
    )
    session.add(made)
    session.flush()
    _thin(session, work, now)
    return made


def _mark(session: Session, work: LabWork, revision: Revision) -> None:
    marked = session.scalars(
        select(Revision).where(
            Revision.work_id == work.id, Revision.is_marked, Revision.submission_id.is_(None)
        )
    )
    if not revision.is_marked and may_mark([_bytes(each) for each in marked], _bytes(revision)):
        revision.is_marked = True
        session.flush()


def _bytes(revision: Revision) -> int:
    files: int = sum(file["size"] for file in revision.files)
    return revision.size + files


def _next_number(session: Session, work: LabWork) -> int:
    return (session.scalar(select(func.max(Revision.number)).where(Revision.work_id == work.id)) or 0) + 1


def _kept(revision: Revision) -> Kept:
    return Kept(
        id=revision.id,
        number=revision.number,
        kind=revision.kind,
        began_at=revision.began_at,
        saved_at=revision.saved_at,
        size=revision.size,
        is_head=revision.is_head,
        handed_in=revision.submission_id is not None,
        marked=revision.is_marked,
    )


def _all_of(session: Session, work: LabWork) -> Sequence[Revision]:
    """Oldest first."""
    return session.scalars(
        select(Revision).where(Revision.work_id == work.id).order_by(Revision.number)
    ).all()


def _thin(session: Session, work: LabWork, now: datetime) -> None:
    revisions = _all_of(session, work)
    dropped = set(to_drop([_kept(each) for each in revisions], now))
    if dropped:
        session.execute(delete(Revision).where(Revision.id.in_(dropped)))
    _forget_files(session, work, [each for each in revisions if each.id not in dropped])


def _forget_files(session: Session, work: LabWork, revisions: Sequence[Revision]) -> None:
    """Files that none of `revisions`, which are all there are, has any more go. Of what remains, autosaves lose theirs first, oldest first,
    then whatever else does not stay for ever, until all are within MOST_KEPT: notebooks are what a history is for, and files can be
    written again by running them.
    """
    lighter = [each for each in revisions if each.files and not _kept(each).stays]
    lighter.sort(key=lambda each: (each.kind != "saved", each.number))
    while sum((used := _used(revisions)).values()) > MOST_KEPT and lighter:
        lighter.pop(0).files = []
    session.flush()
    session.execute(delete(WorkFile).where(WorkFile.work_id == work.id, WorkFile.sha256.not_in(used.keys())))


def _used(revisions: Sequence[Revision]) -> dict[str, int]:
    """Bytes of each file that is in any of them, by digest."""
    return {file["sha256"]: file["size"] for revision in revisions for file in revision.files}


def _sizes(session: Session, work: LabWork) -> dict[str, int]:
    """In bytes, of every file of this work there is, by digest."""
    rows = session.execute(
        select(WorkFile.sha256, func.length(WorkFile.data)).where(WorkFile.work_id == work.id)
    )
    return dict(rows.all())


def _bring_files(session: Session, work: LabWork, sent: Sent) -> list[dict[str, Any]]:
    """The list a revision keeps. What came along is stored; raises MissingFiles for what is neither there nor came."""
    wanted = set(sent.files.values())
    there = _sizes(session, work)
    missing = sorted(wanted - there.keys() - sent.brought.keys())
    if missing:
        raise MissingFiles(missing)
    sizes = there | {digest: len(data) for digest, data in sent.brought.items()}
    if sum(sizes[digest] for digest in sent.files.values()) > MOST_BYTES:
        raise Invalid(
            _(
                "The files that your code wrote are larger than %(limit)s MB together: they are not saved. Delete some.",
                limit=MOST_BYTES >> 20,
            )
        )
    for digest in wanted - there.keys():
        session.add(WorkFile(work_id=work.id, sha256=digest, data=sent.brought[digest]))
    session.flush()
    return [
        {"name": name, "sha256": digest, "size": sizes[digest]} for name, digest in sorted(sent.files.items())
    ]
