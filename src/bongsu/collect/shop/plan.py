"""Where a shop's figures come from, as the settings tell it. Imports no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from bongsu.collect.shop.times import ShopTime
from bongsu.settings.model import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopPlan:
    """Where a shop's figures come from, and what its words and tables are called.

    `tables` gives for `orders`, `products` and `lines` the table's name (None: find it) and its named columns.
    """

    url: str
    interval: float = 5.0
    timeout_seconds: float = 3.0
    zone: str = "Asia/Seoul"
    stored_zone: str | None = None
    currency: str = "KRW"
    tables: Mapping[str, tuple[str | None, Mapping[str, str]]] = field(default_factory=dict)
    states: Mapping[str, Iterable[str]] = field(default_factory=dict)
    state_days: int = 7
    low_stock: int = 5

    @property
    def time(self) -> ShopTime:
        """The shop's days."""
        return ShopTime(ZoneInfo(self.zone), ZoneInfo(self.stored_zone) if self.stored_zone else None)


def plan_of(settings: Settings) -> ShopPlan | None:
    """The plan that the settings tell; None where no shop is configured."""
    shop = settings.shop
    if shop.url is None:
        return None
    return ShopPlan(
        url=shop.url.get_secret_value(),
        interval=shop.interval_seconds,
        timeout_seconds=shop.timeout_seconds,
        zone=shop.timezone or settings.monitoring.timezone,
        stored_zone=shop.stored_timezone,
        currency=shop.currency,
        tables={
            "orders": (shop.orders.table, {str(one): name for one, name in shop.orders.columns.items()}),
            "products": (shop.products.table, {str(one): name for one, name in shop.products.columns.items()}),
            "lines": (shop.lines.table, {str(one): name for one, name in shop.lines.columns.items()}),
        },
        states={str(state): tuple(words) for state, words in shop.states.items()},
        state_days=shop.state_days,
        low_stock=shop.low_stock,
    )
