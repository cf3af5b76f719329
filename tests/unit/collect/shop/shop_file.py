"""A small shop in a SQLite file, row by row."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

SEOUL = ZoneInfo("Asia/Seoul")
UTC = ZoneInfo("UTC")

_SCHEMA = """
CREATE TABLE orders (
  order_id INTEGER PRIMARY KEY, marketplace TEXT, order_number TEXT, buyer_key TEXT, status TEXT,
  total_amount NUMERIC, refunded_amount NUMERIC DEFAULT 0, refunded_at {time}, paid_at {time}, ordered_at {time},
  is_deleted BOOLEAN DEFAULT 0);
CREATE TABLE products (
  product_id INTEGER PRIMARY KEY, sku TEXT, name TEXT, unit_cost NUMERIC, stock_quantity INTEGER,
  safety_stock INTEGER, is_active BOOLEAN DEFAULT 1, is_deleted BOOLEAN DEFAULT 0);
CREATE TABLE order_items (order_id INTEGER, product_id INTEGER, quantity INTEGER, PRIMARY KEY (order_id, product_id));
"""
INDEX = "CREATE INDEX orders_status ON orders (marketplace, status)"


def seoul(text: str) -> datetime:
    """A moment in Seoul, such as `2026-11-26 00:00:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL)


def ms(moment: datetime) -> int:
    """The same in UTC milliseconds."""
    return round(moment.timestamp() * 1000)


class Watch:
    """A clock that stands still until a test sets it."""

    def __init__(self, now: int) -> None:
        self._now = now
        self._mono = 0.0

    def now(self) -> int:
        return self._now

    def monotonic(self) -> float:
        return self._mono

    async def sleep_until(self, moment: float) -> None:
        raise AssertionError("a collector doesn't wait")

    def set(self, now: int) -> None:
        """Be at that moment (UTC ms)."""
        self._now = now

    def advance(self, seconds: float) -> None:
        """Go on."""
        self._now += round(seconds * 1000)
        self._mono += seconds


class ShopFile:
    """Orders and products in a file; times are written in UTC, as the plan of these tests says."""

    def __init__(self, path: Path, *, time: str = "TIMESTAMP", index: bool = True) -> None:
        self.path = path
        self._days = time == "DATE"
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA synchronous=OFF")
        self._connection.executescript(_SCHEMA.format(time=time))
        if index:
            self._connection.execute(INDEX)

    @property
    def url(self) -> str:
        """Its address."""
        return f"sqlite:///{self.path}"

    def order(self, paid: datetime | None, *, market: str = "naver", status: str = "PAYED", **more: Any) -> None:
        """Plant an order."""
        ordered = more.pop("ordered_at", paid or seoul("2026-11-20 10:00:00"))
        row = {
            "marketplace": market,
            "status": status,
            "total_amount": 10_000,
            "paid_at": self._written(paid),
            "ordered_at": self._written(ordered),
            **{name: self._written(value) if isinstance(value, datetime) else value for name, value in more.items()},
        }
        self._insert("orders", row)

    def product(self, **row: Any) -> None:
        """Plant a product."""
        self._insert("products", {"safety_stock": 5, "unit_cost": 1_000, "stock_quantity": 10, **row})

    def line(self, order_id: int, product_id: int, quantity: int) -> None:
        """Plant an order line."""
        self._insert("order_items", {"order_id": order_id, "product_id": product_id, "quantity": quantity})

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table."""
        cursor = self._connection.execute(f"SELECT * FROM {table}")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def run(self, statement: str) -> None:
        """Change something by hand."""
        self._connection.execute(statement)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _written(self, moment: datetime | None) -> str | None:
        if moment is None:
            return None
        if self._days:
            return moment.astimezone(SEOUL).date().isoformat()
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "seconds")

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
        self._connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))


def days(count: float) -> timedelta:
    """So many days."""
    return timedelta(days=count)
