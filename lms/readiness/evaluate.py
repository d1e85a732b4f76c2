"""Hold a company against the policy, keep what is new, and move the levels that have to move. Doing it twice is doing it once."""

from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms import audit
from lms.content.shelf import Shelf
from lms.db import insert_once
from lms.people.tables import Organisation
from lms.readiness import credentials
from lms.readiness.looking import Look, Move, look_at
from lms.readiness.states import LevelState, Stand
from lms.readiness.tables import Evaluation, LapseWarning, LevelChange, LevelStanding
from lms.words import gettext as _

Cause = Literal["joined", "left", "attested", "attestation-withdrawn", "decided", "certificate", "swept"]
"""What made somebody look: a person came or went, a word was given or taken back, the centre decided, a certificate was ended, or time
passed. What is found new is told by the evaluation itself.
"""


def evaluate(
    session: Session, shelf: Shelf, organisation_id: int, *, cause: Cause, by: int | None, now: datetime
) -> Look:
    """Look at a company, and write down what is new. One at a time for each company: its row is locked."""
    session.get_one(Organisation, organisation_id, with_for_update=True, populate_existing=True)
    look = look_at(session, shelf, [organisation_id], now=now)[organisation_id]
    if not look.policy.levels and not look.standings:
        return look
    evaluation = _kept(session, look, cause=cause, by=by)
    for move in look.moves:
        _apply(session, look, move, evaluation)
    for warning in look.warnings:
        insert_once(
            session,
            LapseWarning,
            organisation_id=organisation_id,
            level_id=warning.level_id,
            lapses_on=warning.lapses_on,
            days=warning.days,
            told_at=now,
        )
    session.flush()
    return look


def write(
    session: Session, organisation_id: int, level_id: str, stand: Stand, evaluation_id: int
) -> LevelStanding:
    """Keep where a level stands."""
    values = {
        "state": stand.state.value,
        "since": stand.since,
        "earned": stand.earned,
        "lapses_on": stand.lapses_on,
        "grace_until": stand.grace_until,
        "credential_id": stand.credential_id,
        "is_held": stand.is_held,
        "waits_since": stand.waits_since,
        "evaluation_id": evaluation_id,
    }
    key = {"organisation_id": organisation_id, "level_id": level_id}
    insert_once(session, LevelStanding, **key, **values)
    row = session.scalars(select(LevelStanding).filter_by(**key)).one()
    for name, value in values.items():
        setattr(row, name, value)
    return row


def note(
    session: Session,
    organisation_id: int,
    level_id: str,
    before: LevelState,
    after: LevelState,
    *,
    cause: str,
    reason: str,
    actor_id: int | None,
    evaluation_id: int,
    now: datetime,
) -> None:
    """Write down that a level moved, for its history and for the record."""
    session.add(
        LevelChange(
            organisation_id=organisation_id,
            level_id=level_id,
            at=now,
            before=before.value,
            after=after.value,
            cause=cause,
            reason=reason,
            actor_id=actor_id,
            evaluation_id=evaluation_id,
        )
    )
    audit.record(
        session,
        f"readiness.{after.value}",
        f"organisation:{organisation_id}",
        actor_id=actor_id,
        now=now,
        detail={"level": level_id, "before": before.value, "cause": cause, "reason": reason},
    )


def _kept(session: Session, look: Look, *, cause: Cause, by: int | None) -> Evaluation:
    """The evaluation that says what is so: the latest, or a new one."""
    if not look.is_new and look.latest is not None:
        return look.latest
    evaluation = Evaluation(
        organisation_id=look.organisation_id,
        evaluated_at=look.at,
        day=look.today,
        cause=cause,
        caused_by=by,
        release_id=look.release_id,
        policy_version=look.policy.version,
        policy_digest=look.policy_digest,
        evidence=look.evidence,
        outcome=look.outcome,
    )
    session.add(evaluation)
    session.flush()
    return evaluation


def _apply(session: Session, look: Look, move: Move, evaluation: Evaluation) -> None:
    write(session, look.organisation_id, move.level_id, move.after, evaluation.id)
    if not move.cause:
        return
    note(
        session,
        look.organisation_id,
        move.level_id,
        move.before.state if move.before else LevelState.OPEN,
        move.after.state,
        cause=move.cause,
        reason="",
        actor_id=None,
        evaluation_id=evaluation.id,
        now=look.at,
    )
    if move.cause == "grace-over" and move.after.credential_id is not None:
        credentials.suspend(
            session,
            move.after.credential_id,
            by=None,
            reason=_("What the level rests on is no longer so, and the days of grace are over."),
            now=look.at,
        )
