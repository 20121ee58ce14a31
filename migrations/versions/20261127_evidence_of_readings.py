"""evidence of readings, and energy rules

Revision: 20261127, after 20261126
"""

import sqlalchemy as sa
from alembic import op

revision = "20261127"
down_revision = "20261126"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "reading_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.drop_constraint(batch_op.f("ck_evidence_submission_or_request"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_evidence_one_owner"),
            "CASE WHEN submission_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN request_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN reading_id IS NULL THEN 0 ELSE 1 END = 1",
        )
        batch_op.create_unique_constraint(
            batch_op.f("uq_evidence_reading_id_position"), ["reading_id", "position"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_evidence_reading_id_indicator_readings"),
            "indicator_readings",
            ["reading_id"],
            ["id"],
        )
    with op.batch_alter_table("staged_files", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "indicator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.alter_column(
            "assignment_id",
            existing_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_staged_files_one_place"),
            "CASE WHEN assignment_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN indicator_id IS NULL THEN 0 ELSE 1 END = 1",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_staged_files_indicator_id_indicators"),
            "indicators",
            ["indicator_id"],
            ["id"],
        )
        batch_op.create_index(
            batch_op.f("ix_staged_files_indicator_id"), ["indicator_id"], unique=False
        )
    _kinds_of_rules("'scoring', 'reminders', 'energy'")


def downgrade() -> None:
    """Takes along what the older planner has no place for."""
    _let_delete("rule_sets")
    op.execute("DELETE FROM rule_sets WHERE kind = 'energy'")
    _kinds_of_rules("'scoring', 'reminders'")
    op.execute("DELETE FROM staged_files WHERE assignment_id IS NULL")
    with op.batch_alter_table("staged_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staged_files_indicator_id"))
        batch_op.drop_constraint(
            batch_op.f("fk_staged_files_indicator_id_indicators"), type_="foreignkey"
        )
        batch_op.drop_constraint(batch_op.f("ck_staged_files_one_place"), type_="check")
        batch_op.alter_column(
            "assignment_id",
            existing_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        )
        batch_op.drop_column("indicator_id")
    _let_delete("evidence")
    op.execute("DELETE FROM evidence WHERE reading_id IS NOT NULL")
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_evidence_reading_id_indicator_readings"), type_="foreignkey"
        )
        batch_op.drop_constraint(batch_op.f("uq_evidence_reading_id_position"), type_="unique")
        batch_op.drop_constraint(batch_op.f("ck_evidence_one_owner"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_evidence_submission_or_request"),
            "(submission_id IS NULL) <> (request_id IS NULL)",
        )
        batch_op.drop_column("reading_id")


def _kinds_of_rules(words: str) -> None:
    with op.batch_alter_table("rule_sets", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_rule_sets_kind"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_rule_sets_kind"), f"kind IN ({words})")


def _let_delete(table: str) -> None:
    """Take off the trigger that keeps rows; all are put back after the last migration."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER IF EXISTS keep_{table}_delete")
    else:
        op.execute(f"DROP TRIGGER IF EXISTS keep_{table} ON {table}")
