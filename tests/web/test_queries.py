"""How often a page asks the database: as often for thirty as for three, and for none it is still a page."""

import pytest

from lms import migrate
from lms.app import create_app
from lms.certification.evidence import dossiers_of
from lms.certification.issue import issue_for_course
from lms.people.register import found, join
from lms.people.tables import Person
from lms.people.viewer import find_viewer
from lms.readiness.sweep import sweep
from tests.conftest import NOW, ScriptedGrader, new_person, services_on
from tests.steps import changed_sample, grade_all, hand_in, mark, notebook, publish_changed, study
from tests.web.conftest import counted, sign_in


def count(client, services, address):
    """Statements of the second visit: the first one warms what a process keeps."""
    for _ in range(2):
        with counted(services.database) as statements:
            assert client.get(address).status_code == 200, address
    return len(statements)


def grown(client, services, address, grow):
    """The counts with a few rows and with many."""
    grow(3)
    few = count(client, services, address)
    grow(12)
    return few, count(client, services, address)


@pytest.fixture
def sofia(visitor):
    return visitor("Sofia", staff=True, mentor=True)


@pytest.fixture
def team(site, worker_with):
    """Adds people who studied, handed in and were graded, each of a company of their own and of one they share."""
    made = []

    def grow(size):
        with site.database.transaction() as session:
            shared = made[0] if made else found(session, name="Shared", now=NOW, actor_id=None)
            made[:] = [shared]
            people = []
            for _ in range(size):
                person = Person(name="New", email="new@example.com", registered_at=NOW)
                session.add(person)
                session.flush()
                person.name = f"Person {person.id}"
                own = found(session, name=f"Company {person.id}", now=NOW, actor_id=None)
                join(session, person, own.id, as_lead=True, now=NOW)
                join(session, person, shared.id, as_lead=False, now=NOW)
                people.append(person)
        for person in people:
            study(site, person)
            hand_in(site, person)
        grade_all(worker_with(ScriptedGrader(6)))
        return people

    return grow


@pytest.fixture
def services(site):
    """Counting needs one database only: the worker works on the site's."""
    return site


def test_a_lesson_asks_four_times_whoever_reads_it_and_whatever_they_did(visitor, site):
    ada = visitor("Ada")
    assert count(ada, site, "/courses/S01/S01-2") <= 4
    study(site, ada.person)
    assert count(ada, site, "/courses/S01/S01-2") <= 4


def test_the_desk_of_readiness_asks_as_often_for_many_companies_that_wait_as_for_few(site, sofia, team):
    mentor = new_person(site, "Miriam", mentor=True)

    def grow(size):
        for person in team(size):
            with site.database.reading() as session:
                submission_id = (
                    dossiers_of(session, site.shelf, [person.id])[person.id].labs["SL1"].submission_id
                )
            mark(site, mentor, submission_id)
        sweep(site.database, site.shelf, now=NOW)

    few, many = grown(sofia, site, "/staff/readiness", grow)
    assert few == many
    assert "15 levels wait for your decision" in sofia.get("/staff/readiness").text
    assert len(sofia.get("/staff/readiness.json").json["standings"]) == 15


@pytest.mark.parametrize(
    "address",
    [
        "/staff",
        "/staff/queue",
        "/staff/readiness",
        "/companies/shared",
        "/companies/shared/what-if",
        "/companies/shared/documents",
        "/companies/shared/history",
        "/mentor",
        "/mentor/companies",
        "/home",
        "/courses",
    ],
)
def test_lists_ask_as_often_for_many_as_for_few(site, sofia, team, address):
    few, many = grown(sofia, site, address, team)
    assert few == many


def test_the_list_of_certificates_asks_as_often_for_many_as_for_few(site, sofia, team):
    mentor = new_person(site, "Miriam", mentor=True)

    def grow(size):
        for person in team(size):
            with site.database.reading() as session:
                submission_id = (
                    dossiers_of(session, site.shelf, [person.id])[person.id].labs["SL1"].submission_id
                )
            mark(site, mentor, submission_id)
            with site.database.transaction() as session:
                course = site.shelf.live(session).catalogue.course_by_id["S01"]
                dossier = dossiers_of(session, site.shelf, [person.id])[person.id]
                viewer = find_viewer(session, person.id, 1)
                issue_for_course(session, site.shelf, site.press, viewer, course, dossier, now=NOW)

    few, many = grown(sofia, site, "/staff/credentials", grow)
    assert few == many
    assert "15 certificates" in sofia.get("/staff/credentials").text


def test_a_labs_history_asks_as_often_for_many_attempts_as_for_few(site, visitor, worker_with):
    publish_changed(site, {"labs/sl1-add/lab.yaml": ("attempts: 3", "attempts: 30")})
    ada, worker, made = visitor("Ada"), worker_with(ScriptedGrader(2)), []

    def grow(size):
        for _ in range(size):
            made.append(hand_in(site, ada.person, notebook(f"return {len(made)}")))
            grade_all(worker)

    few, many = grown(ada, site, "/labs/SL1", grow)
    assert few == many


def test_the_catalogue_asks_as_often_for_many_courses_as_for_few(site, visitor):
    ada = visitor("Ada")
    few = count(ada, site, "/courses")
    sample = changed_sample({})
    more = {}
    for number in range(10, 20):
        for path, data in sample.items():
            if path.startswith("courses/s01-first/"):
                text = data.decode().replace("S01", f"S{number}").replace("labs: [SL1]\n", "")
                more[path.replace("s01-first", f"s{number}-more")] = text.encode()
    publish_changed(site, more)
    assert "S19" in ada.get("/courses").text
    assert count(ada, site, "/courses") == few


def test_every_page_is_a_page_before_there_is_anything_to_show(tmp_path):
    empty = services_on(f"sqlite:///{tmp_path}/empty.db", tmp_path)
    migrate.upgrade(empty.database)
    app = create_app(services=empty)
    app.config["WTF_CSRF_ENABLED"] = False
    stranger, sofia = app.test_client(), app.test_client()
    for address in (
        "/",
        "/courses",
        "/credentials",
        "/accessibility",
        "/.well-known/jwks.json",
        "/.well-known/did.json",
    ):
        assert stranger.get(address).status_code == 200, address
    assert stranger.get("/readyz").status_code == 503
    assert stranger.get("/healthz").status_code == 200
    sign_in(sofia, new_person(empty, "Sofia", staff=True, mentor=True))
    for address in (
        "/home",
        "/courses",
        "/mentor",
        "/mentor/companies",
        "/staff",
        "/staff/credentials",
        "/staff/readiness",
        "/staff/readiness.csv",
        "/staff/readiness.json",
        "/staff/handover",
        "/staff/queue",
        "/staff/regrades",
        "/account",
    ):
        assert sofia.get(address).status_code == 200, address
    sofia.post("/staff/companies", data={"name": "Nordlys"})
    for address in ("", "/what-if", "/documents", "/history"):
        assert sofia.get(f"/companies/nordlys{address}").status_code == 200, address
    empty.close()
