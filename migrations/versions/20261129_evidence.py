"""Evidence from real machines: claims, their files, and what mentors decided."""

import sqlalchemy as sa
from alembic import op

revision = "20261129"
down_revision = "20261128"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evidence_claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("work_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("lab_id", sa.String(length=60), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cluster", sa.String(length=60), nullable=False),
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["work_id"], ["lab_work.id"], name=op.f("fk_evidence_claim_work_id_lab_work")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_evidence_claim_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_evidence_claim_release_id_release")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_claim")),
        sa.UniqueConstraint("work_id", "number", name=op.f("uq_evidence_claim_work_id_number")),
    )
    op.create_index(op.f("ix_evidence_claim_person_id"), "evidence_claim", ["person_id"])
    op.create_index(op.f("ix_evidence_claim_lab_id"), "evidence_claim", ["lab_id"])
    op.create_index(op.f("ix_evidence_claim_job"), "evidence_claim", ["job"])
    op.create_table(
        "evidence_piece",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["evidence_claim.id"], name=op.f("fk_evidence_piece_claim_id_evidence_claim")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_piece")),
        sa.UniqueConstraint("claim_id", "position", name=op.f("uq_evidence_piece_claim_id_position")),
    )
    op.create_index(op.f("ix_evidence_piece_sha256"), "evidence_piece", ["sha256"])
    op.create_table(
        "evidence_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("mentor_id", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.String(length=8000), nullable=False),
        sa.Column("verdicts", sa.JSON(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["evidence_claim.id"], name=op.f("fk_evidence_decision_claim_id_evidence_claim")
        ),
        sa.ForeignKeyConstraint(
            ["mentor_id"], ["person.id"], name=op.f("fk_evidence_decision_mentor_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_decision")),
    )
    op.create_index(op.f("ix_evidence_decision_claim_id"), "evidence_decision", ["claim_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_evidence_decision_claim_id"), table_name="evidence_decision")
    op.drop_table("evidence_decision")
    op.drop_index(op.f("ix_evidence_piece_sha256"), table_name="evidence_piece")
    op.drop_table("evidence_piece")
    op.drop_index(op.f("ix_evidence_claim_job"), table_name="evidence_claim")
    op.drop_index(op.f("ix_evidence_claim_lab_id"), table_name="evidence_claim")
    op.drop_index(op.f("ix_evidence_claim_person_id"), table_name="evidence_claim")
    op.drop_table("evidence_claim")
