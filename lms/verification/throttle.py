"""How often one address may have badges checked: each costs time, and may have us ask servers that a stranger names."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from lms.errors import Unavailable
from lms.verification.tables import VerificationTry
from lms.words import gettext as _

WINDOW = timedelta(minutes=15)
TRIES_PER_ADDRESS = 60  # a desk behind one address checks many


class TooMany(Unavailable):
    """An address had enough badges checked for now."""


def count_try(session: Session, *, address: str, now: datetime) -> None:
    """Count one badge against `address`, and forget what no longer counts. Raises TooMany."""
    key = hashlib.sha256(f"address:{address}".encode()).hexdigest()
    session.execute(delete(VerificationTry).where(VerificationTry.at <= now - WINDOW))
    tried = session.scalar(
        select(func.count()).select_from(VerificationTry).where(VerificationTry.key == key)
    )
    if (tried or 0) >= TRIES_PER_ADDRESS:
        raise TooMany(_("Too many badges from your network. Wait a quarter of an hour, then try again."))
    session.add(VerificationTry(key=key, at=now))
