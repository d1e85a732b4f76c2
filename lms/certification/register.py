"""The register of what was issued: find a credential, list somebody's, end one for good."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms import audit
from lms.certification.tables import Credential
from lms.errors import Invalid, NotFound
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
    audit.record(
        session,
        "credential.revoked",
        f"credential:{credential.id}",
        actor_id=by.id,
        now=now,
        detail={"reason": credential.revocation_reason},
    )


def credential_of(session: Session, credential_id: str) -> Credential:
    """Raises NotFound."""
    credential = session.get(Credential, credential_id.strip().lower())
    if credential is None:
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
