"""The database's shape: one way up, one way down, in step with the tables, on both databases."""

import json
import re
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from lms import migrate, revision, tables
from lms.certification.standing import State, state_of
from lms.certification.tables import Credential
from lms.db import Base
from lms.errors import Unavailable
from lms.labs.files import executed, submitted
from lms.labs.tables import Grading, Review, Submission
from lms.labs.work.tables import Revision


def drift(database):
    assert tables.ALL
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        return compare_metadata(context, Base.metadata)


def names(database):
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def test_migrations_are_one_dated_line():
    scripts = ScriptDirectory.from_config(migrate.config())
    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1
    for path in (revision.FOLDER / "versions").glob("*.py"):
        assert re.fullmatch(r"20\d{6}_[a-z0-9_]+\.py", path.name)
        assert not re.search(r"^\s*(from|import) lms", path.read_text(), re.MULTILINE), path.name
    for script in scripts.walk_revisions():
        assert script.revision == script.path.rpartition("/")[2][: len(script.revision)]


def test_migrated_databases_have_the_shape_the_tables_say(services):
    assert drift(services.database) == []
    assert names(services.database) == set(Base.metadata.tables)


def test_up_down_and_up_again(services):
    database = services.database
    assert revision.is_current(database)
    migrate.downgrade(database, "base")
    assert names(database) == set()
    assert not revision.is_current(database)
    with pytest.raises(Unavailable, match="lms db upgrade"):
        revision.require_current(database)
    migrate.upgrade(database)
    revision.require_current(database)
    assert drift(database) == []
    migrate.upgrade(database)
    assert revision.is_current(database)


NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
REPORT = {
    "score": 6.5,
    "cells": [{"grade_id": "test-ä"}],
    "notes": [],
    "phases": [{"name": "run", "milliseconds": 12}],
}


class Old:
    """A database of an earlier shape, written and read by its own tables rather than today's."""

    def __init__(self, database, shape):
        migrate.downgrade(database, shape)
        self.engine, self.tables = database.engine.execution_options(slipway_writes=True), sa.MetaData()
        self.tables.reflect(database.engine)

    def add(self, table, **values):
        with self.engine.begin() as connection:
            return connection.execute(
                self.tables.tables[table].insert().values(**values)
            ).inserted_primary_key[0]

    def rows(self):
        """Everything about labs there is in it, by table. Files have no number that anything points at."""
        with self.engine.connect() as connection:

            def read(name):
                table = self.tables.tables[name]
                columns = [each for each in table.columns if name != "submission_file" or each.name != "id"]
                query = sa.select(*columns).order_by(*columns[:2])
                return [dict(row._mapping) for row in connection.execute(query)]

            return {name: read(name) for name in ("lab_work", "submission", "submission_file", "review")}


def populate_the_first_shape(old):
    """Somebody whose notebooks are in every state there was, one of them marked; they have moved to another release since the first."""
    person = old.add(
        "person", name="Ada", email="ada@example.com", language="en", time_zone="", is_mentor=False, is_staff=False, session_version=1,
        registered_at=NOON,
    )  # fmt: skip
    old.add("release", id=2, digest="d2", source="", manifest={}, catalogue=b"{}", created_at=NOON)
    work = old.add(
        "lab_work", person_id=person, lab_id="SL1", release_id=2, lab_version="v2", started_at=NOON
    )

    def submission(number, release=2, **given):
        values = {
            "state": "queued", "priority": 5, "delivery": 0, "worker": None, "lease_until": None, "phases": [["queued", NOON.isoformat()]],
            "outcome": None, "score": None, "report": None, "graded_at": None, "charged": True,
        } | given  # fmt: skip
        made = old.add(
            "submission", work_id=work, person_id=person, lab_id="SL1", release_id=release, number=number, filename="a.ipynb",
            sha256=f"sha{number}", size=3, submitted_at=NOON, **values,
        )  # fmt: skip
        old.add("submission_file", submission_id=made, kind="submitted", data=b"in%d" % number)
        return made

    done = {"state": "graded", "delivery": 1, "worker": "w", "graded_at": NOON}
    marked = submission(1, release=1, outcome="graded", score=6.5, report=REPORT, **done)
    old.add("submission_file", submission_id=marked, kind="executed", data=b"ran")
    old.add(
        "review", submission_id=marked, mentor_id=person, points={"why": 4}, comment="Good.", reviewed_at=NOON
    )
    submission(2, outcome="failed", score=0.0, report={**REPORT, "score": 0}, charged=False, **done)
    submission(3, state="stuck", delivery=4, charged=False)
    submission(4, state="running", delivery=2, worker="w", lease_until=NOON)
    submission(5)


