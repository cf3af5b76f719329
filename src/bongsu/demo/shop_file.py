"""The simulated shop's database: a real SQLite file that orders come into, and that Bongsu reads like anybody's."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bongsu.demo.shop import SEOUL, SHARES, orders_per_second

DAYS = 35
"""Days of past orders that a new shop begins with: the baseline looks back on thirty."""
_MINUTE = 60_000
_HOUR = 60 * _MINUTE
_PRODUCTS = 240
_WORDS = {
    "own": ("PAID", "SHIPPED", "COMPLETED", "CANCELLED", "REFUNDED"),
    "coupang": ("ACCEPT", "DELIVERING", "FINAL_DELIVERY", "CANCEL", "RETURNED"),
    "naver": ("PAYED", "DELIVERING", "PURCHASE_DECIDED", "CANCELED", "RETURNED"),
    "11st": ("결제완료", "배송중", "구매확정", "취소완료", "반품완료"),
}
"""Each marketplace's words for new, sent, received, cancelled and sent back."""
_THINGS = (
    "머그컵",
    "텀블러",
    "에코백",
    "무선 충전기",
    "블루투스 이어폰",
    "요가 매트",
    "캔들",
    "노트",
    "방석",
    "후드 집업",
)
_COLOURS = ("아이보리", "블랙", "네이비", "그린", "브라운", "핑크")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS products (
  product_id INTEGER PRIMARY KEY, sku TEXT NOT NULL UNIQUE, name TEXT NOT NULL, unit_cost NUMERIC NOT NULL,
  stock_quantity INTEGER NOT NULL, safety_stock INTEGER NOT NULL, is_active BOOLEAN NOT NULL DEFAULT 1,
  is_deleted BOOLEAN NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS orders (
  order_id INTEGER PRIMARY KEY, marketplace TEXT NOT NULL, order_number TEXT NOT NULL, buyer_key TEXT,
  status TEXT NOT NULL, total_amount NUMERIC NOT NULL, refunded_amount NUMERIC NOT NULL DEFAULT 0,
  refunded_at TIMESTAMP, paid_at TIMESTAMP, ordered_at TIMESTAMP NOT NULL, is_deleted BOOLEAN NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS order_items (
  order_id INTEGER NOT NULL, product_id INTEGER NOT NULL, quantity INTEGER NOT NULL,
  PRIMARY KEY (order_id, product_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS orders_paid_at ON orders (paid_at);
CREATE INDEX IF NOT EXISTS orders_status ON orders (marketplace, status);
CREATE INDEX IF NOT EXISTS orders_refunded_at ON orders (refunded_at);
"""
_ADVANCE = """
UPDATE orders SET
  status = CASE
    WHEN luck < 30 AND age > 0.4 THEN :cancelled
    WHEN luck BETWEEN 30 AND 69 AND age > 80 THEN :returned
    WHEN age > 22 + luck / 25 THEN :received
    WHEN age > 1 + luck / 70 THEN :sent
    ELSE status END,
  refunded_amount = CASE WHEN (luck < 30 AND age > 0.4) OR (luck BETWEEN 30 AND 69 AND age > 80)
    THEN total_amount ELSE 0 END,
  refunded_at = CASE
    WHEN luck < 30 AND age > 0.4 THEN datetime(paid_at, '+24 minutes')
    WHEN luck BETWEEN 30 AND 69 AND age > 80 THEN datetime(paid_at, '+80 hours') END
FROM (SELECT order_id AS id, (order_id * 7919) % 1000 AS luck,
             (julianday(:now) - julianday(paid_at)) * 24 AS age
      FROM orders WHERE marketplace = :market AND status IN (:new, :sent)
         OR (marketplace = :market AND status = :received AND paid_at > datetime(:now, '-6 days'))) AS due
WHERE orders.order_id = due.id
"""
"""What becomes of an order, by its age in hours and its luck: 3 % are cancelled, 4 % sent back after three days."""


class ShopFile:
    """The file, and the hand that plays customers and warehouse. Used from one thread at a time."""

    def __init__(self, path: Path, *, seed: int = 20_261_122) -> None:
        self._random = np.random.default_rng(seed)
        self._weights = 1 / np.arange(1, _PRODUCTS + 1) ** 0.8
        self._weights /= self._weights.sum()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        # A simulated shop needs no safety against power loss.
        self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;" + _SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def catch_up(self, now: int) -> int:
        """Sell what would have been sold since the last order, or for 35 days; how many orders that were."""
        self._stock_shelves()
        start = max(self._last() or 0, now - DAYS * 24 * _HOUR)
        moments: list[int] = []
        for at in range(start, now, 10 * _MINUTE):
            until = min(at + 10 * _MINUTE, now)
            rate = orders_per_second(datetime.fromtimestamp(at / 1000, SEOUL))
            count = int(self._random.poisson(rate * (until - at) / 1000))
            moments += sorted(int(at + one * (until - at)) for one in self._random.random(count))
        self._connection.execute("BEGIN")
        self._sell(moments, stock=False)
        self._connection.execute("COMMIT")
        self.advance(now)
        return len(moments)

    def tick(self, now: int, seconds: float = 1.0, *, closed: Iterable[str] = ()) -> int:
        """Sell what chance gives in the `seconds` before `now` (UTC ms); marketplaces in `closed` sell nothing."""
        rate = orders_per_second(datetime.fromtimestamp(now / 1000, SEOUL))
        count = int(self._random.poisson(rate * seconds))
        if count:
            self._connection.execute("BEGIN")
            self._sell([now] * count, stock=True, closed=set(closed))
            self._connection.execute("COMMIT")
        return count

    def advance(self, now: int) -> None:
        """Send, deliver, cancel and take back what is due; fill shelves that the buyer's round reaches."""
        for market, (new, sent, received, cancelled, returned) in _WORDS.items():
            self._connection.execute(
                _ADVANCE,
                {
                    "now": _text(now),
                    "market": market,
                    "new": new,
                    "sent": sent,
                    "received": received,
                    "cancelled": cancelled,
                    "returned": returned,
                },
            )
        # Each hour a twelfth of the shelves is looked at, and filled where it runs low.
        self._connection.execute(
            "UPDATE products SET stock_quantity = safety_stock * 6 + product_id % 40 "
            "WHERE stock_quantity <= safety_stock AND product_id % 12 = ?",
            [now // _HOUR % 12],
        )

    def _stock_shelves(self) -> None:
        rows = [
            (
                number,
                f"BS-{1000 + number}",
                f"{_COLOURS[number % len(_COLOURS)]} {_THINGS[number % len(_THINGS)]} {number:03d}",
                int(self._random.integers(30, 600)) * 100,
                int(self._random.integers(0, 220)),
                5 + number % 11,
            )
            for number in range(1, _PRODUCTS + 1)
        ]
        self._connection.execute("BEGIN")
        self._connection.executemany(
            "INSERT OR IGNORE INTO products (product_id, sku, name, unit_cost, stock_quantity, safety_stock) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            rows,
        )
        self._connection.execute("COMMIT")

    def _sell(self, moments: list[int], *, stock: bool, closed: set[str] | None = None) -> None:
        if not moments:
            return
        names = [name for name, _ in SHARES]
        markets = self._random.choice(len(names), size=len(moments), p=[share for _, share in SHARES])
        buyers = self._random.integers(0, 9_000, size=len(moments))
        guests = self._random.random(len(moments)) < 0.12
        products = self._random.choice(_PRODUCTS, size=len(moments), p=self._weights) + 1
        pieces = self._random.choice([1, 1, 1, 1, 2, 3], size=len(moments))
        prices = np.round(self._random.gamma(2.2, 41_000 / 2.2, size=len(moments)) / 100).astype(int) * 100
        first = (self._connection.execute("SELECT max(order_id) FROM orders").fetchone()[0] or 0) + 1
        orders, lines = [], []
        for number, at in enumerate(moments):
            market = names[markets[number]]
            if closed and market in closed:
                continue
            key = first + number
            buyer = None if guests[number] else f"b{buyers[number]}"
            when = _text(at)
            orders.append((key, market, f"{market}-{key}", buyer, _WORDS[market][0], int(prices[number]), when, when))
            lines.append((key, int(products[number]), int(pieces[number])))
        self._connection.executemany(
            "INSERT INTO orders "
            "(order_id, marketplace, order_number, buyer_key, status, total_amount, paid_at, ordered_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            orders,
        )
        self._connection.executemany("INSERT INTO order_items VALUES (?, ?, ?)", lines)
        if stock:
            self._connection.executemany(
                "UPDATE products SET stock_quantity = max(0, stock_quantity - ?) WHERE product_id = ?",
                [(count, product) for _, product, count in lines],
            )

    def _last(self) -> int | None:
        found = self._connection.execute("SELECT max(paid_at) FROM orders").fetchone()[0]
        if found is None:
            return None
        return round(datetime.fromisoformat(found).replace(tzinfo=UTC).timestamp() * 1000)


def _text(at: int) -> str:
    """A moment as SQLite's own functions write it, in UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
