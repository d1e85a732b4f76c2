"""How often badges are verified from one address, as long as it counts."""

import sqlalchemy as sa
from alembic import op

revision = "20261206"
down_revision = "20261205"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "verification_try",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification_try")),
    )
    op.create_index("ix_verification_try_key_at", "verification_try", ["key", "at"])


def downgrade() -> None:
    op.drop_index("ix_verification_try_key_at", table_name="verification_try")
    op.drop_table("verification_try")
