"""A new person, a new organisation, who works there, a changed password or profile."""

import re
import unicodedata
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms import audit
from lms.errors import Conflict, Invalid, NotFound
from lms.people import passwords
from lms.people.tables import LOCAL, Identity, Membership, Organisation, Person
from lms.words import gettext as _

SHORTEST_PASSWORD = 10


def register(session: Session, *, name: str, email: str, password: str, now: datetime) -> Person:
    """A new person with a local password. Raises Invalid with every field that is wrong, Conflict when the e-mail signs in already."""
    name, email = name.strip(), email.strip()
    fields: dict[str, str] = {}
    if not name:
        fields["name"] = _("Tell us how to address you.")
    elif len(name) > 120:
        fields["name"] = _("At most 120 characters, please.")
    if not looks_like_email(email):
        fields["email"] = _("This does not look like an e-mail address.")
    if problem := password_problem(password):
        fields["password"] = problem
    if fields:
        raise Invalid(_("Some fields need another look."), fields)
    person = Person(name=name, email=email, registered_at=now)
    secret = passwords.hashed(password)
    try:
        with session.begin_nested():  # both, or neither: a person nobody can sign in as is no person
            session.add(person)
            session.flush()
            session.add(Identity(person_id=person.id, issuer=LOCAL, subject=email.casefold(), secret=secret))
    except IntegrityError:
        raise Conflict(
            _("Somebody signs in with this e-mail already. If it is you, sign in instead.")
        ) from None
    audit.record(session, "person.registered", f"person:{person.id}", actor_id=person.id, now=now)
    return person


def change_password(session: Session, person: Person, *, current: str, new: str, now: datetime) -> None:
    """A new password; every session elsewhere ends. Raises Invalid."""
    identity = session.scalar(
        select(Identity).where(Identity.person_id == person.id, Identity.issuer == LOCAL)
    )
    if identity is None or not passwords.matches(identity.secret, current):
        raise Invalid(
            _("Your password was not changed."), {"current": _("This is not your current password.")}
        )
    if problem := password_problem(new):
        raise Invalid(_("Your password was not changed."), {"new": problem})
    identity.secret = passwords.hashed(new)
    person.session_version += 1
    audit.record(session, "person.password_changed", f"person:{person.id}", actor_id=person.id, now=now)


def found(
    session: Session, *, name: str, now: datetime, actor_id: int | None, url: str = "", country: str = ""
) -> Organisation:
    """A new organisation. Raises Invalid without a name or with a web address that is none, Conflict when one of that name is there."""
    name, url = name.strip(), url.strip()
    if not name or len(name) > 120:
        raise Invalid(_("The company needs a name."), {"name": _("Between 1 and 120 characters, please.")})
    if url and not looks_like_url(url):  # it will stand in a credential, for ever
        problem = _("An address that begins with https:// or http://, of at most 200 characters, please.")
        raise Invalid(_("The company's web address needs another look."), {"url": problem})
    slug = slug_of(name)
    organisation = Organisation(
        name=name, slug=slug, url=url, country=country.strip().upper()[:2], created_at=now
    )
    try:
        with session.begin_nested():
            session.add(organisation)
    except IntegrityError:
        raise Conflict(_("There is a company called %(name)s already.", name=name)) from None
    audit.record(
        session, "organisation.founded", f"organisation:{organisation.id}", actor_id=actor_id, now=now
    )
    return organisation


def join(
    session: Session, person: Person, organisation_id: int, *, as_lead: bool, now: datetime
) -> Membership:
    """Make somebody a member, or a member again. Being invited as lead never takes a lead's role away."""
    membership = session.scalar(
        select(Membership).where(
            Membership.person_id == person.id, Membership.organisation_id == organisation_id
        )
    )
    if membership is None:
        membership = Membership(
            person_id=person.id, organisation_id=organisation_id, is_lead=as_lead, joined_at=now
        )
        try:
            with session.begin_nested():
                session.add(membership)
        except IntegrityError:  # they joined by another link at the same moment
            return join(session, person, organisation_id, as_lead=as_lead, now=now)
    elif membership.left_at is not None:
        membership.left_at, membership.is_lead, membership.joined_at = None, as_lead, now
    else:
        membership.is_lead = membership.is_lead or as_lead
    session.flush()
    audit.record(
        session,
        "membership.joined",
        f"organisation:{organisation_id}",
        actor_id=person.id,
        now=now,
        detail={"lead": as_lead},
    )
    return membership


def leave(session: Session, organisation_id: int, person_id: int, *, by: int, now: datetime) -> None:
    """Somebody works there no more. What they have shown is theirs, and counts for the company no longer. Raises NotFound when they
    do not work there, Conflict when they are its last lead.
    """
    session.get_one(Organisation, organisation_id, with_for_update=True)
    working = session.scalars(
        select(Membership).where(Membership.organisation_id == organisation_id, Membership.left_at.is_(None))
    ).all()
    membership = next((each for each in working if each.person_id == person_id), None)
    if membership is None:
        raise NotFound(_("Nobody like that works for this company now."))
    if membership.is_lead and sum(each.is_lead for each in working) == 1:
        raise Conflict(_("Somebody has to lead the company. Invite another lead first."))
    membership.left_at = now
    session.flush()
    audit.record(
        session,
        "membership.left",
        f"organisation:{organisation_id}",
        actor_id=by,
        now=now,
        detail={"person": person_id},
    )


def looks_like_email(text: str) -> bool:
    """Enough to catch a slip of the finger; only a delivered message proves an address."""
    long = len(text) > 254 or len(text.casefold()) > 254  # lower case can be longer: ß becomes ss
    return not long and re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", text) is not None


def looks_like_url(text: str) -> bool:
    return len(text) <= 200 and re.fullmatch(r"https?://[^\s/]+\S*", text) is not None


def password_problem(password: str) -> str | None:
    if len(password) < SHORTEST_PASSWORD:
        return _(
            "At least %(count)s characters. A sentence is easier to remember than a riddle.",
            count=SHORTEST_PASSWORD,
        )
    if len(password) > 200:
        return _("At most 200 characters.")
    return None


def slug_of(name: str) -> str:
    """'Nordlicht Robotics GmbH' -> 'nordlicht-robotics-gmbh'; a name with no Latin letters gets its code points."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return (slug or "-".join(f"{ord(letter):x}" for letter in name[:10]))[:60]
