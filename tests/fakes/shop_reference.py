"""A shop's figures the slow, obvious way: every row is read, and counted one by one in Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bongsu.collect.shop.states import StateWords

Row = Mapping[str, Any]


def moment(value: Any, stored: ZoneInfo) -> datetime | None:
    """A stored time with its zone; a day alone is its midnight."""
    if value is None:
        return None
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=stored)
    assert isinstance(value, datetime)
    return value if value.tzinfo else value.replace(tzinfo=stored)


class Reference:
    """Figures of the day that holds `at` (UTC ms), from rows of the reference schema."""

    def __init__(
        self,
        orders: Sequence[Row],
        products: Sequence[Row],
        *,
        at: int,
        zone: str = "Asia/Seoul",
        stored: str | None = None,
    ) -> None:
        self.zone = ZoneInfo(zone)
        self.stored = ZoneInfo(stored or zone)
        self.now = datetime.fromtimestamp(at / 1000, UTC)
        self.today = self.now.astimezone(self.zone).date()
        self.words = StateWords()
        self.orders = [row for row in orders if not row["is_deleted"]]
        self.products = [row for row in products if row["is_active"] and not row["is_deleted"]]

    def day_of(self, row: Row, column: str = "paid_at") -> date | None:
        """The shop's date of one of the row's times."""
        found = moment(row[column], self.stored)
        return None if found is None else found.astimezone(self.zone).date()

    def paid(self, day: date) -> list[Row]:
        """The orders paid on that day."""
        return [row for row in self.orders if self.day_of(row) == day]

    def sales(self, market: str) -> dict[str, Any]:
        """Today's sales at one marketplace."""
        mine = [row for row in self.paid(self.today) if row["marketplace"] == market]
        gross = sum(float(row["total_amount"]) for row in mine)
        refunded = sum(
            float(row["refunded_amount"])
            for row in self.orders
            if row["marketplace"] == market and self.day_of(row, "refunded_at") == self.today
        )
        return {
            "orders": len(mine),
            "gross": gross,
            "refunded": refunded,
            "net": gross - refunded,
            "cancelled": sum(self.words.state_of(row["status"]) == "cancelled" for row in mine),
            "customers": len({row["buyer_key"] for row in mine if row["buyer_key"] is not None}),
        }

    def hours(self, back: int) -> list[tuple[int, float]]:
        """Orders and money by hour of the day `back` days ago."""
        found = [(0, 0.0)] * 24
        for row in self.paid(self.today - timedelta(days=back)):
            when = moment(row["paid_at"], self.stored)
            assert when is not None
            hour = when.astimezone(self.zone).hour
            found[hour] = (found[hour][0] + 1, found[hour][1] + float(row["total_amount"]))
        return found

    def states(self, market: str, days: int = 7) -> dict[str, int]:
        """Orders by state: open and unknown ones however old, finished ones of the last days."""
        found: dict[str, int] = {}
        for row in self.orders:
            day = self.day_of(row)
            if row["marketplace"] != market or day is None:
                continue
            state = self.words.state_of(row["status"])
            recent = self.today - timedelta(days=days) < day <= self.today
            if state != "unpaid" and (recent or state in ("pending", "processing", "unknown")):
                found[state] = found.get(state, 0) + 1
        return found

    def stock(self) -> dict[str, float]:
        """Products on sale, low ones, sold-out ones, and what is in stock at cost."""
        counts = [
            (int(row["stock_quantity"]), int(row["safety_stock"]), float(row["unit_cost"])) for row in self.products
        ]
        return {
            "products": len(counts),
            "low": sum(0 < stock <= safety for stock, safety, _ in counts),
            "sold_out": sum(stock <= 0 for stock, _, _ in counts),
            "value": sum(stock * cost for stock, _, cost in counts if stock > 0),
        }
