"""Hand evidence in, with every reason to refuse it. It is worth no points and costs no attempt; a mentor decides what it is worth."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile
from pathlib import PurePosixPath

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms import audit
from lms.content.model import Lab
from lms.errors import Conflict, NotFound
from lms.labs.evidence.pieces import Piece
from lms.labs.evidence.reading import Reading, read
from lms.labs.evidence.tables import EvidenceClaim, EvidenceDecision, EvidencePiece
from lms.labs.tables import LabWork
from lms.words import gettext as _

MOST_CLAIMS = 30
"""Of one work between two decisions: each may hold six megabytes."""


def hand_in(
    session: Session, work: LabWork, lab: Lab, pieces: Sequence[Piece], *, now: datetime
) -> EvidenceClaim:
    """Bring a claim for the lab of `work`; it replaces the one before, unless that was accepted.

    Raises NotFound when the lab asks for none, Invalid (with the place) when the files cannot be read as evidence of one job, Conflict
    when evidence was accepted already, when these very files are waiting, or when too many were handed in without a decision.
    """
    if lab.evidence is None:
        raise NotFound(_("This lab asks for no evidence from a real machine."))
    reading = read(pieces)
    # Two at once would get the same number, and a mentor may be deciding: the work row is locked first.
    session.refresh(work, with_for_update=True)
    earlier = claims_of(session, work.id)
    newest = earlier[0] if earlier else None
    if newest is not None and (decision := latest_decision(session, newest.id)) and decision.accepted:
        raise Conflict(_("Your evidence for this lab was accepted already: there is nothing more to show."))
    digests = [hashlib.sha256(piece.data).hexdigest() for piece in pieces]
    if newest is not None and digests == digests_of(session, newest.id):
        raise Conflict(_("These are the files you handed in last. Change or add something first."))
    undecided = list(takewhile(lambda each: latest_decision(session, each.id) is None, earlier))
    if len(undecided) >= MOST_CLAIMS:
        raise Conflict(
            _(
                "You handed in evidence for this lab %(count)s times without a mentor's decision in between. Wait for it, then bring more.",
                count=len(undecided),
            )
        )
    claim = EvidenceClaim(
        work_id=work.id,
        person_id=work.person_id,
        lab_id=lab.id,
        release_id=work.release_id,
        number=len(earlier) + 1,
        cluster=reading.job.cluster[:60],
        job=reading.job.id,
        handed_in_at=now,
    )
    session.add(claim)
    session.flush()
    for position, (piece, digest) in enumerate(zip(pieces, digests, strict=True), 1):
        session.add(
            EvidencePiece(
                claim_id=claim.id,
                position=position,
                kind=kind_of(reading, piece),
                name=piece.name,
                sha256=digest,
                size=len(piece.data),
                data=piece.data,
            )
        )
    detail = {"lab": lab.id, "sha256": digests}
    audit.record(
        session, "evidence.handed_in", f"evidence:{claim.id}", actor_id=work.person_id, now=now, detail=detail
    )
    return claim


def kind_of(reading: Reading, piece: Piece) -> str:
    """What a piece was read as: script, log or record."""
    if reading.script is not None and reading.script.piece == piece.name:
        return "script"
    return "log" if reading.log is not None and reading.log.piece == piece.name else "record"


def named_apart(pieces: Sequence[Piece]) -> list[Piece]:
    """The same pieces under plain names of their own: what a check rests on is named by its file."""
    taken: set[str] = set()
    named = []
    for piece in pieces:
        plain = "".join(letter for letter in piece.name if letter.isprintable()).replace("\\", "/")
        stem = name = PurePosixPath(plain).name[-180:] or "paste.txt"
        count = 1
        while name in taken:
            count += 1
            name = f"{stem} ({count})"
        taken.add(name)
        named.append(Piece(name, piece.data))
    return named


def claims_of(session: Session, work_id: int) -> list[EvidenceClaim]:
    """Newest first."""
    return list(
        session.scalars(
            select(EvidenceClaim)
            .where(EvidenceClaim.work_id == work_id)
            .order_by(EvidenceClaim.number.desc())
        )
    )


def begun_before(session: Session, work: LabWork) -> datetime | None:
    """When a work was begun; None when it was by handing its first evidence in, which makes every honest job older."""
    first = claims_of(session, work.id)[-1:]
    return None if first and first[0].handed_in_at == work.started_at else work.started_at


def pieces_of(session: Session, claim_id: int) -> list[Piece]:
    """The files of a claim, as they came."""
    rows = session.scalars(
        select(EvidencePiece).where(EvidencePiece.claim_id == claim_id).order_by(EvidencePiece.position)
    )
    return [Piece(row.name, row.data) for row in rows]


def digests_of(session: Session, claim_id: int) -> list[str]:
    return list(
        session.scalars(
            select(EvidencePiece.sha256)
            .where(EvidencePiece.claim_id == claim_id)
            .order_by(EvidencePiece.position)
        )
    )


def latest_decision(session: Session, claim_id: int) -> EvidenceDecision | None:
    return session.scalar(
        select(EvidenceDecision)
        .where(EvidenceDecision.claim_id == claim_id)
        .order_by(EvidenceDecision.id.desc())
        .limit(1)
    )
