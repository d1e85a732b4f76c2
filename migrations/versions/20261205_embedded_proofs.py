"""Credentials with an embedded proof beside their JWT, a place in a status list, and holders who asked to be forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "20261205"
down_revision = "20261202"
branch_labels = None
depends_on = None

ONE_HOLDER = "ck_credential_one_holder"
PLACE = "uq_credential_status_purpose_status_list_status_index"
PROOF_KEY = "fk_credential_proof_kid_signing_key"


def upgrade() -> None:
    with op.batch_alter_table("signing_key") as table:
        table.add_column(sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("credential") as table:
        table.add_column(sa.Column("holder_forgotten_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("proof_kid", sa.String(length=60), nullable=True))
        table.add_column(sa.Column("document", sa.Text(), nullable=True))
        table.add_column(sa.Column("status_purpose", sa.String(length=12), nullable=True))
        table.add_column(sa.Column("status_list", sa.Integer(), nullable=True))
        table.add_column(sa.Column("status_index", sa.Integer(), nullable=True))
        table.add_column(sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(
            sa.Column("suspension_reason", sa.String(length=500), nullable=False, server_default="")
        )
        table.create_foreign_key(op.f(PROOF_KEY), "signing_key", ["proof_kid"], ["kid"])
        table.create_unique_constraint(op.f(PLACE), ["status_purpose", "status_list", "status_index"])
        table.drop_constraint(op.f(ONE_HOLDER), type_="check")
        table.create_check_constraint(
            op.f(ONE_HOLDER),
            "CASE WHEN holder_forgotten_at IS NULL THEN (person_id IS NULL) <> (organisation_id IS NULL) "
            "ELSE person_id IS NULL AND organisation_id IS NULL END",
        )
    with op.batch_alter_table("credential") as table:
        table.alter_column("suspension_reason", server_default=None)


def downgrade() -> None:
    # The shape before knows no credential without a holder, nor one whose state it cannot tell.
    op.execute("DELETE FROM credential WHERE holder_forgotten_at IS NOT NULL")
    with op.batch_alter_table("credential") as table:
        table.drop_constraint(op.f(ONE_HOLDER), type_="check")
        table.create_check_constraint(op.f(ONE_HOLDER), "(person_id IS NULL) <> (organisation_id IS NULL)")
        table.drop_constraint(op.f(PLACE), type_="unique")
        table.drop_constraint(op.f(PROOF_KEY), type_="foreignkey")
        for name in (
            "suspension_reason",
            "suspended_at",
            "status_index",
            "status_list",
            "status_purpose",
            "document",
            "proof_kid",
            "holder_forgotten_at",
        ):
            table.drop_column(name)
    with op.batch_alter_table("signing_key") as table:
        table.drop_column("retired_at")
