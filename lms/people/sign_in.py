"""E-mail and password. Guessing is throttled by e-mail and by address, in the database, so that it holds across processes and restarts."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from lms.errors import Invalid, Unavailable
from lms.people import passwords
from lms.people.tables import LOCAL, Identity, Person, SignInFailure
from lms.words import gettext as _

WINDOW = timedelta(minutes=15)
FAILURES_PER_EMAIL = 8
FAILURES_PER_ADDRESS = 60  # a company behind one address is many people


class Throttled(Unavailable):
    """Too many failed tries for this e-mail or from this address."""


class WrongCredentials(Invalid):
    """No such person, or not their password: nobody learns which."""


def sign_in(session: Session, *, email: str, password: str, address: str, now: datetime) -> Person:
    """The person with this e-mail and password. Raises Throttled or WrongCredentials; write the latter down with `remember_failure`."""
    keys = _keys(email, address)
    since = now - WINDOW
    counts = dict(
        session.execute(
            select(SignInFailure.key, func.count())
            .where(SignInFailure.key.in_(keys), SignInFailure.at > since)
            .group_by(SignInFailure.key)
        ).all()
    )
    if counts.get(keys[0], 0) >= FAILURES_PER_EMAIL or counts.get(keys[1], 0) >= FAILURES_PER_ADDRESS:
        raise Throttled(_("Too many tries. Wait a quarter of an hour, then try again."))
    identity = session.scalar(
        select(Identity).where(Identity.issuer == LOCAL, Identity.subject == email.strip().casefold())
    )
    if not passwords.matches(identity.secret if identity else None, password) or identity is None:
        raise WrongCredentials(_("E-mail and password do not belong together. Check both and try again."))
    return session.get_one(Person, identity.person_id)


def remember_failure(session: Session, *, email: str, address: str, now: datetime) -> None:
    """Count one failed try against the e-mail and the address, and forget those that no longer count."""
    session.execute(delete(SignInFailure).where(SignInFailure.at < now - WINDOW))
    session.add_all(SignInFailure(key=key, at=now) for key in _keys(email, address))


def _keys(email: str, address: str) -> tuple[str, str]:
    return (
        hashlib.sha256(f"email:{email.strip().casefold()}".encode()).hexdigest(),
        hashlib.sha256(f"address:{address}".encode()).hexdigest(),
    )
