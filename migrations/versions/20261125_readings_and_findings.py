"""indicator readings and untrue findings

Revision: 20261125, after 20261123
"""

import sqlalchemy as sa
from alembic import op

revision = "20261125"
down_revision = "20261123"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "confirmed_bases",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "indicator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_confirmed_bases_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["indicator_id"],
            ["indicators.id"],
            name=op.f("fk_confirmed_bases_indicator_id_indicators"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmed_bases")),
    )
    with op.batch_alter_table("confirmed_bases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_confirmed_bases_by_id"), ["by_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_confirmed_bases_indicator_id"), ["indicator_id"], unique=False
        )

    op.create_table(
        "indicator_readings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "indicator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("inputs", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("estimated_by", sa.Text(), nullable=True),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column(
            "decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('granted', 'refused', 'taken_back')",
            name=op.f("ck_indicator_readings_outcome"),
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (decided_on IS NULL) AND (outcome IS NULL) = (decided_at IS NULL) AND (outcome IS NULL) = (decided_by_id IS NULL)",
            name=op.f("ck_indicator_readings_decided"),
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_indicator_readings_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["users.id"], name=op.f("fk_indicator_readings_decided_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["indicator_id"],
            ["indicators.id"],
            name=op.f("fk_indicator_readings_indicator_id_indicators"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_readings")),
    )
    with op.batch_alter_table("indicator_readings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_indicator_readings_by_id"), ["by_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_indicator_readings_indicator_id"), ["indicator_id"], unique=False
        )
        batch_op.create_index(
            "uq_indicator_readings_one_open",
            ["indicator_id", "year"],
            unique=True,
            sqlite_where=sa.text("outcome IS NULL"),
            postgresql_where=sa.text("outcome IS NULL"),
        )

    op.create_table(
        "untrue_findings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "revoked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("revoked_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(revoked_on IS NULL) = (revoked_by_id IS NULL) AND (revoked_on IS NULL) = (revoked_at IS NULL) AND (revoked_on IS NULL) = (revoked_reason IS NULL)",
            name=op.f("ck_untrue_findings_revoked"),
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name=op.f("fk_untrue_findings_assignment_id_assignments"),
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_untrue_findings_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by_id"], ["users.id"], name=op.f("fk_untrue_findings_revoked_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_untrue_findings_submission_id_submissions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_untrue_findings")),
    )
    with op.batch_alter_table("untrue_findings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_untrue_findings_assignment_id"), ["assignment_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_untrue_findings_by_id"), ["by_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_untrue_findings_submission_id"), ["submission_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("untrue_findings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_untrue_findings_submission_id"))
        batch_op.drop_index(batch_op.f("ix_untrue_findings_by_id"))
        batch_op.drop_index(batch_op.f("ix_untrue_findings_assignment_id"))

    op.drop_table("untrue_findings")
    with op.batch_alter_table("indicator_readings", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_indicator_readings_one_open",
            sqlite_where=sa.text("outcome IS NULL"),
            postgresql_where=sa.text("outcome IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_indicator_readings_indicator_id"))
        batch_op.drop_index(batch_op.f("ix_indicator_readings_by_id"))

    op.drop_table("indicator_readings")
    with op.batch_alter_table("confirmed_bases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_confirmed_bases_indicator_id"))
        batch_op.drop_index(batch_op.f("ix_confirmed_bases_by_id"))

    op.drop_table("confirmed_bases")
