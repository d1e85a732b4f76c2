"""A company whose lead passed everything: ready for the first level of the sample policy."""

from dataclasses import dataclass

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from lms.certification.evidence import dossiers_of
from lms.certification.issue import issue_for_course, issue_for_track, issue_level
from lms.people.tables import Organisation
from lms.people.viewer import Viewer
from tests.conftest import NOW, ScriptedGrader, new_person
from tests.steps import company, grade_all, hand_in, mark, study, viewer_of


@dataclass
class Ready:
    """`issue_course` and the like issue in a transaction of their own, as the pages do."""

    services: object
    ada: Viewer
    staff: Viewer
    organisation: Organisation

    def issue_course(self, now=NOW, services=None):
        services = services or self.services
        with services.database.transaction() as session:
            course = services.shelf.live(session).catalogue.course_by_id["S01"]
            dossier = dossiers_of(session, services.shelf, [self.ada.id])[self.ada.id]
            return issue_for_course(
                session, services.shelf, services.press, self.ada, course, dossier, now=now
            )

    def issue_track(self, now=NOW):
        services = self.services
        with services.database.transaction() as session:
            track = services.shelf.live(session).catalogue.track_by_id["sample"]
            dossier = dossiers_of(session, services.shelf, [self.ada.id])[self.ada.id]
            return issue_for_track(session, services.shelf, services.press, self.ada, track, dossier, now=now)

    def issue_level(self, level="R1", now=NOW, reason=""):
        services = self.services
        with services.database.transaction() as session:
            return issue_level(
                session,
                services.shelf,
                services.press,
                session.get_one(Organisation, self.organisation.id),
                level,
                by=self.staff,
                reason=reason,
                now=now,
            )


def pass_everything(services, worker, person, mentor):
    study(services, person)
    submission = hand_in(services, person)
    grade_all(worker)
    mark(services, mentor, submission.id, 4)


@pytest.fixture
def ready(services, worker_with):
    ada = new_person(services, "Ada")
    mentor = new_person(services, "Miriam", mentor=True)
    staff = new_person(services, "Sofia", staff=True)
    organisation = company(services, "Nordlys Robotics", leads=[ada])
    pass_everything(services, worker_with(ScriptedGrader(6)), ada, mentor)
    return Ready(services, viewer_of(services, ada), viewer_of(services, staff), organisation)


def verified(token, jwk):
    """The claims, checked as a stranger would: with a public key and a library."""
    return jwt.decode(token, ECKey.import_key(jwk), algorithms=["ES256"]).claims
