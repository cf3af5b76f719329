"""A seller's database with planted orders: the reference schema, filled by the server itself, quickly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

SCHEMA = Path(__file__).resolve().parent.parent.parent / "examples" / "shop.sql"

_ORDERS = """
INSERT INTO orders (marketplace, order_number, buyer_key, status, total_amount, refunded_amount, refunded_at, paid_at,
                    ordered_at, is_deleted)
SELECT market, 'n' || i,
       CASE WHEN random() < 0.1 THEN NULL ELSE 'b' || floor(random() * :orders / 8)::int END,
       CASE
         WHEN age < interval '2 days' AND random() < 0.6 THEN fresh[1 + floor(random() * array_length(fresh, 1))::int]
         WHEN random() < 0.0005 THEN '뭔가다른상태'
         ELSE old[1 + floor(random() * array_length(old, 1))::int]
       END,
       1000 + floor(random() * 990)::int * 100,
       CASE WHEN refund THEN 1000 ELSE 0 END,
       CASE WHEN refund THEN least(moment + random() * interval '3 days', :now) END,
       CASE WHEN random() < 0.01 THEN NULL ELSE moment END,
       moment - random() * interval '20 minutes',
       random() < 0.1
FROM (
  SELECT i, :now - age AS moment, age, random() < 0.05 AS refund,
         (ARRAY['coupang', 'naver', '11st', 'own'])[1 + floor(random() * 4)::int] AS market,
         ARRAY['ACCEPT', 'PAYED', 'INSTRUCT', 'DELIVERING', '결제완료', '상품준비중'] AS fresh,
         ARRAY['FINAL_DELIVERY', 'PURCHASE_DECIDED', 'DELIVERED', '구매확정', 'CANCELED', 'RETURNED', 'EXCHANGED']
           AS old
  FROM (SELECT i, random() * :days * interval '1 day' AS age FROM generate_series(1, :orders) AS i) AS drawn
  {order}
) AS made
"""
_PRODUCTS = """
INSERT INTO products (sku, name, unit_cost, stock_quantity, safety_stock, is_active, is_deleted)
SELECT 'SKU-' || i, '상품 ' || i, floor(random() * 90000)::int, floor(random() * 300)::int - 5, 5 + i % 7,
       random() < 0.95, random() < 0.02
FROM generate_series(1, :products) AS i
"""
_LINES = """
INSERT INTO order_items (order_id, product_id, quantity, unit_price)
SELECT order_id, 1 + floor(random() * :products)::int, 1 + floor(random() * 3)::int, 1000 FROM orders
"""


def create(connection: Connection) -> None:
    """Make the reference schema's tables and the marketplaces."""
    connection.exec_driver_sql(SCHEMA.read_text(encoding="utf-8"))
    connection.execute(
        text(
            "INSERT INTO marketplaces VALUES "
            "('coupang', '쿠팡'), ('naver', '네이버'), ('11st', '11번가'), ('own', '자사몰')"
        )
    )


def fill(
    connection: Connection, *, now: Any, orders: int, products: int, days: int, seed: float = 0.5, in_turn: bool = False
) -> None:
    """Plant orders of the last `days` before `now` (aware datetime), a tenth of them soft-deleted, and products.

    `in_turn`: as they come in a shop, day after day; else scattered over the whole table.
    """
    connection.execute(text("SELECT setseed(:seed)"), {"seed": seed})
    connection.execute(text(_PRODUCTS), {"products": products})
    orders_made = _ORDERS.replace("{order}", "ORDER BY age DESC" if in_turn else "")
    connection.execute(text(orders_made), {"now": now, "orders": orders, "days": days})
    connection.execute(text(_LINES), {"products": products})
