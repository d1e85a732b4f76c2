"""Gradings: the queue and the stored grades leave the submission's row for rows of their own, so that a submission can be graded anew."""

import sqlalchemy as sa
from alembic import op

revision = "20261125"
down_revision = "20261123"
branch_labels = None
depends_on = None

MOVED = "state, priority, delivery, worker, lease_until, phases, outcome, score, report, graded_at"
"""What stands in both shapes under one name, except that `done` was called `graded`."""


def upgrade() -> None:
    op.create_table(
        "grading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("delivery", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=80), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("phases", sa.JSON(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("lab_version", sa.String(length=64), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("limits", sa.JSON(), nullable=True),
        sa.Column("grader", sa.String(length=60), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.Column("graded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_grading_release_id_release")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_grading_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grading")),
    )
    op.create_table(
        "grading_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("grading_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["grading_id"], ["grading.id"], name=op.f("fk_grading_file_grading_id_grading")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grading_file")),
        sa.UniqueConstraint("grading_id", "name", name=op.f("uq_grading_file_grading_id_name")),
    )
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.add_column(sa.Column("grading_id", sa.Integer(), nullable=True))
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.add_column(sa.Column("grading_id", sa.Integer(), nullable=True))

    _carry_over()

    with op.batch_alter_table("grading", schema=None) as batch_op:
        batch_op.create_index("ix_grading_queue", ["state", "priority", "id"], unique=False)
        batch_op.create_index("ix_grading_graded_at", ["graded_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_grading_submission_id"), ["submission_id"], unique=False)
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_index("ix_submission_queue")
        for column in MOVED.split(", "):
            batch_op.drop_column(column)
        batch_op.create_foreign_key(
            batch_op.f("fk_submission_grading_id_grading"), "grading", ["grading_id"], ["id"]
        )
        batch_op.create_index(batch_op.f("ix_submission_grading_id"), ["grading_id"], unique=False)
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.alter_column("grading_id", existing_type=sa.Integer(), nullable=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_review_grading_id_grading"), "grading", ["grading_id"], ["id"]
        )
    with op.batch_alter_table("submission_file", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_submission_file_submission_id_kind"), type_="unique")
        batch_op.drop_column("kind")
        batch_op.create_unique_constraint(batch_op.f("uq_submission_file_submission_id"), ["submission_id"])


def _carry_over() -> None:
    """A grading for each submission. Which version its lab had is only known where the learner has not moved on since."""
    op.execute(
        f"""
        INSERT INTO grading (submission_id, kind, {MOVED}, queued_at, release_id, lab_version, seed, sha256, grader, counted_at)
        SELECT submission.id, 'first', CASE state WHEN 'graded' THEN 'done' ELSE state END,
               priority, delivery, worker, lease_until, phases, outcome, score, report, graded_at, submitted_at, submission.release_id,
               CASE WHEN lab_work.release_id = submission.release_id THEN lab_work.lab_version ELSE '' END,
               0, sha256, '', graded_at
        FROM submission JOIN lab_work ON lab_work.id = submission.work_id ORDER BY submission.id
        """  # noqa: S608 - names of columns, written above
    )
    op.execute(
        "UPDATE submission SET grading_id = (SELECT grading.id FROM grading WHERE grading.submission_id = submission.id)"
    )
    op.execute(
        "UPDATE review SET grading_id = (SELECT grading.id FROM grading WHERE grading.submission_id = review.submission_id)"
    )
    op.execute(
        "INSERT INTO grading_file (grading_id, name, data) SELECT grading.id, 'executed', data FROM submission_file "
        "JOIN grading ON grading.submission_id = submission_file.submission_id WHERE submission_file.kind = 'executed'"
    )
    op.execute("DELETE FROM submission_file WHERE kind = 'executed'")


def downgrade() -> None:
    """The first shape knows one grading of a submission: the one that counts is kept, the others are lost."""
    with op.batch_alter_table("submission_file", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_submission_file_submission_id"), type_="unique")
        batch_op.add_column(
            sa.Column("kind", sa.String(length=10), nullable=False, server_default="submitted")
        )
    with op.batch_alter_table("submission_file", schema=None) as batch_op:
        batch_op.alter_column("kind", existing_type=sa.String(length=10), server_default=None)
        batch_op.create_unique_constraint(
            batch_op.f("uq_submission_file_submission_id_kind"), ["submission_id", "kind"]
        )
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.add_column(sa.Column("state", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("priority", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("delivery", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("worker", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("phases", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("outcome", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("score", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("report", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("graded_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        f"UPDATE submission SET ({MOVED}) = (SELECT {MOVED} FROM grading WHERE grading.id = submission.grading_id)"  # noqa: S608
    )
    op.execute("UPDATE submission SET state = 'graded' WHERE state = 'done'")
    op.execute(
        "INSERT INTO submission_file (submission_id, kind, data) SELECT submission.id, 'executed', data FROM grading_file "
        "JOIN submission ON submission.grading_id = grading_file.grading_id WHERE grading_file.name = 'executed'"
    )
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_review_grading_id_grading"), type_="foreignkey")
        batch_op.drop_column("grading_id")
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submission_grading_id"))
        batch_op.drop_constraint(batch_op.f("fk_submission_grading_id_grading"), type_="foreignkey")
        batch_op.drop_column("grading_id")
        for column, kind in (
            ("state", sa.String(length=10)),
            ("priority", sa.Integer()),
            ("delivery", sa.Integer()),
            ("phases", sa.JSON()),
        ):
            batch_op.alter_column(column, existing_type=kind, nullable=False)
        batch_op.create_index("ix_submission_queue", ["state", "priority", "id"], unique=False)
    op.drop_table("grading_file")
    op.drop_table("grading")
