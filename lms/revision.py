"""Whether the database has the shape this code expects. Told without Alembic, which every process of a site would otherwise carry."""

from pathlib import Path

from sqlalchemy import inspect, text

from lms.db import Database
from lms.errors import Unavailable

_PACKAGED = Path(__file__).parent / "_migrations"
FOLDER = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[1] / "migrations"


def newest() -> str:
    """The revision that the last migration leads to: its file's date, in a line without branches (a test holds it to that)."""
    return max(path.name.partition("_")[0] for path in (FOLDER / "versions").glob("*_*.py"))


def is_current(database: Database) -> bool:
    """Whether every migration has been applied."""
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return bool(connection.scalar(text("SELECT version_num FROM alembic_version")) == newest())


def require_current(database: Database) -> None:
    """Refuse to serve a database of another shape. Raises Unavailable."""
    if not is_current(database):
        raise Unavailable("The database is not up to date. Run: lms db upgrade")
