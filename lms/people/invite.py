"""Colleagues come by link: made by a lead, good once, for two weeks."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms import audit
from lms.errors import Conflict, NotFound
from lms.people.register import join
from lms.people.tables import Invitation, Membership, Organisation, Person
from lms.words import gettext as _

LIFETIME = timedelta(days=14)


def invite(
    session: Session, organisation: Organisation, *, by: int, note: str, as_lead: bool, now: datetime
) -> str:
    """The secret of a new invitation, to be put in a link and shown once: only its hash is kept."""
    token = secrets.token_urlsafe(24)
    session.add(
        Invitation(
            organisation_id=organisation.id,
            token_hash=_hash(token),
            note=note.strip()[:120],
            as_lead=as_lead,
            invited_by=by,
            invited_at=now,
            expires_at=now + LIFETIME,
        )
    )
    audit.record(
        session,
        "invitation.made",
        f"organisation:{organisation.id}",
        actor_id=by,
        now=now,
        detail={"lead": as_lead},
    )
    return token


def invitation_of(session: Session, token: str, *, now: datetime) -> tuple[Invitation, Organisation]:
    """The open invitation behind a link. Raises NotFound when there is none, or it is used, withdrawn or over."""
    row = session.execute(
        select(Invitation, Organisation)
        .join(Organisation, Organisation.id == Invitation.organisation_id)
        .where(Invitation.token_hash == _hash(token))
    ).one_or_none()
    if row is None or not is_open(row[0], now):
        raise NotFound(_("This invitation is no longer good. Ask your colleague for a new link."))
    return row[0], row[1]


def accept(session: Session, token: str, person: Person, *, now: datetime) -> Organisation:
    """Join the company that invited. Raises NotFound as `invitation_of`, Conflict when the person is a member already."""
    invitation, organisation = invitation_of(session, token, now=now)
    session.refresh(invitation, with_for_update=True)
    if not is_open(invitation, now):
        raise NotFound(_("This invitation is no longer good. Ask your colleague for a new link."))
    known = session.scalar(
        select(Membership).where(
            Membership.person_id == person.id,
            Membership.organisation_id == organisation.id,
            Membership.left_at.is_(None),
        )
    )
    if known is not None:
        raise Conflict(
            _(
                "You belong to %(name)s already; the invitation stays open for somebody else.",
                name=organisation.name,
            )
        )
    invitation.accepted_by, invitation.accepted_at = person.id, now
    join(session, person, organisation.id, as_lead=invitation.as_lead, now=now)
    return organisation


def withdraw(
    session: Session, organisation: Organisation, invitation_id: int, *, by: int, now: datetime
) -> None:
    """Make a link useless. Raises NotFound when this company made no such invitation."""
    invitation = session.get(Invitation, invitation_id)
    if invitation is None or invitation.organisation_id != organisation.id:
        raise NotFound(_("There is no such invitation."))
    if is_open(invitation, now):
        invitation.withdrawn_at = now
        audit.record(session, "invitation.withdrawn", f"organisation:{organisation.id}", actor_id=by, now=now)


def open_invitations(session: Session, organisation_id: int, now: datetime) -> list[Invitation]:
    rows = session.scalars(
        select(Invitation).where(Invitation.organisation_id == organisation_id).order_by(Invitation.id.desc())
    )
    return [invitation for invitation in rows if is_open(invitation, now)]


def is_open(invitation: Invitation, now: datetime) -> bool:
    return invitation.accepted_at is None and invitation.withdrawn_at is None and invitation.expires_at > now


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
