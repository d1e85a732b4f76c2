"""What becomes of a level's certificate: the one place where readiness calls what issues and ends certificates."""

from datetime import datetime

from sqlalchemy.orm import Session

from lms.certification import register
from lms.certification.issue import issue_level
from lms.certification.press import Press
from lms.certification.register import credential_of
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
    """The certificate of a level that is earned today; the one it has, if that is valid and its end is not near, and else a new one that
    supersedes it. Raises Conflict that says what is missing.
    """
    return issue_level(session, shelf, press, organisation, level_id, by=by, reason=reason, now=now)


def suspend(session: Session, credential_id: str, *, by: Viewer | None, reason: str, now: datetime) -> None:
    """It does not count for now, and its status list says so. `by` of None is the policy. One from before there were status lists
    cannot say so: it is left as it is, and the centre may revoke it.
    """
    credential = credential_of(session, credential_id)
    if has_status(credential):
        register.suspend(session, credential, by=by, reason=reason, now=now)


def resume(session: Session, credential_id: str, *, by: Viewer, now: datetime) -> None:
    """It counts again, until its old end."""
    register.resume(session, credential_of(session, credential_id), by=by, now=now)


def has_status(credential: Credential) -> bool:
    """Whether its status list can say that it is suspended."""
    return credential.status_purpose == "suspension"


def end(session: Session, credential_id: str, *, by: Viewer, reason: str, now: datetime) -> None:
    """End it for good. Raises Invalid without a reason."""
    register.revoke(session, credential_of(session, credential_id), by=by, reason=reason, now=now)