def test_an_upgrade_from_the_first_shape_loses_nothing_and_neither_does_the_way_back(services):
    database = services.database
    old = Old(database, "20261123")
    populate_the_first_shape(old)
    before = old.rows()
    assert len(before["submission"]) == 5
    migrate.upgrade(database)
    assert drift(database) == []
    with database.reading() as session:
        rows = session.execute(
            sa.select(Submission, Grading)
            .join(Grading, Grading.id == Submission.grading_id)
            .order_by(Submission.id)
        ).all()
        told = [
            (each.number, made.state, made.outcome, made.score, made.lab_version, each.charged)
            for each, made in rows
        ]
        marked, first = rows[0]
        review = session.scalars(sa.select(Review)).one()
        assert (executed(session, first.id), submitted(session, marked.id)) == (b"ran", b"in1")
        assert [submitted(session, each.id) for each, _ in rows] == [b"in1", b"in2", b"in3", b"in4", b"in5"]
    assert told == [
        (1, "done", "graded", 6.5, "", True),  # which version release 1 had of it is no longer known
        (2, "done", "failed", 0.0, "v2", False),
        (3, "stuck", None, None, "v2", False),
        (4, "running", None, None, "v2", True),
        (5, "queued", None, None, "v2", True),
    ]
    assert (first.kind, first.release_id, first.sha256, first.queued_at, first.counted_at) == (
        "first", 1, "sha1", NOON, NOON,
    )  # fmt: skip
    assert json.dumps(first.report) == json.dumps(REPORT)
    assert (review.grading_id, review.points) == (first.id, {"why": 4})
    migrate.downgrade(database, "20261123")
    assert old.rows() == before


def test_a_work_that_had_two_heads_keeps_both_versions_and_the_newer_is_its_head(services):
    database = services.database
    old = Old(database, "20261130")
    person = old.add(
        "person", name="Ada", email="ada@example.com", language="en", time_zone="", is_mentor=False, is_staff=False, session_version=1,
        registered_at=NOON,
    )  # fmt: skip
    works = [
        old.add("lab_work", person_id=person, lab_id=lab, release_id=1, lab_version="v", started_at=NOON)
        for lab in ("SL1", "SL2")
    ]
    for work, number, is_head in ((0, 1, True), (0, 2, True), (0, 3, False), (1, 1, True)):
        old.add(
            "revision", work_id=works[work], person_id=person, release_id=1, number=number, kind="saved", is_head=is_head, began_at=NOON,
            saved_at=NOON, sha256="", size=0, data=b"", files=[],
        )  # fmt: skip
    migrate.upgrade(database)
    with database.reading() as session:
        rows = session.execute(sa.select(Revision.work_id, Revision.number, Revision.is_head)).all()
    assert sorted(tuple(row) for row in rows) == [
        (works[0], 1, False),
        (works[0], 2, True),
        (works[0], 3, False),
        (works[1], 1, True),
    ]


def test_credentials_of_before_embedded_proofs_are_carried_over_and_back(services):
    database = services.database
    old = Old(database, "20261130")
    person = old.add(
        "person", name="Ada", email="ada@example.com", language="en", time_zone="", is_mentor=False, is_staff=False, session_version=1,
        registered_at=NOON,
    )  # fmt: skip
    old.add("signing_key", kid="k1", jwk={"kty": "EC"}, first_used_at=NOON)
    for number, replaced in (("c1", None), ("c2", "c1")):
        old.add(
            "credential", id=number, slot=f"course:{number}", kind="course", achievement_id="S01", title="S01", person_id=person,
            organisation_id=None, release_id=1, issued_at=NOON, valid_until=None, issued_by=None, reason="", kid="k1", jwt=f"{number}.jwt",
            revoked_at=None, revocation_reason="", superseded_by=replaced,
        )  # fmt: skip
    columns = [each.name for each in old.tables.tables["credential"].columns]

    def told(connection):
        return [
            tuple(row)
            for row in connection.execute(sa.text(f"SELECT {', '.join(columns)} FROM credential ORDER BY id"))
        ]

    with database.engine.connect() as connection:
        before = told(connection)
    migrate.upgrade(database)
    with database.reading() as session:
        found = session.scalars(sa.select(Credential).order_by(Credential.id)).all()
        assert [(each.jwt, each.document, each.status_list) for each in found] == [
            ("c1.jwt", None, None),
            ("c2.jwt", None, None),
        ]
        assert [state_of(each, NOON) for each in found] == [State.VALID, State.SUPERSEDED]
    with database.engine.connect() as connection:
        assert told(connection) == before
    migrate.downgrade(database, "20261130")
    with database.engine.connect() as connection:
        assert told(connection) == before
