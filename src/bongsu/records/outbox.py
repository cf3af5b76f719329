"""Notices on their way out, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import BigInteger, ColumnElement, Connection, Integer, bindparam, case, delete, func, select, update

from bongsu.model.alert import Delivery, Notice
from bongsu.records.rows import NOTICE, STANDING, delivery_of, readable, row_of_notice, standing_of
from bongsu.records.schema import ALERTS, DELIVERIES
from bongsu.records.upsert import insert_into

_AT_ONCE = 500
"""Ids in one question: SQLite and PostgreSQL bound the parameters of a statement."""


def put(connection: Connection, notices: Sequence[Notice]) -> None:
    """Add those whose id isn't known, and note which alerts have now been told as open, or as over."""
    fresh = {notice.id: notice for notice in reversed(notices)}
    for known in _known(connection, list(fresh)):
        del fresh[known]
    news = [notice for notice in notices if fresh.pop(notice.id, None) is not None]
    if not news:
        return
    connection.execute(
        insert_into(connection, DELIVERIES).on_conflict_do_nothing(), [row_of_notice(notice) for notice in news]
    )
    heard = {alert.id: int(alert.phase != "resolved") for notice in news for alert in notice.alerts}
    if heard:
        connection.execute(
            update(ALERTS).where(ALERTS.c.id == bindparam("one")).values(heard=bindparam("known")),
            [{"one": one, "known": known} for one, known in heard.items()],
        )


def due(connection: Connection, now: int, limit: int, channel: str | None) -> list[Delivery]:
    """Waiting ones whose time has come, worst first, then oldest."""
    rows = DELIVERIES.c
    which = (rows.state == "waiting") & (rows.next_at <= now)
    if channel is not None:
        which &= rows.channel == channel
    return _deliveries(connection, which, (rows.rank.desc(), rows.at, rows.seq), limit)


def waiting(connection: Connection, channel: str | None, skip: int, limit: int | None) -> list[Delivery]:
    """What is undelivered, oldest first."""
    rows = DELIVERIES.c
    which = rows.state == "waiting"
    if channel is not None:
        which &= rows.channel == channel
    return _deliveries(connection, which, (rows.at, rows.seq), limit, skip)


def of_alert(connection: Connection, alert_id: str, limit: int) -> list[Delivery]:
    """Those whose notices carry an alert, newest first. Looks through all notices: asked for by people alone."""
    rows = DELIVERIES.c
    carries = rows.notice.contains(f'"id":"{alert_id}"', autoescape=True)
    found = _deliveries(connection, carries, (rows.seq.desc(),), limit)
    return [delivery for delivery in found if any(alert.id == alert_id for alert in delivery.notice.alerts)]


def done(connection: Connection, start: int, limit: int, state: str | None) -> list[Delivery]:
    """Those that came to an end, newest first."""
    rows = DELIVERIES.c
    which = rows.ended >= start
    if state is not None:
        which &= rows.state == state
    return _deliveries(connection, which, (rows.ended.desc(), rows.seq.desc()), limit)


def one(connection: Connection, notice_id: str) -> Delivery | None:
    """The delivery of one notice."""
    return next(iter(_deliveries(connection, DELIVERIES.c.id == notice_id, (), 1)), None)


def counts(connection: Connection) -> dict[str, tuple[int, int]]:
    """How many wait and how many are dead, by channel."""
    rows = DELIVERIES.c
    query = select(rows.channel, rows.state, func.count()).where(rows.state.in_(("waiting", "dead")))
    found: dict[str, tuple[int, int]] = {}
    for channel, state, count in connection.execute(query.group_by(rows.channel, rows.state)):
        waits, dead = found.get(channel, (0, 0))
        found[channel] = (count, dead) if state == "waiting" else (waits, count)
    return found


def mark(connection: Connection, deliveries: Sequence[Delivery]) -> None:
    """Write how they stand now; the notice stays as it was put."""
    if not deliveries:
        return
    columns: dict[str, ColumnElement[object]] = {name: bindparam(name) for name in ("state", "next_at", "standing")}
    done_at = bindparam("done_at", type_=BigInteger)
    ended = case((bindparam("over", type_=Integer) == 1, func.coalesce(done_at, DELIVERIES.c.at)), else_=None)
    connection.execute(
        update(DELIVERIES).where(DELIVERIES.c.id == bindparam("one")).values(ended=ended, **columns),
        [
            {
                "one": delivery.notice.id,
                "over": int(delivery.state != "waiting"),
                "done_at": delivery.done_at,
                **standing_of(delivery),
            }
            for delivery in deliveries
        ],
    )


def forget(connection: Connection, before: int, limit: int) -> int:
    """Remove deliveries that ended before that moment; how many they were."""
    old = select(DELIVERIES.c.seq).where(DELIVERIES.c.ended < before).limit(limit)
    return connection.execute(delete(DELIVERIES).where(DELIVERIES.c.seq.in_(old))).rowcount


def _known(connection: Connection, ids: Sequence[str]) -> Iterable[str]:
    for first in range(0, len(ids), _AT_ONCE):
        yield from connection.scalars(
            select(DELIVERIES.c.id).where(DELIVERIES.c.id.in_(ids[first : first + _AT_ONCE]))
        ).all()


def _deliveries(
    connection: Connection,
    which: ColumnElement[bool],
    order: Sequence[ColumnElement[object]],
    limit: int | None,
    skip: int = 0,
) -> list[Delivery]:
    rows = DELIVERIES.c
    query = select(rows.notice, rows.standing, rows.state, rows.next_at).where(which).order_by(*order)
    query = query.limit(limit).offset(skip or None)
    found = []
    for notice, standing, state, next_at in connection.execute(query):
        one, stands = readable(NOTICE, [notice]), readable(STANDING, [standing])
        if one and stands:
            found.append(delivery_of(Delivery(notice=one[0], state=state, next_at=next_at), stands[0]))
    return found
