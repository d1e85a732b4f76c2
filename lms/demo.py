"""People to try the site with. Everything they have done is done by the same verbs as everybody's, and their labs are really graded."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.content.model import Course, Question
from lms.content.quiz import Given
from lms.content.shelf import Edition
from lms.demo_evidence import evidence
from lms.demo_readiness import Centre, declare, live_through
from lms.labs.evidence.hand_in import hand_in
from lms.labs.marks import Standing
from lms.labs.review import review
from lms.labs.sandbox.ways import open_ways
from lms.labs.standings import results_of
from lms.labs.submit import start, submit
from lms.labs.tables import Submission
from lms.learning.enrol import enrol
from lms.learning.study import answer, complete
from lms.people.register import found, join, register
from lms.people.tables import LOCAL, Identity, Organisation, Person
from lms.people.viewer import Viewer, find_viewer
from lms.readiness.evaluate import evaluate
from lms.services import Services

PASSWORD = "slipway-demo"  # noqa: S105 - a demo's password is meant to be known; production refuses to start beside it
PEOPLE = (
    (
        "engineer@example.org",
        "Elena Marković",
        "an engineer of Nordlys Robotics, in the middle of the first course",
    ),
    ("lead@example.org", "Lars Holm", "who leads Nordlys Robotics and wants it ready"),
    ("mentor@example.org", "Miriam Brandt", "a mentor, with written work to mark"),
    ("staff@example.org", "Sofia Duarte", "of the centre's staff, who confirms readiness"),
)
READY_TEAM = (
    ("Aino Virtanen", "aino@example.org"),
    ("Tomás Ribeiro", "tomas@example.org"),
    ("Zoë van Dijk", "zoe@example.org"),
)
LIVELY_TEAM = (
    ("Mads Kjær", "mads@example.org"),
    ("Freja Lund", "freja@example.org"),
)


def is_seeded(session: Session) -> bool:
    return (
        session.scalar(select(Identity.id).where(Identity.issuer == LOCAL, Identity.subject == PEOPLE[0][0]))
        is not None
    )


def seed(services: Services, say: Callable[[str], None]) -> None:
    """Add the demo people and three companies, unless they are there. One has begun, one is ready, one was certified and lost somebody."""
    now = datetime.now(UTC)
    with services.database.transaction() as session:
        if is_seeded(session):
            return
        edition = services.shelf.live(session)
        people = {
            email: register(session, name=name, email=email, password=PASSWORD, now=now)
            for email, name, _ in PEOPLE
        }
        people["mentor@example.org"].is_mentor = True
        people["staff@example.org"].is_staff = True
        begun = found(session, name="Nordlys Robotics", now=now, actor_id=None, url="https://nordlys.example")
        join(session, people["lead@example.org"], begun.id, as_lead=True, now=now)
        join(session, people["engineer@example.org"], begun.id, as_lead=False, now=now)
        _begin(session, people["engineer@example.org"], edition.catalogue.courses[:1], edition, now)
        ready = found(session, name="Fjordlight AI", now=now, actor_id=None, url="https://fjordlight.example")
        team = _team(session, services, ready, READY_TEAM, edition, now)
        _bring_evidence(session, team[1], edition, now)
        url = "https://skagen.example"
        lively = found(session, name="Skagen Vision", now=now, actor_id=None, url=url)
        crew = _team(session, services, lively, LIVELY_TEAM, edition, now)
        declare(session, services, ready, team[0], now)
        declare(session, services, lively, crew[0], now)
    say("Grading the demo team's notebooks in the sandbox")
    with closing(open_ways(services.settings.sandbox)) as sandboxes:
        worker = services.worker("demo", sandboxes, tries_slurm=False)  # a start is waited for
        while worker.work_once():
            pass
    with services.database.transaction() as session:
        mentor, staff = (
            find_viewer(session, people[f"{who}@example.org"].id, 1) for who in ("mentor", "staff")
        )
        assert mentor is not None
        assert staff is not None
        _mark(
            session,
            services,
            mentor=mentor,
            team=[person.id for person in (*team[:2], *crew)],
            edition=edition,
            now=now,
        )
        session.flush()
        moment = datetime.now(UTC)
        live_through(session, services, lively, crew[1], Centre(staff=staff, mentor=mentor), moment)
        evaluate(session, services.shelf, ready.id, cause="swept", by=None, now=moment)


def _team(
    session: Session,
    services: Services,
    organisation: Organisation,
    people: tuple[tuple[str, str], ...],
    edition: Edition,
    now: datetime,
) -> list[Person]:
    """People of a company, the first of them its lead, who have studied everything and handed in every lab."""
    team = [register(session, name=name, email=email, password=PASSWORD, now=now) for name, email in people]
    for person in team:
        join(session, person, organisation.id, as_lead=person is team[0], now=now)
        _study(session, person, edition.catalogue.courses, edition, now - timedelta(days=9))
        _hand_in_solutions(session, services, person, edition, now)
    return team


def _begin(
    session: Session, person: Person, courses: tuple[Course, ...], edition: Edition, now: datetime
) -> None:
    for course in courses:
        enrol(session, person.id, course, edition.id, now=now)
        if course.lessons:
            complete(session, person.id, course, course.lessons[0], edition.id, now=now)


def _study(
    session: Session, person: Person, courses: tuple[Course, ...], edition: Edition, now: datetime
) -> None:
    for course in courses:
        enrol(session, person.id, course, edition.id, now=now)
        for lesson in course.lessons:
            for question in lesson.questions:
                answer(
                    session, person.id, course, lesson, question, right_answer(question), edition.id, now=now
                )
            complete(session, person.id, course, lesson, edition.id, now=now)


def _hand_in_solutions(
    session: Session, services: Services, person: Person, edition: Edition, now: datetime
) -> None:
    for lab in edition.catalogue.labs:
        work = start(session, person.id, lab, edition.id, now=now - timedelta(days=5))
        submit(
            session,
            work,
            lab,
            filename=f"{lab.id}.ipynb",
            data=services.shelf.blob(session, lab.notebook),  # the author's own source is a full solution
            source=services.shelf.blob(session, lab.notebook),
            handout=services.shelf.blob(session, lab.handout),
            max_bytes=services.settings.upload_megabytes * 2**20,
            seed=services.seed_of(person.id, lab.id),
            now=now,
        )


def _bring_evidence(session: Session, person: Person, edition: Edition, now: datetime) -> None:
    """One claim for the mentor's desk, for a lab that asks for it."""
    lab = next((lab for lab in reversed(edition.catalogue.labs) if lab.evidence), None)
    if lab is not None:
        work = start(session, person.id, lab, edition.id, now=now)
        ended = (now - timedelta(days=2)).replace(microsecond=0)
        hand_in(session, work, lab, evidence(ended), now=now - timedelta(days=1))


def right_answer(question: Question) -> Given:
    """An answer that is right, in the shape `content.quiz` reads."""
    match question.kind:
        case "single":
            return next(option.id for option in question.options if option.correct)
        case "multiple":
            return [option.id for option in question.options if option.correct]
        case "order":
            return [option.id for option in question.options]
        case "number":
            return f"{question.answer:f}"
        case "text":
            return question.example


def _mark(
    session: Session, services: Services, *, mentor: Viewer, team: list[int], edition: Edition, now: datetime
) -> None:
    """The mentor marks the written parts of `team`, well; the third of the team is left on the desk."""
    labs = edition.catalogue.lab_by_id
    for (_, lab_id), result in results_of(session, services.shelf, team).items():
        if result.mark.standing is Standing.REVIEW:
            points = {each.id: each.points for each in labs[lab_id].rubric}
            submission = session.get_one(Submission, result.submission_id)
            review(
                session,
                mentor,
                submission,
                labs[lab_id],
                points,
                "Clear, and from the evidence.",
                seen=0,
                beside=submission.grading_id,
                now=now,
            )
