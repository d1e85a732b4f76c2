"""What becomes of a level's certificate: the one place where readiness calls what issues and ends certificates."""

from datetime import datetime

from sqlalchemy.orm import Session

from lms import audit
from lms.certification.issue import Press, issue_level
from lms.certification.register import credential_of, revoke
from lms.certification.tables import Credential
from lms.content.shelf import Shelf
from lms.people.tables import Organisation
from lms.people.viewer import Viewer


def issue(
    session: Session,
    shelf: Shelf,
    press: Press,
    organisation: Organisation,
    level_id: str,
    *,
    by: Viewer,
    reason: str,
    now: datetime,
) -> Credential:
    """The certificate of a level that is earned today; the valid one, if there is one. Raises Conflict that says what is missing."""
    return issue_level(session, shelf, press, organisation, level_id, by=by, reason=reason, now=now)


def renew(
    session: Session,
    shelf: Shelf,
    press: Press,
    organisation: Organisation,
    held_id: str,
    *,
    by: Viewer,
    reason: str,
    now: datetime,
) -> Credential:
    """A new certificate, which supersedes one that is still valid. Raises Conflict that says what is missing."""
    held = credential_of(session, held_id)
    held.slot = None
    session.flush()
    new = issue_level(session, shelf, press, organisation, held.achievement_id, by=by, reason=reason, now=now)
    held.superseded_by = new.id
    return new


def suspend(session: Session, credential_id: str, *, by: Viewer | None, reason: str, now: datetime) -> None:
    """It does not hold for now. `by` of None is the policy."""
    _record(session, "suspended", credential_id, by=by, reason=reason, now=now)


def resume(session: Session, credential_id: str, *, by: Viewer, reason: str, now: datetime) -> None:
    """It holds again."""
    _record(session, "resumed", credential_id, by=by, reason=reason, now=now)


def end(session: Session, credential_id: str, *, by: Viewer, reason: str, now: datetime) -> None:
    """End it for good. Raises Invalid without a reason."""
    revoke(session, credential_of(session, credential_id), by=by, reason=reason, now=now)


def _record(
    session: Session, what: str, credential_id: str, *, by: Viewer | None, reason: str, now: datetime
) -> None:
    audit.record(
        session,
        f"credential.{what}",
        f"credential:{credential_id}",
        actor_id=by.id if by else None,
        now=now,
        detail={"reason": reason},
    )
