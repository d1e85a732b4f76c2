"""Regrades: gradings asked for because grades were questioned."""

import sqlalchemy as sa
from alembic import op

revision = "20261128"
down_revision = "20261127"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "regrade",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lab_id", sa.String(length=60), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("may_lower", sa.Boolean(), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_regrade_asked_by_person")),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_regrade_closed_by_person")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_regrade_release_id_release")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrade")),
    )
    with op.batch_alter_table("grading", schema=None) as batch_op:
        batch_op.add_column(sa.Column("regrade_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_grading_regrade_id_regrade"), "regrade", ["regrade_id"], ["id"]
        )
        batch_op.create_index(batch_op.f("ix_grading_regrade_id"), ["regrade_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("grading", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grading_regrade_id"))
        batch_op.drop_constraint(batch_op.f("fk_grading_regrade_id_regrade"), type_="foreignkey")
        batch_op.drop_column("regrade_id")
    op.drop_table("regrade")
