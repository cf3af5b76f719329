"""The first schema: alerts, their steps, the outbox, silences, versions of rules, the audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _alerts()
    _outbox()
    op.create_table(
        "silences",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger),
        sa.Column("body", sa.Text, nullable=False),
        sa.Index("silences_last", "last"),
    )
    op.create_table(
        "rule_versions",
        sa.Column("rule_id", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("body", sa.Text),
        sa.UniqueConstraint("rule_id", "number", name="rule_versions_number"),
    )
    op.create_table(
        "audit",
        sa.Column("seq", _count(), primary_key=True, autoincrement=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Index("audit_at", "at", "seq"),
        sqlite_autoincrement=True,
    )


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("phase", sa.Text, nullable=False),
        sa.Column("pending_at", sa.BigInteger, nullable=False),
        sa.Column("fired_at", sa.BigInteger),
        sa.Column("resolved_at", sa.BigInteger),
        sa.Column("heard", sa.Integer, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Index("alerts_phase", "phase"),
        sa.Index("alerts_heard", "heard"),
        sa.Index("alerts_fired", "fired_at"),
        sa.Index("alerts_resolved", "resolved_at"),
    )
    op.create_table(
        "steps",
        sa.Column("seq", _count(), primary_key=True, autoincrement=True),
        sa.Column("alert_id", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("gist", sa.Text),
        sa.Column("body", sa.Text, nullable=False),
        sa.Index("steps_alert", "alert_id", "seq"),
        sa.Index("steps_at", "at", "seq"),
        sqlite_autoincrement=True,
    )


def _outbox() -> None:
    op.create_table(
        "deliveries",
        sa.Column("seq", _count(), primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.BigInteger),
        sa.Column("notice", sa.Text, nullable=False),
        sa.Column("standing", sa.Text, nullable=False),
        sa.Index("deliveries_due", "state", "channel", "next_at"),
        sa.Index("deliveries_ended", "ended"),
        sqlite_autoincrement=True,
    )


def _count() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer, "sqlite")
