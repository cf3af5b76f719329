"""`bongsu shop check`: what is found in the shop's database, what is missing, and what would make it faster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bongsu.clock import SystemClock
from bongsu.collect.shop.collector import ShopCollector
from bongsu.collect.shop.database import ShopDatabase, ShopError
from bongsu.collect.shop.mapping import Found, ShopTables, find
from bongsu.collect.shop.plan import ShopPlan, plan_of
from bongsu.commands import config as settings
from bongsu.commands.words import Words


def check(words: Words, config: Path | None) -> int:
    """Print what is there; 1 where the shop can't be read."""
    loaded = settings.read(words, config)
    if loaded is None:
        return 1
    plan = plan_of(loaded.settings)
    if plan is None:
        print(words("shop_off"))
        return 1
    try:
        for line in _lines(plan, words):
            print(line)
    except ShopError as error:
        print(words("shop_failed", reason=str(error)))
        return 1
    return 0


def _lines(plan: ShopPlan, words: Words) -> Iterator[str]:
    database = ShopDatabase(plan.url, timeout_seconds=plan.timeout_seconds)
    try:
        yield words("shop_reading", name=database.name)
        with database.reading() as connection:
            tables = find(database.inspector(connection), plan.tables)
    finally:
        database.close()
    for what, found in (("orders", tables.orders), ("products", tables.products), ("lines", tables.lines)):
        yield words("shop_table", what=what, table=words("shop_absent") if found is None else found.table.fullname)
        yield from _columns(what, found, tables, words)
    yield from _advice(plan, tables, words)
    yield from _figures(plan, words)


def _columns(what: str, found: Found | None, tables: ShopTables, words: Words) -> Iterator[str]:
    if found is None:
        return
    for meaning, column in found.columns.items():
        yield f"  ✓ {meaning:<12} {column.name}"
    for missing in tables.missing:
        table, _, meaning = missing.partition(".")
        if table == what and meaning:
            yield f"  – {meaning:<12} {words('shop_absent')}"


def _advice(plan: ShopPlan, tables: ShopTables, words: Words) -> Iterator[str]:
    orders = tables.orders
    if tables.days_only:
        yield words("shop_no_hours")
    if {"marketplace", "status"} <= set(orders.columns) and not orders.indexed("marketplace", "status"):
        columns = f"{orders['marketplace'].name}, {orders['status'].name}"
        yield words("shop_no_index", days=plan.state_days, table=orders.table.fullname, columns=columns)
    moment = tables.moment.name
    if not any(columns and columns[0] == moment for columns in orders.indexes):
        yield words("shop_no_time_index", column=moment)


def _figures(plan: ShopPlan, words: Words) -> Iterator[str]:
    collector = ShopCollector(plan, clock=SystemClock())
    try:
        collector.collect()
        view = collector.view()
    finally:
        collector.close()
    if view.health == "failing":
        raise ShopError(view.reason)
    products = view.stock.products if view.stock else 0
    yield words("shop_round", took=f"{view.round_ms:.0f}", orders=view.sales.orders, products=products)
    if view.unknown:
        named = ", ".join(list(view.unknown)[:10])
        yield words("shop_unknown", count=sum(view.unknown.values()), words=named)
