"""The register of what was issued: find a credential, list somebody's, suspend and resume one, end one for good, forget its holder."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms import audit
from lms.certification.standing import State, state_of
from lms.certification.tables import Credential
from lms.errors import Conflict, Invalid, NotFound
from lms.people.viewer import Viewer
from lms.words import gettext as _


def revoke(session: Session, credential: Credential, *, by: Viewer, reason: str, now: datetime) -> None:
    """End a credential for good, with a reason that its public page shows. Raises Invalid without one; twice is once."""
    if not reason.strip():
        raise Invalid(
            _("The credential was not revoked."), {"reason": _("Say why: the public page shows it.")}
        )
    if credential.revoked_at is not None:
        return
    credential.revoked_at, credential.revocation_reason, credential.slot = now, reason.strip()[:500], None
    _record(session, "credential.revoked", credential, by, now, {"reason": credential.revocation_reason})


def suspend(
    session: Session, credential: Credential, *, by: Viewer | None, reason: str, now: datetime
) -> None:
    """Let a company's credential not count until it is resumed, with a reason that its public page shows. `by` is None for what the system
    does by itself. Raises Invalid without a reason, Conflict when it is not one that counts today; twice is once.
    """
    if not reason.strip():
        raise Invalid(
            _("The credential was not suspended."), {"reason": _("Say why: the public page shows it.")}
        )
    if credential.suspended_at is not None:
        return
    if credential.kind != "level" or credential.status_purpose != "suspension":
        raise Conflict(_("Only a company's certificate can be suspended. This one can be revoked."))
    if state_of(credential, now) is not State.VALID:
        raise Conflict(_("This certificate does not count today: there is nothing to suspend."))
    credential.suspended_at, credential.suspension_reason = now, reason.strip()[:500]
    _record(session, "credential.suspended", credential, by, now, {"reason": credential.suspension_reason})


def resume(session: Session, credential: Credential, *, by: Viewer | None, now: datetime) -> None:
    """Let a suspended credential count again, until its old end. Twice is once."""
    if credential.suspended_at is None:
        return
    detail = {"since": credential.suspended_at.isoformat(), "reason": credential.suspension_reason}
    credential.suspended_at, credential.suspension_reason = None, ""
    _record(session, "credential.resumed", credential, by, now, detail)


def forget_holder(session: Session, credential: Credential, *, by: Viewer, now: datetime) -> None:
    """Take a person's name off their credential for good: it stays, with its state, and is nobody's. Their own file still verifies, since
    nothing in it names them. Raises Conflict for a company's; twice is once.
    """
    if credential.holder_forgotten_at is not None:
        return
    if credential.person_id is None:
        raise Conflict(_("A company's name stays on its certificate. The centre can revoke it."))
    credential.holder_forgotten_at, credential.person_id, credential.slot = now, None, None
    _record(session, "credential.holder_forgotten", credential, by, now, {})


def credential_of(session: Session, credential_id: str) -> Credential:
    """Raises NotFound."""
    credential = session.get(Credential, credential_id.strip().lower())
    if credential is None:
        raise NotFound(_("No certificate has this number. Check that it was copied whole."))
    return credential


def access_own(session: Session, viewer: Viewer, credential_id: str) -> Credential:
    """A credential of the viewer's own. Raises the same NotFound for none and not yours."""
    credential = credential_of(session, credential_id)
    if credential.person_id is None or credential.person_id != viewer.id:
        raise NotFound(_("No certificate has this number. Check that it was copied whole."))
    return credential


def credentials_of(
    session: Session, *, person_id: int | None = None, organisation_id: int | None = None
) -> list[Credential]:
    """Newest first."""
    query = select(Credential).order_by(Credential.issued_at.desc(), Credential.id)
    if person_id is not None:
        query = query.where(Credential.person_id == person_id)
    if organisation_id is not None:
        query = query.where(Credential.organisation_id == organisation_id)
    return list(session.scalars(query))


def _record(
    session: Session,
    action: str,
    credential: Credential,
    by: Viewer | None,
    now: datetime,
    detail: dict[str, Any],
) -> None:
    actor = None if by is None else by.id
    audit.record(session, action, f"credential:{credential.id}", actor_id=actor, now=now, detail=detail)
