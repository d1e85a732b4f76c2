"""The guarded doors. Each returns the thing, or raises the same NotFound for "there is none" and "it is not yours"."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.errors import NotFound
from lms.people.tables import Membership, Organisation, Person
from lms.people.viewer import Viewer
from lms.words import gettext as _


def access_organisation(session: Session, viewer: Viewer, slug: str) -> Organisation:
    """A company, for its leads and for the centre's staff."""
    organisation = session.scalar(select(Organisation).where(Organisation.slug == slug))
    leads = organisation is not None and any(company.id == organisation.id for company in viewer.leads)
    if organisation is None or not (leads or viewer.is_staff):
        raise NotFound(_("There is no such company, or it is not yours to see."))
    return organisation


def require_staff(viewer: Viewer) -> None:
    """The centre's desk exists for its staff only."""
    if not viewer.is_staff:
        raise NotFound(_("There is no such page."))


def require_mentor(viewer: Viewer) -> None:
    """The mentor's desk exists for mentors only."""
    if not viewer.is_mentor:
        raise NotFound(_("There is no such page."))


def members_of(session: Session, organisation_id: int) -> list[tuple[Person, Membership]]:
    """Who works there now, by name."""
    return [
        (person, membership)
        for person, membership in session.execute(
            select(Person, Membership)
            .join(Membership, Membership.person_id == Person.id)
            .where(Membership.organisation_id == organisation_id, Membership.left_at.is_(None))
            .order_by(Person.name, Person.id)
        )
    ]


def share_employer(session: Session, one: int, other: int) -> bool:
    """Whether two persons work for the same company now: a mentor never judges a colleague."""
    mine = select(Membership.organisation_id).where(Membership.person_id == one, Membership.left_at.is_(None))
    return (
        session.scalar(
            select(Membership.id)
            .where(
                Membership.person_id == other,
                Membership.left_at.is_(None),
                Membership.organisation_id.in_(mine),
            )
            .limit(1)
        )
        is not None
    )
