"""What happened since, written down for each endpoint that wants to be told.

The records that are read (the audit log, moves of levels, warnings) were written in the transaction of what they tell: they are the outbox,
so that nothing is told that was rolled back, and nothing that was committed is forgotten. A row's number is given out before its
transaction commits, and a later one may commit first: the newest rows are read again until SETTLED, and told once each.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, true, update
from sqlalchemy.orm import Session

from lms.audit import AuditEvent
from lms.certification.credential import Issuer
from lms.certification.tables import Credential
from lms.db import Database, insert_once
from lms.handover import events
from lms.handover.deliver import TRIES
from lms.handover.tables import Delivery, Endpoint, Read
from lms.people.tables import Organisation
from lms.readiness.looking import stand_of
from lms.readiness.states import LevelState
from lms.readiness.tables import LapseWarning, LevelChange, LevelStanding

SETTLED = timedelta(hours=1)
"""Far longer than any transaction takes."""
AT_ONCE = 500


@dataclass(frozen=True)
class Record:
    """A table that tells what happened: when a row did, what an endpoint calls it (None: nothing), and what is told of it."""

    source: str
    table: type[Any]
    at: Callable[[Any], datetime]
    name: Callable[[Any], str | None]
    data: Callable[[Session, Issuer, Any], events.Data]
    wanted: ColumnElement[bool]


@dataclass(frozen=True)
class _News:
    endpoint_id: int
    event_id: str
    name: str
    body: str


def collect(database: Database, issuer: Issuer, *, now: datetime) -> int:
    """Write a delivery for everything new that an endpoint wants to be told; how many. Nothing is locked while there is none."""
    with database.reading() as session:
        endpoints = list(session.scalars(select(Endpoint).order_by(Endpoint.id)))
        if not endpoints:
            return 0
        read = {row.source: row.upto for row in session.scalars(select(Read))}
        found = {
            record.source: _news(session, issuer, record, endpoints, read.get(record.source, 0), now=now)
            for record in RECORDS
        }
    moved = {source: upto for source, (_each, upto) in found.items() if upto > read.get(source, 0)}
    news = [each for several, _upto in found.values() for each in several]
    if not news and not moved:
        return 0
    with database.transaction() as session:
        for source, upto in moved.items():
            insert_once(session, Read, source=source, upto=0)
            session.execute(update(Read).where(Read.source == source, Read.upto < upto).values(upto=upto))
        return sum(_write(session, each, now=now) for each in news)


def _news(
    session: Session, issuer: Issuer, record: Record, endpoints: list[Endpoint], upto: int, *, now: datetime
) -> tuple[list[_News], int]:
    """What is new of a record after the row `upto`, and up to which row it need not be read again."""
    news: list[_News] = []
    after, is_settled = upto, True
    while True:
        rows = list(
            session.scalars(
                select(record.table)
                .where(record.table.id > after, record.wanted)
                .order_by(record.table.id)
                .limit(AT_ONCE)
            )
        )
        for row in rows:
            is_settled = is_settled and record.at(row) <= now - SETTLED
            upto = row.id if is_settled else upto
            news += _of_row(session, issuer, record, row, endpoints)
        if len(rows) < AT_ONCE:
            return news, upto
        after = rows[-1].id


def _of_row(
    session: Session, issuer: Issuer, record: Record, row: Any, endpoints: list[Endpoint]
) -> list[_News]:
    name, at = record.name(row), record.at(row)
    wanting = [each.id for each in endpoints if name in each.events and each.created_at <= at]
    if name is None or not wanting:
        return []
    event_id = events.event_id(issuer.base_url, record.source, row.id, at)
    told = set(session.scalars(select(Delivery.endpoint_id).where(Delivery.event_id == event_id)))
    missing = [each for each in wanting if each not in told]
    if not missing:
        return []
    body = events.body_of(name, at, record.data(session, issuer, row))
    return [_News(each, event_id, name, body) for each in missing]


def _write(session: Session, news: _News, *, now: datetime) -> bool:
    return insert_once(
        session,
        Delivery,
        endpoint_id=news.endpoint_id,
        event_id=news.event_id,
        type=news.name,
        body=news.body,
        created_at=now,
        tries_left=TRIES,
        next_at=now,
    )


def _of_credential(session: Session, issuer: Issuer, row: AuditEvent) -> events.Data:
    number = row.subject.partition(":")[2]
    credential = session.get_one(Credential, number)
    data: events.Data = {
        "issuer": events.issuer_of(issuer),
        "credential": events.credential_of(issuer, number),
        "holder": "organisation" if credential.kind == "level" else "person",
    }
    if "replaces" in row.detail:
        data["replaces"] = events.credential_of(issuer, row.detail["replaces"])
    if credential.organisation_id is not None:
        until = credential.valid_until
        data |= _of_organisation(session, credential.organisation_id)
        data |= {
            "level": events.level_of(credential.achievement_id),
            "valid_until": None if until is None else events.moment(until),
        }
    return data


def _of_change(session: Session, issuer: Issuer, row: LevelChange) -> events.Data:
    """Until when it holds is told as long as the level still stands where it moved to."""
    found = _of_level(session, issuer, row.organisation_id, row.level_id)
    if found["state"] != row.after:
        found |= {"lapses_on": None, "grace_until": None}
    return {**found, "state": row.after, "cause": row.cause}


def _of_warning(session: Session, issuer: Issuer, row: LapseWarning) -> events.Data:
    found = _of_level(session, issuer, row.organisation_id, row.level_id)
    return {**found, "lapses_on": row.lapses_on.isoformat(), "cause": "warning", "days": row.days}


def _of_level(session: Session, issuer: Issuer, organisation_id: int, level_id: str) -> events.Data:
    row = session.scalars(
        select(LevelStanding).where(
            LevelStanding.organisation_id == organisation_id, LevelStanding.level_id == level_id
        )
    ).one()
    return {
        "issuer": events.issuer_of(issuer),
        **_of_organisation(session, organisation_id),
        "level": events.level_of(level_id),
        "state": row.state,
        **events.stand_of(stand_of(row)),
        "credential": events.credential_of(issuer, row.credential_id) if row.credential_id else None,
    }


def _of_organisation(session: Session, organisation_id: int) -> events.Data:
    found = session.get_one(Organisation, organisation_id)
    return {"organisation": events.organisation_of(found.slug, found.name)}


RECORDS = (
    Record(
        "audit",
        AuditEvent,
        lambda row: row.at,
        lambda row: row.action,
        _of_credential,
        AuditEvent.action.in_((events.ISSUED, events.REVOKED, events.RENEWED)),
    ),
    Record(
        "change",
        LevelChange,
        lambda row: row.at,
        lambda row: events.name_of(LevelState(row.before), LevelState(row.after)),
        _of_change,
        true(),
    ),
    Record(
        "warning", LapseWarning, lambda row: row.told_at, lambda _row: events.EXPIRING, _of_warning, true()
    ),
)
