"""The tables of the records, for SQLite and PostgreSQL alike.

What is asked for stands in columns; the rest of each thing is its JSON text, so that a new field needs no migration.
All times are UTC milliseconds. A change here needs a revision in `versions/` and its name at the end of `REVISIONS`.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

REVISIONS: tuple[str, ...] = ("0001", "0002", "0003", "0004")
"""Every revision, oldest first; the last is what this code reads and writes."""

METADATA = MetaData()

_Count = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up only what it calls INTEGER."""

VERSION = Table("alembic_version", METADATA, Column("version_num", String(32), primary_key=True))
"""Alembic's own table: which revision the file has."""

ALERTS = Table(
    "alerts",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("phase", Text, nullable=False),
    Column("pending_at", BigInteger, nullable=False),
    Column("fired_at", BigInteger),
    Column("resolved_at", BigInteger),
    Column("heard", Integer, nullable=False),
    Column("words", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("alerts_phase", "phase"),
    Index("alerts_heard", "heard"),
    Index("alerts_fired", "fired_at"),
    Index("alerts_resolved", "resolved_at"),
)
"""`heard`: 1 where the newest notice said that it is open; `words`: what a search looks through, in small letters."""

STEPS = Table(
    "steps",
    METADATA,
    Column("seq", _Count, primary_key=True, autoincrement=True),
    Column("alert_id", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("gist", Text),
    Column("body", Text, nullable=False),
    Index("steps_alert", "alert_id", "seq"),
    Index("steps_at", "at", "seq"),
    sqlite_autoincrement=True,
)
"""`gist`: of an update that only tells a newer value; a run of equal ones is kept as its last."""

DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("seq", _Count, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("ended", BigInteger),
    Column("notice", Text, nullable=False),
    Column("standing", Text, nullable=False),
    Index("deliveries_due", "state", "channel", "next_at"),
    Index("deliveries_ended", "ended"),
    sqlite_autoincrement=True,
)
"""The outbox. `rank` is the severity's place among SEVERITIES; `ended` is empty while it waits."""

SILENCES = Table(
    "silences",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("last", BigInteger),
    Column("body", Text, nullable=False),
    Index("silences_last", "last"),
)
"""`last`: the moment from which it is over for good; empty where there is none."""

RULE_VERSIONS = Table(
    "rule_versions",
    METADATA,
    Column("rule_id", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("body", Text),
    UniqueConstraint("rule_id", "number", name="rule_versions_number"),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("seq", _Count, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Index("audit_at", "at", "seq"),
    sqlite_autoincrement=True,
)

MARKS = Table(
    "marks",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("marks_at", "at"),
)

SETTINGS_VERSIONS = Table(
    "settings_versions",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("layer", Text, nullable=False),
    Column("changes", Text, nullable=False),
)
"""What screens set: `layer` holds all values by path (secrets `enc:…`), `changes` what differs from before."""

USERS = Table(
    "users",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("password", Text, nullable=False),
    Column("body", Text, nullable=False),
)
"""`password`: its argon2id hash, kept apart from what is read to be shown."""

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("user_name", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Index("sessions_user", "user_name"),
)
"""`seen_at` counts, not the body's: it is written often."""

TOKENS = Table(
    "tokens",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Column("body", Text, nullable=False),
)

ACCESS = Table(
    "access",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("version", BigInteger, nullable=False),
)
"""One row: how often users, sessions or tokens have changed, by whichever process."""
