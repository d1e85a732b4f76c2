"""Alembic's entry. The connection comes from `lms.migrate`, in the repository and in the wheel alike: there is no alembic.ini."""

from typing import Any

from alembic import context

config = context.config


def render_item(kind: str, item: Any, _autogen_context: Any) -> str | bool:
    """Keep the application's types out of migrations: they must read the same for ever."""
    if kind == "type" and type(item).__name__ == "UtcDateTime":
        return "sa.DateTime(timezone=True)"
    return False


def forget_info(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """What a table says of itself in `info` is for the application, not for its shape."""
    for directive in directives:
        for operation in directive.upgrade_ops.ops:
            getattr(operation, "info", {}).clear()


context.configure(
    connection=config.attributes["connection"],
    target_metadata=config.attributes.get("metadata"),
    render_as_batch=True,
    render_item=render_item,
    process_revision_directives=forget_info,
    compare_type=False,
)
with context.begin_transaction():
    context.run_migrations()
