"""A demo company in the middle of things: certified, and an engineer has left since; one document runs out soon, a mentor saw another."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lms.certification.attestation.attest import Word, attest
from lms.certification.attestation.document import Upload
from lms.certification.policy import read_policy
from lms.people.register import leave
from lms.people.tables import Organisation, Person
from lms.people.viewer import Viewer, find_viewer
from lms.readiness.confirm import grant
from lms.readiness.evaluate import evaluate
from lms.services import Services

PLAN = """\
Data management plan of Skagen Vision (made up, for the demonstration)
1. Training images: 1.2 TB, no personal data, from our own cameras in an empty hall.
2. They lie in the project's scratch folder, and are deleted there within 30 days after the grant ends.
3. Only members of the project can read them.
"""


@dataclass(frozen=True)
class Centre:
    """Who decides and sees: as they are once their roles are given."""

    staff: Viewer
    mentor: Viewer


def declare(
    session: Session, services: Services, organisation: Organisation, lead: Person, now: datetime
) -> None:
    """What the first level asks of a company besides its people: said by its lead."""
    policy = read_policy(services.shelf.live(session).catalogue.policy)
    by = find_viewer(session, lead.id, lead.session_version)
    assert by is not None
    day = now.date()
    for kind, note, lasts in (
        ("acceptable-use", "All of us have read and signed the rules; the list is in our wiki.", 25),
        (
            "security-contact",
            "The person on duty answers security@example.org and the number on our page.",
            200,
        ),
    ):
        if policy.attested_by(kind) is not None:
            word = Word(kind, note, day - timedelta(days=3), day + timedelta(days=lasts))
            attest(session, organisation, policy, word, by=by, now=now)


def live_through(
    session: Session,
    services: Services,
    organisation: Organisation,
    leaver: Person,
    centre: Centre,
    now: datetime,
) -> None:
    """A mentor has seen the plan, the centre grants the first level, and then somebody leaves."""
    policy = read_policy(services.shelf.live(session).catalogue.policy)
    if policy.attested_by("data-management-plan") is not None:
        upload = Upload("plan.txt", PLAN.encode())
        word = Word(
            "data-management-plan",
            "Read with their engineer; it names every place.",
            now.date(),
            None,
            upload,
        )
        attest(session, organisation, policy, word, by=centre.mentor, now=now)
    look = evaluate(session, services.shelf, organisation.id, cause="attested", by=centre.mentor.id, now=now)
    if look.decision.highest is None:
        return  # another policy than the shipped one
    grant(
        session,
        services.shelf,
        services.press,
        organisation,
        look.decision.highest.level.id,
        by=centre.staff,
        reason="Visited on Tuesday: two engineers ran and repaired a job before us.",
        now=now,
    )
    leave(session, organisation.id, leaver.id, by=leaver.id, now=now)
    evaluate(session, services.shelf, organisation.id, cause="left", by=leaver.id, now=now)
