"""Engine, sessions and the column types every table shares. The edge commits, once; verbs below it may flush, never commit.

Readers and writers are separate. On SQLite we say BEGIN ourselves: a reader's plain BEGIN, a writer's BEGIN IMMEDIATE, because a
transaction that reads first and upgrades later fails at once when another writer was faster, whatever the busy timeout.
"""

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import DateTime, Dialect, Engine, MetaData, create_engine, event, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.engine.url import make_url
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in code, whatever the database keeps. A naive datetime is a mistake and raises ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a zone reached the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class OnErasure(enum.Enum):
    """What becomes of a row when the person it is about asks to be forgotten."""

    DELETE = "deleted"
    PSEUDONYMISE = "kept without the person's name"


@dataclass(frozen=True)
class Privacy:
    """Declared by every table with a link to a person, in its `info`; a test finds those that forgot.

    `exported`: part of what a person gets who asks for their data.
    """

    purpose: str
    retention: str
    on_erasure: OnErasure
    exported: bool = True


def private(purpose: str, *, retention: str, on_erasure: OnErasure, exported: bool = True) -> dict[str, Any]:
    """For `__table_args__`: the declaration of a table about persons."""
    return {"info": {"privacy": Privacy(purpose, retention, on_erasure, exported)}}


class Database:
    """Where data lives. `transaction()` for whoever changes something, `reading()` for everybody else."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite:
            if parsed.database and parsed.database != ":memory:":
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            self.engine: Engine = create_engine(parsed, connect_args={"timeout": 15})
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            self.engine = create_engine(parsed, pool_pre_ping=True, pool_size=4)
        self._writes = self.engine.execution_options(slipway_writes=True)

    def session(self, kind: Literal["read", "write"]) -> Session:
        """A session for an edge that manages its end itself."""
        return Session(self._writes if kind == "write" else self.engine, expire_on_commit=False)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session whose changes, were there any, are thrown away."""
        with self.session("read") as session:
            yield session

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits at the end, or not at all."""
        with self.session("write") as session, session.begin():
            yield session

    def close(self) -> None:
        self.engine.dispose()


def insert_once(session: Session, table: type[Base], **values: Any) -> bool:
    """Insert a row unless a unique constraint says it is there already: one statement on both databases. Whether it was inserted."""
    there = sqlite.insert(table) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(table)
    # The row is asked for: on PostgreSQL nothing is counted for a table that numbers its rows by itself.
    statement = there.values(**values).on_conflict_do_nothing().returning(*inspect(table).primary_key)
    return session.execute(statement).first() is not None


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself: _begin_sqlite does
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=15000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("slipway_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
