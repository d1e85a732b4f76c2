"""The database's shape: one way up, one way down, in step with the tables, on both databases."""

import re

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from lms import migrate, revision, tables
from lms.db import Base
from lms.errors import Unavailable


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
