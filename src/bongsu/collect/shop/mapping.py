"""What a shop's tables and columns are called: as told in the settings, else found by their usual names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, Inspector, MetaData, Table
from sqlalchemy.types import TypeEngine

from bongsu.collect.shop.times import TimeKind

_TABLES: Mapping[str, tuple[str, ...]] = {
    "orders": ("orders", "order", "shop_orders", "marketplace_orders", "market_orders", "sales_orders"),
    "products": ("products", "product", "shop_products", "inventory", "items"),
    "lines": ("order_items", "order_lines", "order_products", "order_details"),
}
_COLUMNS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "orders": {
        "marketplace": ("marketplace", "market_name", "marketplace_code", "market", "channel", "mall", "platform"),
        "number": ("order_number", "marketplace_order_id", "market_order_id", "order_no"),
        "buyer": ("buyer_key", "customer_id", "buyer_id", "member_id", "user_id", "customer_key"),
        "status": ("status", "order_status", "state", "order_state"),
        "confirmed": ("place_order_status", "placeorderstatus"),
        "total": ("total_amount", "total_price", "order_amount", "payment_amount", "amount", "total"),
        "refunded": ("refunded_amount", "refund_amount"),
        "refunded_at": ("refunded_at", "refund_date", "refund_at"),
        "paid_at": ("paid_at", "payment_date", "paid_date", "payed_at", "payment_at"),
        "ordered_at": ("ordered_at", "order_date", "order_at", "created_at"),
        "deleted": ("is_deleted", "deleted", "deleted_at"),
        "id": ("order_id", "id"),
    },
    "products": {
        "id": ("product_id", "id"),
        "sku": ("sku", "product_code", "code", "seller_product_code"),
        "name": ("name", "product_name", "title"),
        "cost": ("unit_cost", "cost_price", "cost", "purchase_price", "supply_price"),
        "stock": ("stock_quantity", "stock", "quantity", "inventory", "stock_count"),
        "safety": ("safety_stock", "min_stock", "minimum_stock", "reorder_point"),
        "active": ("is_active", "active", "on_sale"),
        "deleted": ("is_deleted", "deleted", "deleted_at"),
    },
    "lines": {
        "order": ("order_id",),
        "product": ("product_id",),
        "quantity": ("quantity", "qty", "count"),
    },
}
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "orders": ("total",),
    "products": ("stock",),
    "lines": ("order", "product", "quantity"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One table with the columns that are there, by what they mean."""

    table: Table
    columns: Mapping[str, Column[Any]]
    indexes: Sequence[Sequence[str]] = ()
    """The columns of each index, in its order."""

    def __getitem__(self, meaning: str) -> Column[Any]:
        return self.columns[meaning]

    def get(self, meaning: str) -> Column[Any] | None:
        """The column of that meaning; None where there is none."""
        return self.columns.get(meaning)

    def indexed(self, *meanings: str) -> bool:
        """Whether an index begins with these columns."""
        wanted = [self.columns[one].name for one in meanings if one in self.columns]
        return len(wanted) == len(meanings) and any(list(one[: len(wanted)]) == wanted for one in self.indexes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopTables:
    """What of a shop was found. `missing` says in `table.column` what isn't there, or isn't needed to be."""

    orders: Found
    products: Found | None
    lines: Found | None
    missing: tuple[str, ...] = field(default=())

    @property
    def moment(self) -> Column[Any]:
        """The column that says when an order counts: when it was paid, else when it was ordered."""
        paid = self.orders.get("paid_at")
        return self.orders["ordered_at"] if paid is None else paid

    @property
    def days_only(self) -> bool:
        """Whether payments have no time of day: then there is no trend by hour."""
        return time_kind(self.moment) == "date"


class MappingError(Exception):
    """The shop's tables can't be used; the text says what is missing and which setting names it."""


def find(inspector: Inspector, wanted: Mapping[str, tuple[str | None, Mapping[str, str]]]) -> ShopTables:
    """Look up the tables. `wanted` gives for `orders`, `products`, `lines` the table and columns that settings name.

    Raises:
        MappingError: there is no table of orders with an amount and a time, or a named table or column isn't there.
    """
    metadata = MetaData()
    missing: list[str] = []
    found = {what: _table(inspector, metadata, what, *wanted.get(what, (None, {})), missing) for what in _TABLES}
    orders = found["orders"]
    if orders is None:
        known = ", ".join(sorted(inspector.get_table_names())[:12]) or "none"
        raise MappingError(f"no table of orders; name it in shop.orders.table (tables there: {known})")
    if "paid_at" not in orders.columns and "ordered_at" not in orders.columns:
        raise MappingError(
            f"{orders.table.name} has no column that says when an order was paid; name it in "
            "shop.orders.columns.paid_at"
        )
    return ShopTables(orders=orders, products=found["products"], lines=found["lines"], missing=tuple(missing))


def time_kind(column: Column[Any]) -> TimeKind:
    """How the column stores a moment."""
    kind = column.type
    if isinstance(kind, DateTime):
        if column.table.info.get("dialect") == "sqlite":
            return "text"
        return "instant" if kind.timezone else "local"
    return "date" if isinstance(kind, Date) else "text"


def is_flag(column: Column[Any]) -> bool:
    """Whether a column of deletion is yes or no; else it is a moment that is empty while the row lives."""
    return isinstance(column.type, Boolean) or not isinstance(column.type, (DateTime, Date))


def _table(
    inspector: Inspector,
    metadata: MetaData,
    what: str,
    name: str | None,
    named: Mapping[str, str],
    missing: list[str],
) -> Found | None:
    path = _locate(inspector, what, name)
    if path is None:
        missing.append(what)
        return None
    schema, table_name = path
    types: dict[str, TypeEngine[Any]] = {
        one["name"]: one["type"] for one in inspector.get_columns(table_name, schema=schema)
    }
    chosen: dict[str, str] = {}
    for meaning, usual in _COLUMNS[what].items():
        given = named.get(meaning)
        if given is not None and given not in types:
            raise MappingError(f"{table_name} has no column {given!r} (shop.{what}.columns.{meaning})")
        column = given or next((one for one in usual if one in types), None)
        if column is not None:
            chosen[meaning] = column
        else:
            missing.append(f"{what}.{meaning}")
    lacking = [meaning for meaning in _NEEDED[what] if meaning not in chosen]
    if lacking and what == "orders":
        raise MappingError(
            f"{table_name} has no column for its {lacking[0]}; name it in shop.orders.columns.{lacking[0]}"
        )
    if lacking:
        return None
    table = Table(
        table_name,
        metadata,
        *(Column(column, types[column]) for column in dict.fromkeys(chosen.values())),
        schema=schema,
        info={"dialect": inspector.dialect.name},
    )
    indexes = [
        [str(column) for column in one["column_names"]] for one in inspector.get_indexes(table_name, schema=schema)
    ]
    return Found(table=table, columns={m: table.c[c] for m, c in chosen.items()}, indexes=indexes)


def _locate(inspector: Inspector, what: str, name: str | None) -> tuple[str | None, str] | None:
    if name is not None:
        schema, _, table = name.rpartition(".")
        if not inspector.has_table(table, schema=schema or None):
            raise MappingError(f"there is no table {name!r} (shop.{what}.table)")
        return schema or None, table
    known = {*inspector.get_table_names(), *inspector.get_view_names()}
    return next(((None, one) for one in _TABLES[what] if one in known), None)
