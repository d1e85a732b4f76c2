"""What every room relies on: transactions that do not lose anything, and columns that keep what they were given."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError

from lms.db import insert_once
from lms.learning.tables import Enrolment
from lms.people.tables import Organisation
from tests.conftest import NOW
from tests.steps import at_once


def organisation(name="Nordlys", **given):
    return Organisation(name=name, slug=name.lower(), **{"created_at": NOW, **given})


# ruff: noqa: PT012 - a transaction that must fail is a block


def test_a_transaction_is_kept_whole_or_not_at_all(database):
    with database.transaction() as session:
        session.add(organisation("Kept"))
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.add(organisation("Lost"))
        session.flush()
        session.add(organisation("Kept"))
    with database.reading() as session:
        assert session.scalars(select(Organisation.name)).all() == ["Kept"]


def test_what_a_reader_changes_is_thrown_away(database):
    with database.reading() as session:
        session.add(organisation())
        session.flush()
        assert session.scalar(select(Organisation.name)) == "Nordlys"
    with database.reading() as session:
        assert session.scalar(select(Organisation.name)) is None


def test_readers_read_while_a_writer_has_not_committed(database):
    seen = []

    def look():
        with database.reading() as session:
            seen.append(session.scalar(select(Organisation.name)))

    with database.transaction() as session:
        session.add(organisation())
        session.flush()
        reader = threading.Thread(target=look)
        reader.start()
        reader.join()
    look()
    assert seen == [None, "Nordlys"]


def test_a_reader_does_not_keep_a_writer_from_committing(database):
    with database.reading() as reading:
        assert reading.scalar(select(Organisation.name)) is None
        with database.transaction() as session:
            session.add(organisation())
    with database.reading() as reading:
        assert reading.scalar(select(Organisation.name)) == "Nordlys"


def test_writers_that_read_first_lose_no_update(database):
    with database.transaction() as session:
        session.add(organisation(url="0"))

    def count_up(_number):
        for _ in range(10):
            with database.transaction() as session:
                row = session.scalars(select(Organisation).with_for_update()).one()
                row.url = str(int(row.url) + 1)

    assert at_once(6, count_up) == [None] * 6
    with database.reading() as session:
        assert session.scalars(select(Organisation.url)).one() == "60"


def test_on_sqlite_a_writer_needs_no_lock_of_rows_to_lose_no_update(site):
    with site.database.transaction() as session:
        session.add(organisation(url="0"))

    def count_up(_number):
        for _ in range(10):
            with site.database.transaction() as session:
                row = session.scalars(select(Organisation)).one()
                row.url = str(int(row.url) + 1)

    assert at_once(6, count_up) == [None] * 6
    with site.database.reading() as session:
        assert session.scalars(select(Organisation.url)).one() == "60"


def test_a_row_cannot_point_at_nothing(database, add_person):
    ada = add_person("Ada")

    def enrolment(person_id):
        return Enrolment(
            person_id=person_id, course_id="S01", release_id=1, course_version="v", enrolled_at=NOW
        )

    with database.transaction() as session:
        session.add(enrolment(ada.id))
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.add(enrolment(ada.id + 1000))


def test_moments_come_back_in_utc_whatever_zone_they_were_told_in(database):
    summer = timezone(timedelta(hours=2))
    with database.transaction() as session:
        session.add(organisation(created_at=datetime(2026, 7, 1, 14, 30, 5, 250_000, tzinfo=summer)))
    with database.reading() as session:
        read = session.scalars(select(Organisation.created_at)).one()
    assert read == datetime(2026, 7, 1, 12, 30, 5, 250_000, tzinfo=UTC)
    assert read.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(database):
    with pytest.raises(StatementError, match="without a zone"), database.transaction() as session:
        session.add(organisation(created_at=NOW.replace(tzinfo=None)))
    with database.reading() as session:
        assert session.scalar(select(Organisation.id)) is None


def test_moments_are_compared_as_moments(database):
    with database.transaction() as session:
        session.add(organisation())
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-9)))
    with database.reading() as session:
        assert session.scalar(select(Organisation.name).where(Organisation.created_at <= elsewhere))
        assert not session.scalar(select(Organisation.name).where(Organisation.created_at < elsewhere))


def test_sqlite_keeps_a_log_beside_the_file_so_that_readers_and_writers_do_not_meet(site):
    with site.database.reading() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA foreign_keys")) == 1


def test_inserting_once_tells_whether_it_did_also_where_rows_are_numbered(database):
    with database.transaction() as session:
        told = [
            insert_once(session, Organisation, name="Nordlys", slug="nordlys", created_at=NOW) for _ in "ab"
        ]
        assert told == [True, False]
        assert len(session.scalars(select(Organisation)).all()) == 1
