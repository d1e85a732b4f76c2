"""What there is to tell, and in which words. Pure.

No person is named: a person's certificate is told by its number and its address, where its own page says as much as its holder lets it.
Nor is a reason that somebody typed, which may name one.
"""

import json
import uuid
from datetime import UTC, date, datetime
from typing import Any

from lms.certification.credential import Issuer
from lms.readiness.states import LevelState, Stand

ISSUED, REVOKED, RENEWED = "credential.issued", "credential.revoked", "credential.renewed"
GRANTED = "organisation.readiness.granted"
EXPIRING = "organisation.readiness.expiring"
WITHDRAWN = "organisation.readiness.withdrawn"
NAMES = (ISSUED, REVOKED, RENEWED, GRANTED, EXPIRING, WITHDRAWN)
TEST = "webhook.test"
"""Sent when staff ask for it, whatever an endpoint wants to be told."""

Data = dict[str, Any]


def event_id(site: str, source: str, number: int, at: datetime) -> str:
    """The same for the same row of a record, whoever reads it and however often."""
    name = f"{site}/{source}/{number}/{at.astimezone(UTC).isoformat()}"
    return f"msg_{uuid.uuid5(uuid.NAMESPACE_URL, name).hex}"


def body_of(name: str, at: datetime, data: Data) -> str:
    """What is sent, to the byte: `type`, `timestamp` (when it happened, in UTC) and `data`, in ASCII."""
    return json.dumps({"type": name, "timestamp": moment(at), "data": data}, separators=(",", ":"))


def name_of(before: LevelState, after: LevelState) -> str | None:
    """What a desk is told of a level that moved; None for what only concerns the company and the centre."""
    match after:
        case LevelState.GRANTED:
            return GRANTED
        case LevelState.LAPSING:
            return EXPIRING
        case LevelState.OPEN | LevelState.PROPOSED | LevelState.SUSPENDED | LevelState.WITHDRAWN:
            return WITHDRAWN if before.holds or before is LevelState.SUSPENDED else None


def issuer_of(issuer: Issuer) -> Data:
    """Who says so."""
    return {"id": issuer.did, "name": issuer.name}


def credential_of(issuer: Issuer, credential_id: str) -> Data:
    return {"id": credential_id, "address": issuer.credential_url(credential_id)}


def organisation_of(slug: str, name: str) -> Data:
    return {"slug": slug, "name": name}


def level_of(level_id: str) -> Data:
    """A level, and the machine it is about, None where it is about none: `R1@boreas` is R1 on boreas."""
    level, _at, machine = level_id.partition("@")
    return {"id": level_id, "level": level, "machine": machine or None}


def stand_of(stand: Stand) -> Data:
    """Until when a level holds: the first day on which it would hold no more, and the first after the days of grace."""
    return {"lapses_on": day(stand.lapses_on), "grace_until": day(stand.grace_until)}


def moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()
