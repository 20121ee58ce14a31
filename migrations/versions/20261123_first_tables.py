"""first tables

Revision: 20261123, after none
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blobs",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blobs")),
    )
    with op.batch_alter_table("blobs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_blobs_refreshed_at"), ["refreshed_at"], unique=False)

    op.create_table(
        "heartbeats",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "login_attempts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempts")),
    )
    with op.batch_alter_table("login_attempts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_login_attempts_address_at"), ["address", "at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_login_attempts_username_at"), ["username", "at"], unique=False
        )

    op.create_table(
        "seed_records",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seed_records")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_seed_records_kind_key")),
    )
    op.create_table(
        "settings",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settings")),
    )
    op.create_table(
        "unit_groups",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_groups")),
        sa.UniqueConstraint("key", name=op.f("uq_unit_groups_key")),
        sa.UniqueConstraint("name", name=op.f("uq_unit_groups_name")),
    )
    op.create_table(
        "units",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column(
            "superior_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("sector", sa.String(length=40), nullable=True),
        sa.Column("ranking_group", sa.String(length=40), nullable=True),
        sa.Column("sign_off", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("superior_id <> id", name=op.f("ck_units_not_its_own_superior")),
        sa.ForeignKeyConstraint(
            ["superior_id"], ["units.id"], name=op.f("fk_units_superior_id_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        sa.UniqueConstraint("key", name=op.f("uq_units_key")),
        sa.UniqueConstraint("name", name=op.f("uq_units_name")),
    )
    with op.batch_alter_table("units", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_units_superior_id"), ["superior_id"], unique=False)

    op.create_table(
        "plans",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("document", sa.String(length=300), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_plans_period")),
        sa.ForeignKeyConstraint(["owner_id"], ["units.id"], name=op.f("fk_plans_owner_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("key", name=op.f("uq_plans_key")),
    )
    with op.batch_alter_table("plans", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plans_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "robots",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("token", sa.String(length=200), nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('wecom', 'dingtalk', 'feishu')", name=op.f("ck_robots_channel")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_robots_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_robots")),
    )
    with op.batch_alter_table("robots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_robots_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "unit_group_members",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["unit_groups.id"],
            name=op.f("fk_unit_group_members_group_id_unit_groups"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_unit_group_members_unit_id_units")
        ),
        sa.PrimaryKeyConstraint("group_id", "unit_id", name=op.f("pk_unit_group_members")),
    )
    with op.batch_alter_table("unit_group_members", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_unit_group_members_unit_id"), ["unit_id"], unique=False
        )

    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("locale", sa.String(length=5), nullable=True),
        sa.Column("deputy_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("mail_events", sa.Boolean(), nullable=False),
        sa.Column("mail_digests", sa.Boolean(), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("locale IN ('zh', 'en')", name=op.f("ck_users_locale")),
        sa.CheckConstraint(
            "(quiet_from IS NULL) = (quiet_until IS NULL)", name=op.f("ck_users_quiet_hours")
        ),
        sa.CheckConstraint("deputy_id <> id", name=op.f("ck_users_not_their_own_deputy")),
        sa.CheckConstraint(
            "username = lower(username)", name=op.f("ck_users_username_is_lower_case")
        ),
        sa.ForeignKeyConstraint(["deputy_id"], ["users.id"], name=op.f("fk_users_deputy_id_users")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_users_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
    )
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_users_deputy_id"), ["deputy_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_users_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "actions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("section", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_actions_plan_id_plans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actions")),
        sa.UniqueConstraint("plan_id", "key", name=op.f("uq_actions_plan_id_key")),
    )
    op.create_table(
        "calendar_days",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("worked", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_calendar_days_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_days")),
    )
    with op.batch_alter_table("calendar_days", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendar_days_by_id"), ["by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_calendar_days_day"), ["day"], unique=False)

    op.create_table(
        "feed_links",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_feed_links_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_feed_links_token_hash")),
    )
    with op.batch_alter_table("feed_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feed_links_user_id"), ["user_id"], unique=False)

    op.create_table(
        "indicators",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("measure", sa.String(length=40), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("base_year", sa.Integer(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("target_year", sa.Integer(), nullable=False),
        sa.Column("target", sa.BigInteger(), nullable=False),
        sa.Column("comparator", sa.String(length=40), nullable=False),
        sa.Column("direction", sa.String(length=40), nullable=False),
        sa.Column("binding", sa.Boolean(), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner_inferred", sa.Boolean(), nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.Column("consistent", sa.Boolean(), nullable=False),
        sa.Column("section", sa.String(length=200), nullable=False),
        sa.CheckConstraint("comparator IN ('>=', '<=')", name=op.f("ck_indicators_comparator")),
        sa.CheckConstraint("direction IN ('down', 'up')", name=op.f("ck_indicators_direction")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["units.id"], name=op.f("fk_indicators_owner_id_units")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plans.id"], name=op.f("fk_indicators_plan_id_plans")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicators")),
        sa.UniqueConstraint("plan_id", "key", name=op.f("uq_indicators_plan_id_key")),
    )
    with op.batch_alter_table("indicators", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_indicators_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "login_sessions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_login_sessions_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_login_sessions_token_hash")),
    )
    with op.batch_alter_table("login_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_sessions_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_login_sessions_user_id"), ["user_id"], unique=False)

    op.create_table(
        "rollups",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("verified", sa.BigInteger(), nullable=False),
        sa.Column("claimed", sa.BigInteger(), nullable=False),
        sa.Column("counting", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("overdue", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "subject IN ('plan', 'unit', 'action')", name=op.f("ck_rollups_subject")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_rollups_plan_id_plans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollups")),
        sa.UniqueConstraint(
            "plan_id",
            "on",
            "period",
            "subject",
            "subject_id",
            name=op.f("uq_rollups_plan_id_on_period_subject_subject_id"),
        ),
    )
    op.create_table(
        "rule_sets",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('scoring', 'reminders')", name=op.f("ck_rule_sets_kind")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_rule_sets_plan_id_plans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_sets")),
        sa.UniqueConstraint(
            "plan_id", "kind", "version", name=op.f("uq_rule_sets_plan_id_kind_version")
        ),
    )
    op.create_table(
        "sent_forms",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_sent_forms_user_id_users")
        ),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_sent_forms")),
    )
    with op.batch_alter_table("sent_forms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sent_forms_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_sent_forms_user_id"), ["user_id"], unique=False)

    op.create_table(
        "slips",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("addressee", sa.String(length=200), nullable=False),
        sa.Column("signatory", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('notice', 'demand', 'supervision')", name=op.f("ck_slips_kind")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_slips_by_id_users")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_slips_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slips")),
        sa.UniqueConstraint("number", name=op.f("uq_slips_number")),
    )
    with op.batch_alter_table("slips", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slips_by_id"), ["by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_slips_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "user_roles",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "role IN ('coordinator', 'liaison', 'head', 'supervisor', 'leader', 'auditor', 'admin')",
            name=op.f("ck_user_roles_role"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_roles_user_id_users")
        ),
        sa.PrimaryKeyConstraint("user_id", "role", name=op.f("pk_user_roles")),
    )
    with op.batch_alter_table("user_roles", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_roles_role"), ["role"], unique=False)

    op.create_table(
        "tasks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "action_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(length=200), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("document_number", sa.String(length=120), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("recurrence", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reporting", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reports_from", sa.Date(), nullable=True),
        sa.Column("reports_through", sa.Date(), nullable=True),
        sa.Column(
            "lead_unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("completion_standard", sa.Text(), nullable=True),
        sa.Column("evidence_required", sa.Boolean(), nullable=False),
        sa.Column("veto", sa.Boolean(), nullable=False),
        sa.Column("starred", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('once', 'recurring', 'standing')", name=op.f("ck_tasks_kind")),
        sa.CheckConstraint(
            "origin IN ('plan', 'yearly_programme', 'superior', 'meeting', 'directive')",
            name=op.f("ck_tasks_origin"),
        ),
        sa.CheckConstraint(
            "(reporting IS NULL) = (reports_from IS NULL)", name=op.f("ck_tasks_reports_from")
        ),
        sa.CheckConstraint(
            "(reporting IS NULL) = (reports_through IS NULL)", name=op.f("ck_tasks_reports_through")
        ),
        sa.ForeignKeyConstraint(
            ["action_id"], ["actions.id"], name=op.f("fk_tasks_action_id_actions")
        ),
        sa.ForeignKeyConstraint(
            ["lead_unit_id"], ["units.id"], name=op.f("fk_tasks_lead_unit_id_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sa.UniqueConstraint("action_id", "key", name=op.f("uq_tasks_action_id_key")),
    )
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tasks_action_id"), ["action_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tasks_lead_unit_id"), ["lead_unit_id"], unique=False)

    op.create_table(
        "proof_items",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=300), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name=op.f("fk_proof_items_task_id_tasks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof_items")),
        sa.UniqueConstraint("task_id", "position", name=op.f("uq_proof_items_task_id_position")),
    )
    op.create_table(
        "targets",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("section", sa.String(length=200), nullable=False),
        sa.Column("comparator", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("measure", sa.String(length=40), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.CheckConstraint("comparator IN ('>=', '<=')", name=op.f("ck_targets_comparator")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_targets_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_targets")),
        sa.UniqueConstraint("task_id", "key", name=op.f("uq_targets_task_id_key")),
    )
    op.create_table(
        "assignments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "template_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "replaces_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("key", sa.String(length=80), nullable=True),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_inherited", sa.Boolean(), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("measure", sa.String(length=40), nullable=True),
        sa.Column("target_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("activity", sa.Integer(), nullable=False),
        sa.Column("original_due_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("acknowledged_on", sa.Date(), nullable=True),
        sa.Column("deemed_signed", sa.Boolean(), nullable=False),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("cancel_class", sa.String(length=40), nullable=True),
        sa.Column("cancel_document", sa.String(length=120), nullable=True),
        sa.CheckConstraint(
            "cancel_class IN ('force_majeure', 'policy', 'change_of_duties', 'own', 'not_applicable')",
            name=op.f("ck_assignments_cancel_class"),
        ),
        sa.CheckConstraint(
            "method IN ('binary', 'proportional', 'tiers', 'rated')",
            name=op.f("ck_assignments_method"),
        ),
        sa.CheckConstraint(
            "part IN ('responsible', 'supporting')", name=op.f("ck_assignments_part")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'cancelled') OR (unit_id IS NOT NULL AND due_on IS NOT NULL)",
            name=op.f("ck_assignments_issued_to_a_unit"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'issued', 'in_progress', 'submitted', 'accepted', 'cancelled')",
            name=op.f("ck_assignments_state"),
        ),
        sa.CheckConstraint(
            "(amount IS NULL) = (measure IS NULL)", name=op.f("ck_assignments_amount_has_a_measure")
        ),
        sa.CheckConstraint(
            "(parent_id IS NULL) = (year IS NULL)", name=op.f("ck_assignments_node_has_a_year")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_assignments_amount_is_positive")),
        sa.CheckConstraint(
            "unit_id IS NULL OR group_id IS NULL", name=op.f("ck_assignments_unit_or_group")
        ),
        sa.CheckConstraint("weight > 0", name=op.f("ck_assignments_weight_is_positive")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["unit_groups.id"], name=op.f("fk_assignments_group_id_unit_groups")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["assignments.id"], name=op.f("fk_assignments_parent_id_assignments")
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["assignments.id"], name=op.f("fk_assignments_replaces_id_assignments")
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["targets.id"], name=op.f("fk_assignments_target_id_targets")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name=op.f("fk_assignments_task_id_tasks")
        ),
        sa.ForeignKeyConstraint(
            ["template_id"], ["assignments.id"], name=op.f("fk_assignments_template_id_assignments")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_assignments_unit_id_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
        sa.UniqueConstraint("key", name=op.f("uq_assignments_key")),
    )
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignments_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignments_issued_on"), ["issued_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignments_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_assignments_replaces_id"), ["replaces_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_assignments_state_due_on"), ["state", "due_on"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_assignments_target_id"), ["target_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignments_task_id"), ["task_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_assignments_template_id"), ["template_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_assignments_unit_id_state"), ["unit_id", "state"], unique=False
        )

    op.create_table(
        "journal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column(
            "actor_unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("origin", sa.String(length=120), nullable=True),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column(
            "assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("from_state", sa.String(length=40), nullable=True),
        sa.Column("to_state", sa.String(length=40), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "actor_kind IN ('person', 'system', 'command')", name=op.f("ck_journal_actor_kind")
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_journal_actor_id_users")),
        sa.ForeignKeyConstraint(
            ["actor_unit_id"], ["units.id"], name=op.f("fk_journal_actor_unit_id_units")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_journal_assignment_id_assignments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_journal_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_journal_assignment_id_on"), ["assignment_id", "on"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_journal_on_at"), ["on", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_journal_verb_on"), ["verb", "on"], unique=False)

    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "recipient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("robot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.JSON(), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("sections", sa.JSON(none_as_null=True), nullable=True),
        sa.Column(
            "assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "forwards_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim_token", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "channel IN ('inbox', 'email', 'wecom', 'dingtalk', 'feishu')",
            name=op.f("ck_messages_channel"),
        ),
        sa.CheckConstraint("kind IN ('event', 'digest', 'weekly')", name=op.f("ck_messages_kind")),
        sa.CheckConstraint(
            "state IN ('pending', 'sent', 'given_up')", name=op.f("ck_messages_state")
        ),
        sa.CheckConstraint(
            "(recipient_id IS NULL) <> (robot_id IS NULL)", name=op.f("ck_messages_person_or_robot")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name=op.f("fk_messages_assignment_id_assignments"),
        ),
        sa.ForeignKeyConstraint(
            ["forwards_id"], ["messages.id"], name=op.f("fk_messages_forwards_id_messages")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["users.id"], name=op.f("fk_messages_recipient_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["robot_id"], ["robots.id"], name=op.f("fk_messages_robot_id_robots")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint(
            "recipient_id", "channel", "key", name=op.f("uq_messages_recipient_id_channel_key")
        ),
        sa.UniqueConstraint("robot_id", "key", name=op.f("uq_messages_robot_id_key")),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_messages_assignment_id"), ["assignment_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_messages_forwards_id"), ["forwards_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_messages_recipient_id"), ["recipient_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_messages_recipient_id_channel_on"),
            ["recipient_id", "channel", "on"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_messages_robot_id"), ["robot_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_messages_state_next_try_at"), ["state", "next_try_at"], unique=False
        )

    op.create_table(
        "notes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "indicator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reading", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "CASE WHEN plan_id IS NULL THEN 0 ELSE 1 END + CASE WHEN task_id IS NULL THEN 0 ELSE 1 END + CASE WHEN assignment_id IS NULL THEN 0 ELSE 1 END + CASE WHEN indicator_id IS NULL THEN 0 ELSE 1 END = 1",
            name=op.f("ck_notes_one_subject"),
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_notes_assignment_id_assignments")
        ),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["indicators.id"], name=op.f("fk_notes_indicator_id_indicators")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_notes_plan_id_plans")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_notes_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    with op.batch_alter_table("notes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notes_assignment_id"), ["assignment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notes_indicator_id"), ["indicator_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notes_plan_id"), ["plan_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notes_task_id"), ["task_id"], unique=False)

    op.create_table(
        "reminders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("anchor", sa.String(length=40), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column(
            "recipient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("superseded", sa.Boolean(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("level IN ('blue', 'yellow', 'red')", name=op.f("ck_reminders_level")),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name=op.f("fk_reminders_assignment_id_assignments"),
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["users.id"], name=op.f("fk_reminders_recipient_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint(
            "assignment_id",
            "family",
            "anchor",
            "occurrence",
            "recipient_id",
            name=op.f("uq_reminders_assignment_id_family_anchor_occurrence_recipient_id"),
        ),
    )
    with op.batch_alter_table("reminders", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reminders_assignment_id"), ["assignment_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_reminders_recipient_id"), ["recipient_id"], unique=False
        )

    op.create_table(
        "requests",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=True),
        sa.Column("decider", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column(
            "appeals_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "signed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("granted", sa.JSON(none_as_null=True), nullable=True),
        sa.Column(
            "decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "cause IN ('force_majeure', 'policy', 'change_of_duties', 'own', 'not_applicable')",
            name=op.f("ck_requests_cause"),
        ),
        sa.CheckConstraint("decider IN ('lead', 'above')", name=op.f("ck_requests_decider")),
        sa.CheckConstraint(
            "kind IN ('cancel', 'reassign', 'extension', 'objection', 'reduction', 'suspension', 'resumption', 'exemption')",
            name=op.f("ck_requests_kind"),
        ),
        sa.CheckConstraint(
            "outcome IN ('granted', 'refused', 'taken_back')", name=op.f("ck_requests_outcome")
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (decided_on IS NULL)", name=op.f("ck_requests_decided")
        ),
        sa.ForeignKeyConstraint(
            ["appeals_id"], ["requests.id"], name=op.f("fk_requests_appeals_id_requests")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name=op.f("fk_requests_assignment_id_assignments"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_requests_by_id_users")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["users.id"], name=op.f("fk_requests_decided_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["signed_by_id"], ["users.id"], name=op.f("fk_requests_signed_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        sa.UniqueConstraint("appeals_id", name=op.f("uq_requests_appeals_id")),
    )
    with op.batch_alter_table("requests", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_requests_assignment_id"), ["assignment_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_requests_by_id"), ["by_id"], unique=False)
        batch_op.create_index(
            "uq_requests_one_open",
            ["assignment_id"],
            unique=True,
            sqlite_where=sa.text("outcome IS NULL"),
            postgresql_where=sa.text("outcome IS NULL"),
        )

    op.create_table(
        "sign_offs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
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
            "outcome IN ('signed', 'sent_back', 'dropped')", name=op.f("ck_sign_offs_outcome")
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (decided_on IS NULL)", name=op.f("ck_sign_offs_decided")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name=op.f("fk_sign_offs_assignment_id_assignments"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_sign_offs_by_id_users")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["users.id"], name=op.f("fk_sign_offs_decided_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_offs")),
    )
    with op.batch_alter_table("sign_offs", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sign_offs_assignment_id"), ["assignment_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_sign_offs_by_id"), ["by_id"], unique=False)
        batch_op.create_index(
            "uq_sign_offs_one_open",
            ["assignment_id"],
            unique=True,
            sqlite_where=sa.text("outcome IS NULL"),
            postgresql_where=sa.text("outcome IS NULL"),
        )

    op.create_table(
        "submissions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=True),
        sa.Column("next_steps", sa.Text(), nullable=True),
        sa.Column("coordination", sa.Text(), nullable=True),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "signed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('progress', 'completion')", name=op.f("ck_submissions_kind")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_submissions_amount_is_not_negative")),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_submissions_percent")),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name=op.f("fk_submissions_assignment_id_assignments"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_submissions_by_id_users")),
        sa.ForeignKeyConstraint(
            ["signed_by_id"], ["users.id"], name=op.f("fk_submissions_signed_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submissions")),
        sa.UniqueConstraint(
            "assignment_id", "number", name=op.f("uq_submissions_assignment_id_number")
        ),
    )
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_submissions_assignment_id"), ["assignment_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_submissions_by_id"), ["by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_submissions_on"), ["on"], unique=False)

    op.create_table(
        "urges",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("spoken_to", sa.String(length=60), nullable=True),
        sa.Column("slip_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_urges_assignment_id_assignments")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_urges_by_id_users")),
        sa.ForeignKeyConstraint(["slip_id"], ["slips.id"], name=op.f("fk_urges_slip_id_slips")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_urges")),
    )
    with op.batch_alter_table("urges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_urges_assignment_id"), ["assignment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_urges_by_id"), ["by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_urges_slip_id"), ["slip_id"], unique=False)

    op.create_table(
        "amount_revisions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column(
            "request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_amount_revisions_amount_is_positive")),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name=op.f("fk_amount_revisions_assignment_id_assignments"),
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_amount_revisions_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name=op.f("fk_amount_revisions_request_id_requests")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amount_revisions")),
        sa.UniqueConstraint(
            "assignment_id", "number", name=op.f("uq_amount_revisions_assignment_id_number")
        ),
    )
    with op.batch_alter_table("amount_revisions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_amount_revisions_assignment_id"), ["assignment_id"], unique=False
        )

    op.create_table(
        "due_revisions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.String(length=40), nullable=False),
        sa.Column("raw", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("cause", sa.String(length=40), nullable=True),
        sa.Column(
            "request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "basis IN ('explicit', 'inferred', 'set', 'extension', 'suspension')",
            name=op.f("ck_due_revisions_basis"),
        ),
        sa.CheckConstraint(
            "cause IN ('force_majeure', 'policy', 'change_of_duties', 'own', 'not_applicable')",
            name=op.f("ck_due_revisions_cause"),
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name=op.f("fk_due_revisions_assignment_id_assignments"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_due_revisions_by_id_users")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name=op.f("fk_due_revisions_request_id_requests")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_revisions")),
        sa.UniqueConstraint(
            "assignment_id", "number", name=op.f("uq_due_revisions_assignment_id_number")
        ),
    )
    with op.batch_alter_table("due_revisions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_due_revisions_assignment_id"), ["assignment_id"], unique=False
        )

    op.create_table(
        "evidence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("url", sa.String(length=2000), nullable=True),
        sa.Column("cites_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "(kind = 'file') = (sha256 IS NOT NULL) AND (kind = 'link') = (url IS NOT NULL)",
            name=op.f("ck_evidence_file_or_link"),
        ),
        sa.CheckConstraint("kind IN ('file', 'link')", name=op.f("ck_evidence_kind")),
        sa.CheckConstraint(
            "(submission_id IS NULL) <> (request_id IS NULL)",
            name=op.f("ck_evidence_submission_or_request"),
        ),
        sa.ForeignKeyConstraint(
            ["cites_id"], ["evidence.id"], name=op.f("fk_evidence_cites_id_evidence")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name=op.f("fk_evidence_request_id_requests")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["blobs.sha256"], name=op.f("fk_evidence_sha256_blobs")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_evidence_submission_id_submissions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("request_id", "position", name=op.f("uq_evidence_request_id_position")),
        sa.UniqueConstraint(
            "submission_id", "position", name=op.f("uq_evidence_submission_id_position")
        ),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_cites_id"), ["cites_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_sha256"), ["sha256"], unique=False)

    op.create_table(
        "reminder_messages",
        sa.Column(
            "reminder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_reminder_messages_message_id_messages")
        ),
        sa.ForeignKeyConstraint(
            ["reminder_id"],
            ["reminders.id"],
            name=op.f("fk_reminder_messages_reminder_id_reminders"),
        ),
        sa.PrimaryKeyConstraint("reminder_id", "message_id", name=op.f("pk_reminder_messages")),
    )
    with op.batch_alter_table("reminder_messages", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reminder_messages_message_id"), ["message_id"], unique=False
        )

    op.create_table(
        "reports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("missing_after", sa.Date(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("handed_in_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(submission_id IS NULL) = (handed_in_on IS NULL)", name=op.f("ck_reports_handed_in")
        ),
        sa.CheckConstraint("due_on < missing_after", name=op.f("ck_reports_missing_after")),
        sa.CheckConstraint(
            "starts_on <= ends_on AND ends_on < due_on", name=op.f("ck_reports_period")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_reports_assignment_id_assignments")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_reports_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint(
            "assignment_id", "period", name=op.f("uq_reports_assignment_id_period")
        ),
    )
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reports_assignment_id"), ["assignment_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_reports_due_on"), ["due_on"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_reports_submission_id"), ["submission_id"], unique=False
        )

    op.create_table(
        "reviews",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("rework_on", sa.Date(), nullable=True),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("ticks", sa.JSON(), nullable=False),
        sa.Column("tier", sa.String(length=40), nullable=True),
        sa.Column("rating", sa.BigInteger(), nullable=True),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(decision = 'return') = (kind IS NOT NULL)", name=op.f("ck_reviews_return_has_a_kind")
        ),
        sa.CheckConstraint(
            "decision IN ('accept', 'return', 'confirm')", name=op.f("ck_reviews_decision")
        ),
        sa.CheckConstraint("kind IN ('amend', 'reject')", name=op.f("ck_reviews_kind")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_reviews_by_id_users")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_reviews_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
    )
    with op.batch_alter_table("reviews", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reviews_by_id"), ["by_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_reviews_submission_id"), ["submission_id"], unique=False
        )

    op.create_table(
        "settlements",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_settlements_by_id_users")),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_settlements_submission_id_submissions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlements")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_settlements_submission_id")),
    )
    with op.batch_alter_table("settlements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_settlements_by_id"), ["by_id"], unique=False)

    op.create_table(
        "staged_files",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "sign_off_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name=op.f("fk_staged_files_assignment_id_assignments"),
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["blobs.sha256"], name=op.f("fk_staged_files_sha256_blobs")
        ),
        sa.ForeignKeyConstraint(
            ["sign_off_id"], ["sign_offs.id"], name=op.f("fk_staged_files_sign_off_id_sign_offs")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_staged_files_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staged_files")),
        sa.UniqueConstraint("token", name=op.f("uq_staged_files_token")),
    )
    with op.batch_alter_table("staged_files", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_staged_files_assignment_id"), ["assignment_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_staged_files_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_staged_files_sha256"), ["sha256"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_staged_files_sign_off_id"), ["sign_off_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_staged_files_user_id"), ["user_id"], unique=False)

    op.create_table(
        "suspensions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(ended_on IS NULL) = (ended_at IS NULL)", name=op.f("ck_suspensions_ended")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name=op.f("fk_suspensions_assignment_id_assignments"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name=op.f("fk_suspensions_request_id_requests")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspensions")),
    )
    with op.batch_alter_table("suspensions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_suspensions_assignment_id"), ["assignment_id"], unique=False
        )
        batch_op.create_index(
            "uq_suspensions_one_open",
            ["assignment_id"],
            unique=True,
            sqlite_where=sa.text("ended_on IS NULL"),
            postgresql_where=sa.text("ended_on IS NULL"),
        )

    op.create_table(
        "urge_answers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("urge_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_urge_answers_by_id_users")),
        sa.ForeignKeyConstraint(
            ["urge_id"], ["urges.id"], name=op.f("fk_urge_answers_urge_id_urges")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_urge_answers")),
        sa.UniqueConstraint("urge_id", name=op.f("uq_urge_answers_urge_id")),
    )
    with op.batch_alter_table("urge_answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_urge_answers_by_id"), ["by_id"], unique=False)

    op.create_table(
        "portions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "review_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("handed_in_on", sa.Date(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column(
            "withdrawn_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_portions_amount_is_not_negative")),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name=op.f("fk_portions_assignment_id_assignments"),
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name=op.f("fk_portions_review_id_reviews")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_portions_submission_id_submissions"),
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["users.id"], name=op.f("fk_portions_withdrawn_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portions")),
    )
    with op.batch_alter_table("portions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portions_assignment_id"), ["assignment_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_portions_review_id"), ["review_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_portions_submission_id"), ["submission_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("portions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portions_submission_id"))
        batch_op.drop_index(batch_op.f("ix_portions_review_id"))
        batch_op.drop_index(batch_op.f("ix_portions_assignment_id"))

    op.drop_table("portions")
    with op.batch_alter_table("urge_answers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_urge_answers_by_id"))

    op.drop_table("urge_answers")
    with op.batch_alter_table("suspensions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_suspensions_one_open",
            sqlite_where=sa.text("ended_on IS NULL"),
            postgresql_where=sa.text("ended_on IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_suspensions_assignment_id"))

    op.drop_table("suspensions")
    with op.batch_alter_table("staged_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staged_files_user_id"))
        batch_op.drop_index(batch_op.f("ix_staged_files_sign_off_id"))
        batch_op.drop_index(batch_op.f("ix_staged_files_sha256"))
        batch_op.drop_index(batch_op.f("ix_staged_files_at"))
        batch_op.drop_index(batch_op.f("ix_staged_files_assignment_id"))

    op.drop_table("staged_files")
    with op.batch_alter_table("settlements", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_settlements_by_id"))

    op.drop_table("settlements")
    with op.batch_alter_table("reviews", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reviews_submission_id"))
        batch_op.drop_index(batch_op.f("ix_reviews_by_id"))

    op.drop_table("reviews")
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reports_submission_id"))
        batch_op.drop_index(batch_op.f("ix_reports_due_on"))
        batch_op.drop_index(batch_op.f("ix_reports_assignment_id"))

    op.drop_table("reports")
    with op.batch_alter_table("reminder_messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reminder_messages_message_id"))

    op.drop_table("reminder_messages")
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_sha256"))
        batch_op.drop_index(batch_op.f("ix_evidence_cites_id"))

    op.drop_table("evidence")
    with op.batch_alter_table("due_revisions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_due_revisions_assignment_id"))

    op.drop_table("due_revisions")
    with op.batch_alter_table("amount_revisions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_amount_revisions_assignment_id"))

    op.drop_table("amount_revisions")
    with op.batch_alter_table("urges", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_urges_slip_id"))
        batch_op.drop_index(batch_op.f("ix_urges_by_id"))
        batch_op.drop_index(batch_op.f("ix_urges_assignment_id"))

    op.drop_table("urges")
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submissions_on"))
        batch_op.drop_index(batch_op.f("ix_submissions_by_id"))
        batch_op.drop_index(batch_op.f("ix_submissions_assignment_id"))

    op.drop_table("submissions")
    with op.batch_alter_table("sign_offs", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_sign_offs_one_open",
            sqlite_where=sa.text("outcome IS NULL"),
            postgresql_where=sa.text("outcome IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_sign_offs_by_id"))
        batch_op.drop_index(batch_op.f("ix_sign_offs_assignment_id"))

    op.drop_table("sign_offs")
    with op.batch_alter_table("requests", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_requests_one_open",
            sqlite_where=sa.text("outcome IS NULL"),
            postgresql_where=sa.text("outcome IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_requests_by_id"))
        batch_op.drop_index(batch_op.f("ix_requests_assignment_id"))

    op.drop_table("requests")
    with op.batch_alter_table("reminders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reminders_recipient_id"))
        batch_op.drop_index(batch_op.f("ix_reminders_assignment_id"))

    op.drop_table("reminders")
    with op.batch_alter_table("notes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notes_task_id"))
        batch_op.drop_index(batch_op.f("ix_notes_plan_id"))
        batch_op.drop_index(batch_op.f("ix_notes_indicator_id"))
        batch_op.drop_index(batch_op.f("ix_notes_assignment_id"))

    op.drop_table("notes")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_messages_state_next_try_at"))
        batch_op.drop_index(batch_op.f("ix_messages_robot_id"))
        batch_op.drop_index(batch_op.f("ix_messages_recipient_id_channel_on"))
        batch_op.drop_index(batch_op.f("ix_messages_recipient_id"))
        batch_op.drop_index(batch_op.f("ix_messages_forwards_id"))
        batch_op.drop_index(batch_op.f("ix_messages_assignment_id"))

    op.drop_table("messages")
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_journal_verb_on"))
        batch_op.drop_index(batch_op.f("ix_journal_on_at"))
        batch_op.drop_index(batch_op.f("ix_journal_assignment_id_on"))
        batch_op.drop_index(batch_op.f("ix_journal_actor_id"))

    op.drop_table("journal")
    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assignments_unit_id_state"))
        batch_op.drop_index(batch_op.f("ix_assignments_template_id"))
        batch_op.drop_index(batch_op.f("ix_assignments_task_id"))
        batch_op.drop_index(batch_op.f("ix_assignments_target_id"))
        batch_op.drop_index(batch_op.f("ix_assignments_state_due_on"))
        batch_op.drop_index(batch_op.f("ix_assignments_replaces_id"))
        batch_op.drop_index(batch_op.f("ix_assignments_parent_id"))
        batch_op.drop_index(batch_op.f("ix_assignments_issued_on"))
        batch_op.drop_index(batch_op.f("ix_assignments_group_id"))

    op.drop_table("assignments")
    op.drop_table("targets")
    op.drop_table("proof_items")
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tasks_lead_unit_id"))
        batch_op.drop_index(batch_op.f("ix_tasks_action_id"))

    op.drop_table("tasks")
    with op.batch_alter_table("user_roles", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_roles_role"))

    op.drop_table("user_roles")
    with op.batch_alter_table("slips", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_slips_unit_id"))
        batch_op.drop_index(batch_op.f("ix_slips_by_id"))

    op.drop_table("slips")
    with op.batch_alter_table("sent_forms", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sent_forms_user_id"))
        batch_op.drop_index(batch_op.f("ix_sent_forms_at"))

    op.drop_table("sent_forms")
    op.drop_table("rule_sets")
    op.drop_table("rollups")
    with op.batch_alter_table("login_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_sessions_user_id"))
        batch_op.drop_index(batch_op.f("ix_login_sessions_at"))

    op.drop_table("login_sessions")
    with op.batch_alter_table("indicators", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_indicators_owner_id"))

    op.drop_table("indicators")
    with op.batch_alter_table("feed_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feed_links_user_id"))

    op.drop_table("feed_links")
    with op.batch_alter_table("calendar_days", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calendar_days_day"))
        batch_op.drop_index(batch_op.f("ix_calendar_days_by_id"))

    op.drop_table("calendar_days")
    op.drop_table("actions")
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_users_unit_id"))
        batch_op.drop_index(batch_op.f("ix_users_deputy_id"))

    op.drop_table("users")
    with op.batch_alter_table("unit_group_members", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_group_members_unit_id"))

    op.drop_table("unit_group_members")
    with op.batch_alter_table("robots", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_robots_unit_id"))

    op.drop_table("robots")
    with op.batch_alter_table("plans", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plans_owner_id"))

    op.drop_table("plans")
    with op.batch_alter_table("units", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_units_superior_id"))

    op.drop_table("units")
    op.drop_table("unit_groups")
    op.drop_table("settings")
    op.drop_table("seed_records")
    with op.batch_alter_table("login_attempts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_attempts_username_at"))
        batch_op.drop_index(batch_op.f("ix_login_attempts_address_at"))

    op.drop_table("login_attempts")
    op.drop_table("leases")
    op.drop_table("heartbeats")
    with op.batch_alter_table("blobs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_blobs_refreshed_at"))

    op.drop_table("blobs")
