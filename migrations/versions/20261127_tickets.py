"""Tickets of gradings that compute nodes carry out; and how many deliveries of a grading never began."""

import sqlalchemy as sa
from alembic import op

revision = "20261127"
down_revision = "20261126"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("grading_id", sa.Integer(), nullable=False),
        sa.Column("delivery", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("batch", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("task", sa.String(length=40), nullable=False),
        sa.Column("node", sa.String(length=80), nullable=False),
        sa.Column("unfit", sa.Boolean(), nullable=False),
        sa.Column("trouble", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["grading_id"], ["grading.id"], name=op.f("fk_ticket_grading_id_grading")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("batch", "number", name=op.f("uq_ticket_batch_number")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_ticket_token_hash")),
    )
    op.create_index(op.f("ix_ticket_ended_at"), "ticket", ["ended_at"])
    op.create_index(op.f("ix_ticket_grading_id"), "ticket", ["grading_id"])
    with op.batch_alter_table("grading") as batch_op:
        batch_op.add_column(sa.Column("spared", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("grading") as batch_op:
        batch_op.alter_column("spared", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("grading") as batch_op:
        batch_op.drop_column("spared")
    op.drop_index(op.f("ix_ticket_grading_id"), table_name="ticket")
    op.drop_index(op.f("ix_ticket_ended_at"), table_name="ticket")
    op.drop_table("ticket")
