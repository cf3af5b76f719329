"""Silences, versions of rules and the audit, as rows."""

from __future__ import annotations

from sqlalchemy import Connection, func, literal, select

from bongsu.model.alert import AuditEntry, Silence
from bongsu.records.rows import AUDIT_ENTRY, SILENCE, last_of, readable, text_of
from bongsu.records.schema import AUDIT, RULE_VERSIONS, SILENCES
from bongsu.records.upsert import insert_into


def save(connection: Connection, silence: Silence) -> None:
    """Add or replace a silence."""
    row = {"created_at": silence.created_at, "last": last_of(silence), "body": text_of(silence)}
    connection.execute(
        insert_into(connection, SILENCES)
        .values(id=silence.id, **row)
        .on_conflict_do_update(index_elements=["id"], set_=row)
    )


def silences(connection: Connection, after: int | None) -> list[Silence]:
    """Those that are not over for good at `after` (None: all), in the order in which they were made."""
    rows = SILENCES.c
    query = select(rows.body).order_by(rows.created_at, rows.id)
    if after is not None:
        query = query.where(rows.last.is_(None) | (rows.last > after))
    return readable(SILENCE, connection.scalars(query))


def save_rule(connection: Connection, rule_id: str, body: str | None, at: int, by: str) -> int:
    """Keep a new version; its number."""
    rows = RULE_VERSIONS.c
    number = select(
        literal(rule_id), func.coalesce(func.max(rows.number), 0) + 1, literal(at), literal(by), literal(body)
    ).where(rows.rule_id == rule_id)
    kept: int = connection.execute(
        RULE_VERSIONS.insert().from_select(["rule_id", "number", "at", "author", "body"], number).returning(rows.number)
    ).scalar_one()
    return kept


def rules(connection: Connection) -> dict[str, str]:
    """The newest body of each rule that isn't removed."""
    rows = RULE_VERSIONS.c
    newest = select(rows.rule_id, func.max(rows.number).label("number")).group_by(rows.rule_id).subquery()
    query = (
        select(rows.rule_id, rows.body)
        .join(newest, (rows.rule_id == newest.c.rule_id) & (rows.number == newest.c.number))
        .where(rows.body.is_not(None))
        .order_by(rows.rule_id)
    )
    return {row.rule_id: row.body for row in connection.execute(query)}


def versions(connection: Connection, rule_id: str) -> list[tuple[int, int, str, str | None]]:
    """Every version of one rule, oldest first."""
    rows = RULE_VERSIONS.c
    query = select(rows.number, rows.at, rows.author, rows.body).where(rows.rule_id == rule_id).order_by(rows.number)
    return [(number, at, author, body) for number, at, author, body in connection.execute(query)]


def note(connection: Connection, entry: AuditEntry) -> None:
    """Append to the audit."""
    connection.execute(AUDIT.insert().values(at=entry.at, body=text_of(entry)))


def audit(connection: Connection, start: int, limit: int) -> list[AuditEntry]:
    """Entries from `start` on, newest first."""
    rows = AUDIT.c
    query = select(rows.body).where(rows.at >= start).order_by(rows.at.desc(), rows.seq.desc()).limit(limit)
    return readable(AUDIT_ENTRY, connection.scalars(query))
