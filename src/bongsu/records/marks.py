"""Marks on the timeline, as rows."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, delete, func, select

from bongsu.model.mark import Mark
from bongsu.records.rows import readable, text_of
from bongsu.records.schema import MARKS
from bongsu.records.upsert import insert_into

MOST = 10_000
"""Marks kept; beyond it the oldest go."""
_DECODER = msgspec.json.Decoder(Mark)


def save_mark(connection: Connection, mark: Mark) -> None:
    """Add or replace a mark, and let go of the oldest beyond the bound."""
    row = {"at": mark.at, "kind": mark.kind, "body": text_of(mark)}
    connection.execute(
        insert_into(connection, MARKS).values(id=mark.id, **row).on_conflict_do_update(index_elements=["id"], set_=row)
    )
    rows = MARKS.c
    if (connection.scalar(select(func.count()).select_from(MARKS)) or 0) > MOST:
        oldest = select(rows.id).order_by(rows.at.desc(), rows.id.desc()).offset(MOST)
        connection.execute(delete(MARKS).where(rows.id.in_(list(connection.scalars(oldest)))))


def remove_mark(connection: Connection, mark_id: str) -> bool:
    """Whether there was one to remove."""
    return bool(connection.execute(delete(MARKS).where(MARKS.c.id == mark_id)).rowcount)


def marks(connection: Connection, start: int, end: int, limit: int) -> list[Mark]:
    """Those with start ≤ at < end, the newest `limit` of them, oldest first."""
    rows = MARKS.c
    query = (
        select(rows.body).where(rows.at >= start, rows.at < end).order_by(rows.at.desc(), rows.id.desc()).limit(limit)
    )
    return readable(_DECODER, connection.scalars(query))[::-1]
