"""Whether a grading was proved on Slurm, in a column of its own: readiness will ask for it."""

import sqlalchemy as sa
from alembic import op

revision = "20261126"
down_revision = "20261125"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("grading", schema=None) as batch_op:
        batch_op.add_column(sa.Column("proved", sa.String(length=12), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("grading", schema=None) as batch_op:
        batch_op.drop_column("proved")
