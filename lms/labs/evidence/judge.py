"""A person judges a claim: who may see it, what waits, the decision. No check decides, and nobody judges themselves or a colleague."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from lms import audit
from lms.errors import Conflict, Invalid, NotFound
from lms.labs.evidence.hand_in import latest_decision
from lms.labs.evidence.tables import EvidenceClaim, EvidenceDecision, EvidencePiece
from lms.labs.evidence.verdict import Elsewhere, Verdict
from lms.labs.tables import LabWork
from lms.people.access import colleagues_of
from lms.people.tables import Person
from lms.people.viewer import Viewer
from lms.words import gettext as _

TELLING = 200
"""Bytes from which on two equal logs are no coincidence; many a job prints `done` and no more."""


def access_claim(session: Session, viewer: Viewer, claim_id: int) -> EvidenceClaim:
    """A claim, for who handed it in, for mentors who do not work for the same company, and for staff."""
    claim = session.get(EvidenceClaim, claim_id)
    if claim is not None and (
        claim.person_id == viewer.id or viewer.is_staff or may_judge(session, viewer, claim)
    ):
        return claim
    raise NotFound(_("There is no such evidence, or it is not yours to see."))


def claim_to_judge(session: Session, viewer: Viewer, claim_id: int) -> EvidenceClaim:
    """A claim with its checks, which name other learners: not for who handed it in, nor for their colleagues, mentors though they be."""
    claim = session.get(EvidenceClaim, claim_id)
    if claim is not None and may_judge(session, viewer, claim):
        return claim
    raise NotFound(_("There is no such evidence, or it is not yours to judge."))


def may_judge(session: Session, viewer: Viewer, claim: EvidenceClaim) -> bool:
    return viewer.is_mentor and claim.person_id not in {viewer.id, *colleagues_of(session, viewer.id)}


def waiting_for_judgement(session: Session, viewer: Viewer) -> list[tuple[EvidenceClaim, Person]]:
    """Claims nobody has decided, oldest first: the newest of each work, and none of the mentor's own or their colleagues'."""
    newest = select(func.max(EvidenceClaim.id)).group_by(EvidenceClaim.work_id)
    rows = session.execute(
        select(EvidenceClaim, Person)
        .join(Person, Person.id == EvidenceClaim.person_id)
        .where(
            EvidenceClaim.id.in_(newest),
            ~select(EvidenceDecision.id).where(EvidenceDecision.claim_id == EvidenceClaim.id).exists(),
        )
        .order_by(EvidenceClaim.handed_in_at, EvidenceClaim.id)
    )
    not_theirs = {viewer.id, *colleagues_of(session, viewer.id)}
    return [(claim, person) for claim, person in rows if person.id not in not_theirs]


def elsewhere_of(session: Session, claim: EvidenceClaim) -> tuple[Elsewhere, ...]:
    """Where the same file or the same job came from somebody else. For mentors: it names other learners."""
    mine, theirs = aliased(EvidencePiece), aliased(EvidencePiece)
    files = session.execute(
        select(EvidenceClaim.id, EvidenceClaim.lab_id, Person.name, theirs.kind, theirs.size)
        .join(theirs, theirs.claim_id == EvidenceClaim.id)
        .join(mine, mine.sha256 == theirs.sha256)
        .join(Person, Person.id == EvidenceClaim.person_id)
        .where(
            mine.claim_id == claim.id,
            EvidenceClaim.person_id != claim.person_id,
            # A script is often handed out with the lab, or shared by colleagues: the same script says nothing.
            theirs.kind != "script",
        )
        .order_by(EvidenceClaim.id)
    )
    found: dict[int, Elsewhere] = {}
    for file in files:
        is_sure = file.kind == "record" or file.size >= TELLING
        found[file.id] = _surer(
            found.get(file.id), Elsewhere(file.id, file.name, file.lab_id, "file", is_sure=is_sure)
        )
    jobs = session.execute(
        select(EvidenceClaim.id, EvidenceClaim.lab_id, EvidenceClaim.cluster, Person.name)
        .join(Person, Person.id == EvidenceClaim.person_id)
        .where(EvidenceClaim.job == claim.job, EvidenceClaim.person_id != claim.person_id)
        .order_by(EvidenceClaim.id)
    )
    for row in jobs:
        if row.cluster and claim.cluster and row.cluster != claim.cluster:
            continue
        is_sure = bool(claim.cluster) and row.cluster == claim.cluster
        found[row.id] = _surer(
            found.get(row.id), Elsewhere(row.id, row.name, row.lab_id, "job", is_sure=is_sure)
        )
    return tuple(found.values())


def _surer(known: Elsewhere | None, other: Elsewhere) -> Elsewhere:
    """Of two reasons why a claim is like another, the one that tells more: a job's number more than a log that is short."""
    return max((each for each in (known, other) if each), key=lambda each: (each.is_sure, each.same == "job"))


def decide(
    session: Session,
    viewer: Viewer,
    claim: EvidenceClaim,
    *,
    accepted: bool | None,
    comment: str,
    verdicts: Mapping[str, Verdict],
    seen: int,
    now: datetime,
) -> EvidenceDecision:
    """Accept a claim as evidence, or not. `seen` is the id of the decision the mentor was looking at, 0 for none; `verdicts` the checks'.

    Raises NotFound for one's own claim and a colleague's, Invalid without a choice or without a reason not to accept, Conflict when the
    learner has replaced it or another mentor was faster.
    """
    if not may_judge(session, viewer, claim):
        raise NotFound(_("There is no such evidence, or it is not yours to judge."))
    comment = comment.strip()[:8000]
    fields = {}
    if accepted is None:
        fields["accepted"] = _("Choose whether you accept it as evidence.")
    elif not accepted and not comment:
        fields["comment"] = _(
            "Say what is missing or does not fit, so that the learner knows what to bring next."
        )
    if fields:
        raise Invalid(_("The decision is not complete."), fields)
    # A learner may be replacing it, another mentor deciding: all of them lock the work row first.
    work = session.get_one(LabWork, claim.work_id)
    session.refresh(work, with_for_update=True)
    newest = session.scalar(select(func.max(EvidenceClaim.id)).where(EvidenceClaim.work_id == work.id))
    if newest != claim.id:
        raise Conflict(_("The learner has handed in other evidence meanwhile. Look at that instead."))
    known = latest_decision(session, claim.id)
    if (known.id if known else 0) != seen:
        raise Conflict(
            _(
                "Somebody decided while you were reading. Look at their decision, then decide again if you disagree."
            )
        )
    decision = EvidenceDecision(
        claim_id=claim.id,
        mentor_id=viewer.id,
        accepted=bool(accepted),
        comment=comment,
        verdicts={name: verdict.value for name, verdict in verdicts.items()},
        decided_at=now,
    )
    session.add(decision)
    session.flush()
    detail = {"accepted": decision.accepted, "decision": decision.id}
    audit.record(
        session, "evidence.decided", f"evidence:{claim.id}", actor_id=viewer.id, now=now, detail=detail
    )
    return decision
