"""Work in the browser: revisions of notebooks, and the files that go with them."""

import sqlalchemy as sa
from alembic import op

revision = "20261130"
down_revision = "20261129"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("work_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("is_head", sa.Boolean(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["work_id"], ["lab_work.id"], name=op.f("fk_revision_work_id_lab_work")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_revision_person_id_person")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_revision_release_id_release")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_revision_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint("work_id", "number", name=op.f("uq_revision_work_id_number")),
    )
    op.create_index(op.f("ix_revision_work_id"), "revision", ["work_id"])
    op.create_index(op.f("ix_revision_person_id"), "revision", ["person_id"])
    op.create_index(op.f("ix_revision_submission_id"), "revision", ["submission_id"])
    op.create_table(
        "work_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("work_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["work_id"], ["lab_work.id"], name=op.f("fk_work_file_work_id_lab_work")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_file")),
        sa.UniqueConstraint("work_id", "sha256", name=op.f("uq_work_file_work_id_sha256")),
    )


def downgrade() -> None:
    op.drop_table("work_file")
    op.drop_index(op.f("ix_revision_submission_id"), table_name="revision")
    op.drop_index(op.f("ix_revision_person_id"), table_name="revision")
    op.drop_index(op.f("ix_revision_work_id"), table_name="revision")
    op.drop_table("revision")
