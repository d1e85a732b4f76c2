"""The database's shape, brought up to date. One way in the repository and in the installed wheel."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import alembic.command
from alembic.config import Config
from sqlalchemy.engine import Connection

from lms import tables
from lms.db import Base, Database
from lms.revision import FOLDER


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.set_main_option("path_separator", "os")
    made.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d_%%(slug)s")
    assert tables.ALL
    made.attributes["metadata"] = Base.metadata
    return made


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database to `revision`. Raises what the database raises; on SQLite and PostgreSQL a failed step leaves nothing behind."""
    with _changing(database) as made:
        alembic.command.upgrade(made, revision)


def downgrade(database: Database, revision: str) -> None:
    with _changing(database) as made:
        alembic.command.downgrade(made, revision)


@contextmanager
def _changing(database: Database) -> Iterator[Config]:
    """One transaction, in which nothing may be left pointing at nothing.

    SQLite changes a table by copying it and dropping the original. While it watches over foreign keys it takes that for the deletion of
    every row, so it looks away meanwhile, as its manual says to, and everything is checked before the commit.
    """
    made = config()
    with database.engine.execution_options(slipway_writes=True).connect() as connection:
        if database.is_sqlite:
            _watch(connection, "OFF")
        try:
            with connection.begin():
                made.attributes["connection"] = connection
                yield made
                if database.is_sqlite:
                    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                    assert not lost, f"the migration left rows that point at nothing: {lost[:5]}"
        finally:
            if database.is_sqlite:
                _watch(connection, "ON")


def _watch(connection: Connection, state: Literal["ON", "OFF"]) -> None:
    """Outside any transaction: within one SQLite ignores it."""
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA foreign_keys={state}")
    cursor.close()
