"""Versions of what screens set, as rows."""

from __future__ import annotations

from sqlalchemy import Connection, Row, Select, func, literal, select

from bongsu.model.setting import KeptSettings
from bongsu.records.schema import SETTINGS_VERSIONS
from bongsu.records.upsert import insert_into

_ROWS = SETTINGS_VERSIONS.c


def save_settings(
    connection: Connection, layer: str, changes: str, after: int, at: int, by: str, note: str
) -> KeptSettings | None:
    """Keep the successor of version `after`; None where that isn't the newest."""
    number = after + 1
    newest = select(func.coalesce(func.max(_ROWS.number), 0)).scalar_subquery()
    values = select(literal(number), literal(at), literal(by), literal(note), literal(layer), literal(changes))
    kept = connection.execute(
        insert_into(connection, SETTINGS_VERSIONS)
        .from_select(["number", "at", "author", "note", "layer", "changes"], values.where(newest == after))
        .on_conflict_do_nothing()
        .returning(_ROWS.number)
    ).scalar_one_or_none()
    if kept is None:
        return None
    return KeptSettings(number=number, at=at, by=by, note=note, layer=layer, changes=changes)


def settings_versions(connection: Connection, limit: int) -> list[KeptSettings]:
    """The newest, newest first."""
    return [_kept(row) for row in connection.execute(_all().order_by(_ROWS.number.desc()).limit(limit))]


def settings_version(connection: Connection, number: int) -> KeptSettings | None:
    """One of them."""
    row = connection.execute(_all().where(_ROWS.number == number)).one_or_none()
    return None if row is None else _kept(row)


def _all() -> Select[int, int, str, str, str, str]:
    return select(_ROWS.number, _ROWS.at, _ROWS.author, _ROWS.note, _ROWS.layer, _ROWS.changes)


def _kept(row: Row[int, int, str, str, str, str]) -> KeptSettings:
    return KeptSettings(number=row[0], at=row[1], by=row[2], note=row[3], layer=row[4], changes=row[5])
