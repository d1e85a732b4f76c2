"""The database's shape, brought up to date. One way in the repository and in the installed wheel."""

from pathlib import Path

import alembic.command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from lms import tables
from lms.db import Base, Database
from lms.errors import Unavailable

_PACKAGED = Path(__file__).parent / "_migrations"
FOLDER = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[1] / "migrations"


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
    with database.engine.execution_options(slipway_writes=True).begin() as connection:
        made = config()
        made.attributes["connection"] = connection
        alembic.command.upgrade(made, revision)


def downgrade(database: Database, revision: str) -> None:
    with database.engine.execution_options(slipway_writes=True).begin() as connection:
        made = config()
        made.attributes["connection"] = connection
        alembic.command.downgrade(made, revision)


def is_current(database: Database) -> bool:
    """Whether every migration has been applied."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def require_current(database: Database) -> None:
    """Refuse to serve a database of another shape. Raises Unavailable."""
    if not is_current(database):
        raise Unavailable("The database is not up to date. Run: lms db upgrade")
