"""What tests share: a database of each kind with the sample release in it, people, a browserless site.

The real thing is used throughout: migrated databases, published releases, the real application. What takes long is done once and copied.
"""

import os
import shutil
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from lms import errors, migrate
from lms import services as composition
from lms.app import create_app
from lms.content.tree import Tree
from lms.db import Database
from lms.labs.report import CellResult, Report
from lms.labs.worker import Worker
from lms.people.register import register
from lms.publishing import publish
from lms.runtime.build import build
from lms.runtime.recipe import shipped
from lms.settings import Settings
from tests.postgres import Unavailable, running_server

SAMPLE = Path(__file__).parent / "sample"
REPOSITORY = Path(__file__).parents[1]
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
STRICT = os.environ.get("LMS_TEST_STRICT") == "1"


def unavailable(reason):
    """Skip by name, or fail where everything must run."""
    if STRICT:
        pytest.fail(reason)
    pytest.skip(reason)


def services_on(url, folder, **given):
    known = {
        "base_url": "http://slipway.test",
        "secret_key": "k" * 40,
        "runtime": Path(folder) / "runtime",
        **given,
    }
    return composition.build(Settings(database_url=url, var=folder, **known))


def make_ready(services):
    """Migrate, and publish the sample tree."""
    migrate.upgrade(services.database)
    outcome = publish(
        services, Tree.from_folder(SAMPLE), source="sample", by=None, now=NOW, on_progress=lambda *_: None
    )
    assert outcome.release_id == 1, outcome.problems


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    """A migrated SQLite file with the sample published, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    services = services_on(f"sqlite:///{folder / 'slipway.db'}", folder)
    make_ready(services)
    with services.database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    services.close()
    return folder / "slipway.db"


@pytest.fixture(scope="session")
def built_runtime():
    """Python for the browser, in the user's cache: built by the first who needs it, about a minute, while others wait at its lock."""
    try:
        return build(Settings().runtime, shipped(), on_step=lambda _: None)
    except errors.Unavailable as refusal:
        unavailable(refusal.message)


@pytest.fixture(scope="session")
def postgres_server():
    """The address of a PostgreSQL server, found or started for this session."""
    try:
        with running_server() as url:
            yield url
    except Unavailable as missing:
        unavailable(f"no PostgreSQL: {missing}")


@pytest.fixture(scope="session")
def postgres_template(postgres_server, tmp_path_factory):
    """The name of a migrated database with the sample published, to be copied."""
    name = f"template_{uuid.uuid4().hex[:12]}"
    folder = tmp_path_factory.mktemp("pg-template")
    admin(postgres_server, f"CREATE DATABASE {name}")
    services = services_on(f"{postgres_server}/{name}", folder)
    make_ready(services)
    services.close()
    yield name
    admin(postgres_server, f"DROP DATABASE {name}")


def admin(server, statement):
    engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def sqlite_url(sqlite_template, tmp_path):
    shutil.copy(sqlite_template, tmp_path / "slipway.db")
    return f"sqlite:///{tmp_path / 'slipway.db'}"


@pytest.fixture
def postgres_url(postgres_server, postgres_template):
    name = f"test_{uuid.uuid4().hex[:12]}"
    admin(postgres_server, f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    yield f"{postgres_server}/{name}"
    admin(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def services(request, tmp_path):
    """Services on a fresh database with the sample release live, once on each kind of database."""
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    built = services_on(url, tmp_path)
    yield built
    built.close()


@pytest.fixture
def site(sqlite_url, tmp_path):
    """The services of a site on SQLite: what is tested over HTTP needs no second database."""
    built = services_on(sqlite_url, tmp_path)
    yield built
    built.close()


@pytest.fixture
def app(site):
    return create_app(services=site)


@pytest.fixture
def database(services) -> Database:
    return services.database


@pytest.fixture
def edition(services):
    """The live release."""
    with services.database.reading() as session:
        return services.shelf.live(session)


@pytest.fixture
def add_person(services):
    """Registers a person with PASSWORD: a function of the name, and of `mentor` and `staff`."""
    return lambda name, **roles: new_person(services, name, **roles)


def new_person(services, name, *, mentor=False, staff=False):
    with services.database.transaction() as session:
        person = register(session, name=name, email=f"{name.lower()}@example.com", password=PASSWORD, now=NOW)
        person.is_mentor, person.is_staff = mentor, staff
    return person


class ScriptedGrader:
    """Grades by script, at once, where a test is about what happens around the grading. Every call is kept in `jobs`."""

    def __init__(self, *scores, outcome="graded"):
        self.scores, self.outcome, self.jobs = list(scores), outcome, []

    def __call__(self, job, on_phase):
        self.jobs.append(job)
        on_phase("run")
        score = self.scores.pop(0) if len(self.scores) > 1 else self.scores[0]
        if isinstance(score, Exception):
            raise score
        cells = (CellResult("test-add", "auto", score, 6), CellResult("why", "manual", None, 4))
        return Report(
            score,
            10,
            self.outcome,
            cells,
            executed={"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}},
        )


@pytest.fixture
def worker_with(services, tmp_path):
    """Makes a Worker on the test's database: a function of its grader."""

    def make(grader, name="test", lease_seconds=30):
        return Worker(
            services.database,
            services.shelf,
            name=name,
            lease_seconds=lease_seconds,
            cache=tmp_path,
            grader=grader,
        )

    return make
