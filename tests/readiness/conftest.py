"""A company that is ready for the first level of a policy with a document, and everything that may happen to it."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
import yaml

from lms.certification.attestation.attest import Word, attest, attestation_of, withdraw
from lms.certification.policy import read_policy
from lms.people.register import join, leave
from lms.people.tables import Organisation, Person
from lms.people.viewer import Viewer
from lms.readiness import confirm
from lms.readiness.evaluate import evaluate
from lms.readiness.looking import standings_of
from tests.conftest import NOW, ScriptedGrader, new_person
from tests.steps import company, grade_all, hand_in, mark, publish_changed, study, viewer_of

TODAY = NOW.date()
POLICY = {
    "version": "test-2",
    "grace_days": 14,
    "documents": [
        {"id": "rules", "title": "Acceptable use", "ask": "The rules, signed."},
        {"id": "plan", "title": "Data management plan", "ask": "A plan that names where data lies."},
    ],
    "levels": [
        {
            "id": "R1", "title": "Playground", "summary": "A first grant.", "valid_months": 12, "after": None,
            "requires": [
                {"id": "engineer", "title": "An engineer", "people": 1, "courses": ["S01"], "labs": ["SL1"], "max_age_months": 10},
                {"id": "rules", "title": "The rules are accepted", "document": "rules", "attested_by": "lead", "max_age_months": 6},
            ],
        },
        {
            "id": "R2", "title": "Fast Lane", "summary": "More.", "valid_months": 12, "after": "R1",
            "requires": [{"id": "plan", "title": "A plan", "document": "plan", "attested_by": "mentor"}],
        },
    ],
    "machines": [
        {
            "id": "boreas", "title": "boreas", "summary": "The practice machine.", "levels": ["R1"],
            "requires": [{"id": "lead", "title": "A lead who knows it", "people": 1, "role": "lead", "courses": ["S01"]}],
        }
    ],
}  # fmt: skip


def as_yaml(policy):
    return yaml.safe_dump(policy, sort_keys=False).encode()


def publish_policy(services, policy):
    return publish_changed(services, {"courses/readiness.yaml": as_yaml(policy)})


@dataclass
class Crew:
    """`ada` leads Nordlys and has passed everything; `sofia` is of the centre's staff, `miriam` a mentor of neither."""

    services: object
    ada: Person
    sofia: Viewer
    miriam: Viewer
    organisation: Organisation

    def verb(self, act, *given, now=NOW, **named):
        """A verb in a transaction of its own, as an edge calls it."""
        with self.services.database.transaction() as session:
            return act(session, *given, now=now, **named)

    def evaluate(self, now=NOW, cause="swept"):
        return self.verb(evaluate, self.services.shelf, self.organisation.id, cause=cause, by=None, now=now)

    def attest(self, kind="rules", *, by=None, since=TODAY, until=None, upload=None, now=NOW, note="Seen."):
        by = by or viewer_of(self.services, self.ada)
        with self.services.database.transaction() as session:
            policy = read_policy(self.services.shelf.live(session).catalogue.policy)
            word = Word(kind, note, since, until, upload)
            return attest(session, self.organisation, policy, word, by=by, now=now)

    def take_back(self, attestation_id, *, by, reason="No longer so.", now=NOW):
        with self.services.database.transaction() as session:
            found = attestation_of(session, self.organisation, attestation_id)
            withdraw(session, found, by=by, reason=reason, now=now)

    def grant(self, level="R1", *, by=None, now=NOW, reason="Visited."):
        return self.verb(
            confirm.grant, self.services.shelf, self.services.press, self.organisation, level, by=by or self.sofia,
            reason=reason, now=now,
        )  # fmt: skip

    def decide(self, what, level="R1", *, by=None, now=NOW, reason="Told so."):
        verb = getattr(confirm, what)
        self.verb(
            verb, self.services.shelf, self.organisation, level, by=by or self.sofia, reason=reason, now=now
        )

    def leave(self, person, now=NOW):
        self.verb(leave, self.organisation.id, person.id, by=person.id, now=now)

    def join(self, person, *, as_lead=False):
        self.verb(join, person, self.organisation.id, as_lead=as_lead)

    def stand(self, level="R1"):
        with self.services.database.reading() as session:
            return standings_of(session, [self.organisation.id]).get(self.organisation.id, {}).get(level)

    def state(self, level="R1"):
        row = self.stand(level)
        return row.state if row else None


def pass_everything(services, worker, person, mentor, now=NOW):
    study(services, person, now=now)
    submission = hand_in(services, person, now=now)
    grade_all(worker)
    mark(services, mentor, submission.id, 4, now=now)


@pytest.fixture
def crew(services, worker_with):
    publish_policy(services, POLICY)
    ada = new_person(services, "Ada")
    mentor = new_person(services, "Miriam", mentor=True)
    staff = new_person(services, "Sofia", staff=True)
    organisation = company(services, "Nordlys", leads=[ada])
    pass_everything(services, worker_with(ScriptedGrader(6)), ada, mentor)
    return Crew(services, ada, viewer_of(services, staff), viewer_of(services, mentor), organisation)


@pytest.fixture
def ready(crew):
    """The same, with the rules accepted: the first level is earned."""
    crew.attest()
    return crew


def days(count):
    return NOW + timedelta(days=count)


def day(text):
    return date.fromisoformat(text)
