"""A work has one head: said by the table too."""

import sqlalchemy as sa
from alembic import op

revision = "20261201"
down_revision = "20261130"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = sa.table(
        "revision",
        sa.column("work_id", sa.Integer),
        sa.column("number", sa.Integer),
        sa.column("is_head", sa.Boolean),
    )
    newer = table.alias()
    op.execute(
        table.update()
        .where(
            table.c.is_head,
            sa.exists().where(
                newer.c.work_id == table.c.work_id, newer.c.is_head, newer.c.number > table.c.number
            ),
        )
        .values(is_head=False)
    )
    op.create_index(
        "uq_revision_head",
        "revision",
        ["work_id"],
        unique=True,
        sqlite_where=sa.text("is_head"),
        postgresql_where=sa.text("is_head"),
    )


def downgrade() -> None:
    op.drop_index("uq_revision_head", table_name="revision")
