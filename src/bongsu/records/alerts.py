"""Alerts and the steps of their lives, as rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, func, select

from bongsu.model.alert import Alert, Transition
from bongsu.records.rows import ALERT, TRANSITION, gist_of, readable, row_of_alert, searchable, text_of
from bongsu.records.schema import ALERTS, STEPS
from bongsu.records.upsert import insert_into

_LONGEST_TEXT = 500
"""Characters of a search that are looked for."""


def keep(connection: Connection, transitions: Sequence[Transition]) -> None:
    """Write each alert as it stands after its last step, and the steps.

    Of a run of updates that tell nothing but newer values the last is kept: an alert that stands for a month would
    else leave a hundred thousand of them.
    """
    if not transitions:
        return
    new = insert_into(connection, ALERTS).values(heard=0)
    connection.execute(
        new.on_conflict_do_update(
            index_elements=["id"],
            set_={
                name: new.excluded[name] for name in ("phase", "pending_at", "fired_at", "resolved_at", "words", "body")
            },
        ),
        [row_of_alert(alert) for alert in {step.alert.id: step.alert for step in transitions}.values()],
    )
    steps = _without_runs(transitions)
    begun = [{"one": step.alert.id, "same": gist_of(step)} for step in _first(steps) if step.change == "updated"]
    if begun:
        newest = select(func.max(STEPS.c.seq)).where(STEPS.c.alert_id == bindparam("one")).scalar_subquery()
        connection.execute(delete(STEPS).where(STEPS.c.seq == newest, STEPS.c.gist == bindparam("same")), begun)
    connection.execute(
        STEPS.insert(),
        [{"alert_id": step.alert.id, "at": step.at, "gist": gist_of(step), "body": text_of(step)} for step in steps],
    )


def living(connection: Connection) -> list[Alert]:
    """Those that are not over, and those of which the newest notice still says so; oldest first."""
    rows = ALERTS.c
    query = (
        select(rows.body)
        .where(rows.phase.in_(("pending", "firing", "acknowledged")) | (rows.heard == 1))
        .order_by(rows.pending_at, rows.id)
    )
    return readable(ALERT, connection.scalars(query))


def one(connection: Connection, alert_id: str) -> Alert | None:
    """One alert as it stands."""
    found = readable(ALERT, connection.scalars(select(ALERTS.c.body).where(ALERTS.c.id == alert_id)))
    return found[0] if found else None


def past(connection: Connection, start: int, end: int, text: str, limit: int) -> list[Alert]:
    """Those that fired in the range, newest first; `text` is looked for as it is, capital or not."""
    rows = ALERTS.c
    query = select(rows.body).where(rows.fired_at >= start, rows.fired_at < end)
    if text:
        query = query.where(rows.words.contains(searchable(text[:_LONGEST_TEXT]), autoescape=True))
    return readable(ALERT, connection.scalars(query.order_by(rows.fired_at.desc(), rows.id.desc()).limit(limit)))


def transitions(connection: Connection, alert_id: str | None, start: int, limit: int) -> list[Transition]:
    """Steps from `start` on, oldest first."""
    rows = STEPS.c
    query = select(rows.body).where(rows.at >= start).order_by(rows.at, rows.seq).limit(limit)
    if alert_id is not None:
        query = query.where(rows.alert_id == alert_id)
    return readable(TRANSITION, connection.scalars(query))


def forget(connection: Connection, before: int, limit: int) -> int:
    """Remove alerts that were over before that moment, with their steps; how many they were."""
    old = connection.scalars(
        select(ALERTS.c.id).where(ALERTS.c.phase == "resolved", ALERTS.c.resolved_at < before).limit(limit)
    ).all()
    if old:
        connection.execute(delete(STEPS).where(STEPS.c.alert_id.in_(old)))
        connection.execute(delete(ALERTS).where(ALERTS.c.id.in_(old)))
    return len(old)


def _first(steps: Sequence[Transition]) -> list[Transition]:
    """The first step of each alert."""
    return list({step.alert.id: step for step in reversed(steps)}.values())


def _without_runs(transitions: Sequence[Transition]) -> list[Transition]:
    """Of each run of equal updates of an alert the last one, in place of the others."""
    kept: list[Transition] = []
    follows: dict[str, str | None] = {}
    for step in reversed(transitions):
        gist = gist_of(step)
        if gist is None or follows.get(step.alert.id) != gist:
            kept.append(step)
        follows[step.alert.id] = gist
    return kept[::-1]
