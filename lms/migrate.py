"""The database's shape, brought up to date. One way in the repository and in the installed wheel."""

import alembic.command
from alembic.config import Config

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
    with database.engine.execution_options(slipway_writes=True).begin() as connection:
        made = config()
        made.attributes["connection"] = connection
        alembic.command.upgrade(made, revision)


def downgrade(database: Database, revision: str) -> None:
    with database.engine.execution_options(slipway_writes=True).begin() as connection:
        made = config()
        made.attributes["connection"] = connection
        alembic.command.downgrade(made, revision)
