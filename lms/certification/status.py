"""Status lists: what a stranger's program asks to learn what became of a credential, without telling whose it holds.

A list is a row of bits, one for each credential at a random place, signed like a credential. It says what is so now, so it is made when
it is asked for, and kept in memory until something changed or its hours are over. Source: W3C Bitstring Status List 1.0.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from openbadgeslib.ob3.status_list import DEFAULT_SIZE_BITS, build_status_list_credential
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.certification.credential import Issuer, StatusPlace, Term
from lms.certification.keys import Signer
from lms.certification.press import Press, Sealed, seal
from lms.certification.tables import Credential
from lms.errors import NotFound
from lms.words import gettext as _

PURPOSE = {"course": "revocation", "track": "revocation", "level": "suspension"}
"""The one purpose of a credential's status entry, by kind: 1EdTech's schema takes one entry, and W3C's lists tell one thing each.

A person's certificate is only ever revoked, which nothing undoes. A company's readiness is suspended and comes back, so its list is the
one whose bits may be taken back; a revoked one stays set there for good. Verifiers refuse both; the page and the register tell which.
"""

FULL = DEFAULT_SIZE_BITS // 2
"""Credentials in one list before the next begins: a random place is found soon while half of them are free."""

PERIOD = timedelta(hours=6)
VALID = timedelta(hours=24)
"""A list is made anew every PERIOD, so whoever was shown an old copy may be misled for VALID, at most."""

MAX_AGE = timedelta(minutes=5)
"""How long a copy may be kept without asking again."""


@dataclass(frozen=True)
class StatusList:
    """Both signed forms, and what tells one state of a list from another."""

    sealed: Sealed
    tag: str


def free_place(session: Session, kind: str) -> StatusPlace:
    """A random place nobody has. Another process may be faster to take it: the table's constraint says so."""
    purpose = PURPOSE[kind]
    number = session.scalar(
        select(func.max(Credential.status_list)).where(Credential.status_purpose == purpose)
    )
    number = number or 1
    there = (Credential.status_purpose == purpose, Credential.status_list == number)
    if (session.scalar(select(func.count()).select_from(Credential).where(*there)) or 0) >= FULL:
        return StatusPlace(purpose, number + 1, secrets.randbelow(DEFAULT_SIZE_BITS))
    while True:
        index = secrets.randbelow(DEFAULT_SIZE_BITS)
        if session.scalar(select(Credential.id).where(*there, Credential.status_index == index)) is None:
            return StatusPlace(purpose, number, index)


def status_list(session: Session, press: Press, purpose: str, number: int, *, now: datetime) -> StatusList:
    """The list as it is at `now`. Raises NotFound when no credential points at it."""
    there = (Credential.status_purpose == purpose, Credential.status_list == number)
    if session.scalar(select(Credential.id).where(*there).limit(1)) is None:
        raise NotFound(_("There is no such status list."))
    ended = Credential.revoked_at.is_not(None) | Credential.suspended_at.is_not(None)
    indices = session.scalars(
        select(Credential.status_index).where(*there, ended).order_by(Credential.status_index)
    )
    began = datetime.fromtimestamp(now.timestamp() // PERIOD.total_seconds() * PERIOD.total_seconds(), UTC)
    return _signed(press.issuer, press.signer, purpose, number, tuple(each or 0 for each in indices), began)


@lru_cache(maxsize=32)
def _signed(
    issuer: Issuer, signer: Signer, purpose: str, number: int, indices: tuple[int, ...], began: datetime
) -> StatusList:
    until = began + VALID
    document: dict[str, Any] = build_status_list_credential(
        issuer.did,
        issuer.status_url(purpose, number),
        purpose,
        indices,
        issued=began,
        valid_until=until,
        ttl=int(MAX_AGE.total_seconds() * 1000),
    )
    state = json.dumps([signer.proof_kid, purpose, number, indices, began.isoformat()])
    return StatusList(
        seal(issuer, signer, document, Term(began, began, until)),
        hashlib.sha256(state.encode()).hexdigest()[:32],
    )
