"""What the centre's staff look at: who waits for a decision, who holds what, and what came before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from lms.people.tables import Organisation, Person
from lms.readiness.looking import stand_of
from lms.readiness.states import LevelState, Stand
from lms.readiness.tables import Evaluation, LapseWarning, LevelChange, LevelStanding


@dataclass(frozen=True)
class Row:
    """A company and a level it stands somewhere with; `policy_version` is that of the evaluation it rests on."""

    organisation: Organisation
    level_id: str
    stand: Stand
    policy_version: str


@dataclass(frozen=True)
class Change:
    """A move of a level, with who decided it; None when it moved by itself."""

    change: LevelChange
    organisation: Organisation
    actor: Person | None


def waiting(session: Session) -> list[Row]:
    """What waits for a decision, oldest first."""
    return _rows(
        session,
        LevelStanding.waits_since.is_not(None),
        order=(LevelStanding.waits_since, LevelStanding.id),
    )


def standing(session: Session, state: LevelState | None = None, level_id: str = "") -> list[Row]:
    """Who stands where, by company and level; only in this state, and with this level, if said. Open levels are left out unless asked
    for.
    """
    wanted: list[ColumnElement[bool]] = [
        LevelStanding.state != LevelState.OPEN.value if state is None else LevelStanding.state == state.value
    ]
    if level_id:
        wanted.append(LevelStanding.level_id == level_id)
    return _rows(session, *wanted, order=(Organisation.name, LevelStanding.id))


def counts(session: Session) -> dict[tuple[str, LevelState], int]:
    """How many companies stand where, by (level id, state)."""
    rows = session.execute(
        select(LevelStanding.level_id, LevelStanding.state, func.count()).group_by(
            LevelStanding.level_id, LevelStanding.state
        )
    )
    return {(level_id, LevelState(state)): count for level_id, state, count in rows}


def changes(session: Session, organisation_id: int | None = None, *, limit: int = 50) -> list[Change]:
    """What moved, newest first: of one company, or of all."""
    query = (
        select(LevelChange, Organisation, Person)
        .join(Organisation, Organisation.id == LevelChange.organisation_id)
        .outerjoin(Person, Person.id == LevelChange.actor_id)
        .order_by(LevelChange.id.desc())
        .limit(limit)
    )
    if organisation_id is not None:
        query = query.where(LevelChange.organisation_id == organisation_id)
    return [Change(change, organisation, actor) for change, organisation, actor in session.execute(query)]


def evaluations(
    session: Session, organisation_id: int, *, limit: int = 50
) -> Sequence[tuple[Evaluation, Person | None]]:
    """How a company was evaluated, newest first, with who made somebody look."""
    rows = session.execute(
        select(Evaluation, Person)
        .outerjoin(Person, Person.id == Evaluation.caused_by)
        .where(Evaluation.organisation_id == organisation_id)
        .order_by(Evaluation.id.desc())
        .limit(limit)
    )
    return [(evaluation, person) for evaluation, person in rows]


def warnings(session: Session, organisation_id: int, *, today: date) -> list[LapseWarning]:
    """What a company was told that still lies ahead: of each level the latest word."""
    rows = session.scalars(
        select(LapseWarning)
        .where(LapseWarning.organisation_id == organisation_id, LapseWarning.lapses_on >= today)
        .order_by(LapseWarning.days.desc(), LapseWarning.id)
    )
    return sorted({row.level_id: row for row in rows}.values(), key=lambda row: row.lapses_on)


def as_record(row: Row, certificate: str) -> dict[str, Any]:
    """A row for a file that other programs read. `certificate` is its address, "" for none."""
    stand = row.stand
    return {
        "company": row.organisation.name,
        "slug": row.organisation.slug,
        "level": row.level_id,
        "state": stand.state.value,
        "since": _iso(stand.since),
        "earned": stand.earned,
        "lapses_on": _iso(stand.lapses_on),
        "grace_until": _iso(stand.grace_until),
        "waits_since": _iso(stand.waits_since),
        "certificate": certificate,
        "policy": row.policy_version,
    }


def _iso(value: date | datetime | None) -> str:
    return "" if value is None else value.isoformat()


def _rows(session: Session, *wanted: ColumnElement[bool], order: tuple[Any, ...]) -> list[Row]:
    rows = session.execute(
        select(LevelStanding, Organisation, Evaluation.policy_version)
        .join(Organisation, Organisation.id == LevelStanding.organisation_id)
        .join(Evaluation, Evaluation.id == LevelStanding.evaluation_id)
        .where(*wanted)
        .order_by(*order)
    )
    return [Row(organisation, row.level_id, stand_of(row), version) for row, organisation, version in rows]
