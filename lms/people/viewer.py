"""The person a page is for, with what the navigation must know of them: one value, one query."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lms.people.tables import Membership, Organisation, Person


@dataclass(frozen=True)
class Company:
    id: int
    slug: str
    name: str
    is_lead: bool


@dataclass(frozen=True)
class Viewer:
    """`companies` are those the person works for now."""

    id: int
    name: str
    email: str
    language: str
    time_zone: str
    is_mentor: bool
    is_staff: bool
    session_version: int
    companies: tuple[Company, ...]

    @property
    def leads(self) -> tuple[Company, ...]:
        return tuple(company for company in self.companies if company.is_lead)


# Asked on every request: put together once, and run without the unit of work it has no need of.
_VIEWER = (
    select(
        Person.name, Person.email, Person.language, Person.time_zone, Person.is_mentor, Person.is_staff,
        Organisation.id, Organisation.slug, Organisation.name, Membership.is_lead,
    )
    .outerjoin(Membership, (Membership.person_id == Person.id) & Membership.left_at.is_(None))
    .outerjoin(Organisation, Organisation.id == Membership.organisation_id)
    .where(Person.id == bindparam("person_id"), Person.session_version == bindparam("session_version"))
    .order_by(Organisation.name)
)  # fmt: skip


def find_viewer(session: Session, person_id: int, session_version: int) -> Viewer | None:
    """The person of a session, unless it was ended by a change of password or role since."""
    rows = (
        session.connection()
        .execute(_VIEWER, {"person_id": person_id, "session_version": session_version})
        .all()
    )
    if not rows:
        return None
    name, email, language, time_zone, is_mentor, is_staff, *_ = rows[0]
    companies = tuple(Company(row[6], row[7], row[8], row[9]) for row in rows if row[6] is not None)
    return Viewer(
        person_id, name, email, language, time_zone, is_mentor, is_staff, session_version, companies
    )
