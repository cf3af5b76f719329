"""A shop's figures by plain counts: SQL that reads every row and uses no index, against what a round says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, text

from bongsu.collect.shop.states import StateWords
from bongsu.model.shop import ShopView

_DAY = "(paid_at AT TIME ZONE 'Asia/Seoul')::date"
_SALES = f"""
SELECT marketplace, count(*), sum(total_amount), count(DISTINCT buyer_key), count(*) FILTER (WHERE status = 'CANCELED')
FROM orders WHERE NOT is_deleted AND {_DAY} = :day GROUP BY 1
"""
_REFUNDS = """
SELECT marketplace, sum(refunded_amount) FROM orders
WHERE NOT is_deleted AND (refunded_at AT TIME ZONE 'Asia/Seoul')::date = :day GROUP BY 1
"""
_HOURS = f"""
SELECT extract(hour FROM paid_at AT TIME ZONE 'Asia/Seoul')::int, count(*), sum(total_amount)
FROM orders WHERE NOT is_deleted AND {_DAY} = :day GROUP BY 1
"""
_STATES = f"""
SELECT marketplace, status, {_DAY} > :week, count(*) FROM orders
WHERE NOT is_deleted AND {_DAY} <= :day GROUP BY 1, 2, 3
"""
_STOCK = """
SELECT count(*), count(*) FILTER (WHERE stock_quantity > 0 AND stock_quantity <= safety_stock),
       count(*) FILTER (WHERE stock_quantity <= 0),
       sum(CASE WHEN stock_quantity > 0 THEN stock_quantity * unit_cost END)
FROM products WHERE is_active AND NOT is_deleted
"""


def differences(view: ShopView, owner: Engine, at: datetime, *, state_days: int = 7) -> list[str]:
    """What a view says otherwise than the counts of the day of `at` (in the shop's zone), a line each."""
    with owner.connect() as connection:
        connection.exec_driver_sql("SET enable_indexscan = off")
        connection.exec_driver_sql("SET enable_bitmapscan = off")
        connection.exec_driver_sql("SET enable_indexonlyscan = off")
        wanted = dict(_counted(connection, at, state_days))
    told = dict(_told(view))
    return [f"{what}: {told.get(what)} instead of {value}" for what, value in wanted.items() if told.get(what) != value]


def _counted(connection: Connection, at: datetime, state_days: int) -> Iterator[tuple[str, Any]]:
    day = at.date()
    refunds = {market: float(money) for market, money in connection.execute(text(_REFUNDS), {"day": day})}
    for market, orders, gross, customers, cancelled in connection.execute(text(_SALES), {"day": day}):
        net = float(gross) - refunds.get(market, 0.0)
        yield f"sales of {market}", (orders, float(gross), net, customers, cancelled)
    for name, back in (("today", 0), ("yesterday", 1), ("last_week", 7)):
        hours = [(0, 0.0)] * 24
        for hour, orders, gross in connection.execute(text(_HOURS), {"day": day - timedelta(days=back)}):
            hours[hour] = (orders, float(gross))
        yield f"hours of {name}", hours
    words, states = StateWords(), Counter[tuple[str, str]]()
    week = day - timedelta(days=state_days)
    for market, word, recent, count in connection.execute(text(_STATES), {"day": day, "week": week}):
        state = words.state_of(word)
        if recent or state in ("pending", "processing", "unknown"):
            states[market, state] += count
    for (market, state), count in states.items():
        yield f"{state} at {market}", count
    products, low, sold_out, value = connection.execute(text(_STOCK)).one()
    yield "stock", (products, low, sold_out, float(value))


def _told(view: ShopView) -> Iterator[tuple[str, Any]]:
    for market, sales in view.marketplaces.items():
        yield f"sales of {market}", (sales.orders, sales.gross, sales.net, sales.customers, sales.cancelled)
    for name, hours in view.hours.items():
        yield f"hours of {name}", [(hour.orders, hour.gross) for hour in hours]
    for market, states in view.states.items():
        for state, count in states.items():
            yield f"{state} at {market}", count
    if view.stock is not None:
        yield "stock", (view.stock.products, view.stock.low, view.stock.sold_out, view.stock.value)
