"""What persons and companies have shown: courses and labs passed, with dates and the release each was passed on; what was attested."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.certification.attestation.attest import attested_by_company
from lms.certification.company import Company, Member, Passed
from lms.certification.passing import CoursePassed, course_passed
from lms.content.model import Course
from lms.content.shelf import Edition, Shelf
from lms.labs.proved import proved_labs
from lms.labs.standings import LabResult, results_of
from lms.learning.place import records_of
from lms.learning.progress import NOTHING, Progress, progress
from lms.learning.tables import Enrolment
from lms.people.access import members_by_company
from lms.people.tables import Membership, Person


@dataclass(frozen=True)
class CourseStanding:
    """One person in one course, as it is for them: progress, labs, and whether it is passed."""

    course: Course
    release_id: int
    enrolment_id: int
    enrolled_at: datetime
    progress: Progress
    passed: CoursePassed | None


@dataclass(frozen=True)
class Dossier:
    """Everything one person has shown, by id; `on_slurm` are the labs proved there."""

    courses: dict[str, CourseStanding]
    labs: dict[str, LabResult]
    on_slurm: frozenset[str] = frozenset()

    @property
    def courses_passed(self) -> dict[str, CoursePassed]:
        return {key: each.passed for key, each in self.courses.items() if each.passed is not None}

    @property
    def passed(self) -> tuple[Passed, ...]:
        """As the policy reads it."""
        courses = [
            Passed(
                "course",
                key,
                each.passed.at.date(),
                each.release_id,
                major=each.course.major,
                reference=f"enrolment:{each.enrolment_id}",
            )
            for key, each in self.courses.items()
            if each.passed is not None
        ]
        labs = [
            Passed(
                "lab",
                key,
                each.at.date(),
                each.release_id,
                on_slurm=key in self.on_slurm,
                reference=f"submission:{each.submission_id}",
            )
            for key, each in self.labs.items()
            if each.is_passed
        ]
        return (*courses, *labs)


def dossiers_of(session: Session, shelf: Shelf, person_ids: Iterable[int]) -> dict[int, Dossier]:
    """What each of these persons has shown: a handful of queries for any number of people."""
    people = list(person_ids)
    live = shelf.live(session)
    labs = results_of(session, shelf, people)
    records = records_of(session, people)
    proved: dict[int, set[str]] = {}
    for person, lab_id in proved_labs(session, people):
        proved.setdefault(person, set()).add(lab_id)
    dossiers = {person: Dossier({}, {}, frozenset(proved.get(person, ()))) for person in people}
    for (person, lab_id), result in labs.items():
        dossiers[person].labs[lab_id] = result
    for enrolment in session.scalars(
        select(Enrolment).where(Enrolment.person_id.in_(people)).order_by(Enrolment.enrolled_at, Enrolment.id)
    ):
        edition, course = _course_for(session, shelf, live, enrolment)
        studied = progress(course, records.get(enrolment.person_id, NOTHING))
        dossier = dossiers[enrolment.person_id]
        done = {lab_id: result.at for lab_id, result in dossier.labs.items() if result.is_passed}
        dossier.courses[course.id] = CourseStanding(
            course,
            edition.id,
            enrolment.id,
            enrolment.enrolled_at,
            studied,
            course_passed(course, studied, done),
        )
    return dossiers


def company_of(session: Session, shelf: Shelf, organisation_id: int) -> Company:
    """All evidence there is for a company: what `decide` asks for."""
    return companies_of(session, shelf, [organisation_id])[organisation_id]


def companies_of(session: Session, shelf: Shelf, organisation_ids: Iterable[int]) -> dict[int, Company]:
    """The same for many companies: as many queries as for one."""
    companies = members_by_company(session, organisation_ids)
    people = {person.id for members in companies.values() for person, _ in members}
    dossiers = dossiers_of(session, shelf, people)
    attested = attested_by_company(session, companies)
    return {
        company: Company(
            tuple(as_member(person, membership, dossiers[person.id]) for person, membership in members),
            attested[company],
        )
        for company, members in companies.items()
    }


def as_member(person: Person, membership: Membership, dossier: Dossier) -> Member:
    """Somebody of a company with what they passed, as the policy reads it."""
    return Member(person.id, person.name, membership.is_lead, dossier.passed)


def _course_for(
    session: Session, shelf: Shelf, live: Edition, enrolment: Enrolment
) -> tuple[Edition, Course]:
    course = live.catalogue.course_by_id.get(enrolment.course_id)
    if course is not None and course.version == enrolment.course_version:
        return live, course
    edition = shelf.edition(session, enrolment.release_id)
    return edition, edition.catalogue.course_by_id[enrolment.course_id]
