"""The guarded doors. Each returns the thing, or raises the same NotFound for "there is none" and "it is not yours"."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

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
    return members_by_company(session, [organisation_id])[organisation_id]


def members_by_company(
    session: Session, organisation_ids: Iterable[int]
) -> dict[int, list[tuple[Person, Membership]]]:
    """The same for many companies, in one query."""
    members: dict[int, list[tuple[Person, Membership]]] = {each: [] for each in organisation_ids}
    for person, membership in session.execute(
        select(Person, Membership)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.organisation_id.in_(list(members)), Membership.left_at.is_(None))
        .order_by(Person.name, Person.id)
    ):
        members[membership.organisation_id].append((person, membership))
    return members


def organisations(session: Session) -> list[Organisation]:
    """Every company, by name."""
    return list(session.scalars(select(Organisation).order_by(Organisation.name)))


def colleagues_of(session: Session, person_id: int) -> set[int]:
    """Everybody who works now for a company this person works for now: a mentor never judges a colleague. Without the person."""
    theirs = aliased(Membership)
    return set(
        session.scalars(
            select(theirs.person_id)
            .join(Membership, Membership.organisation_id == theirs.organisation_id)
            .where(
                Membership.person_id == person_id,
                Membership.left_at.is_(None),
                theirs.left_at.is_(None),
                theirs.person_id != person_id,
            )
        )
    )
