"""A shop as it stands: the figures of one round, ready for screens."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

ShopHealth: TypeAlias = Literal["ok", "slow", "failing", "waiting", "off"]
"""`slow`: the database stretches the interval; `failing`: the figures are those of `at`, and grow old; `waiting`: none
were read yet; `off`: no shop is configured."""


class Sales(msgspec.Struct, frozen=True, kw_only=True):
    """Sales of a day, of all or of one marketplace. Money is in the shop's currency.

    `net` is `gross` less what was refunded that day; `cancelled` are that day's orders that are cancelled by now;
    `customers` is None where the database has no key of buyers.
    """

    orders: int = 0
    gross: float = 0.0
    refunded: float = 0.0
    net: float = 0.0
    cancelled: int = 0
    customers: int | None = None


class Hour(msgspec.Struct, frozen=True, kw_only=True):
    """Orders and money of one hour of a day."""

    orders: int = 0
    gross: float = 0.0


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """A product to look after. `days_left` is None where nothing was sold in 30 days, else at most 365."""

    sku: str
    name: str
    stock: int
    safety: int | None = None
    days_left: float | None = None


class Stock(msgspec.Struct, frozen=True, kw_only=True):
    """The stock: products on sale, those at or below their safety stock, sold-out ones, and what it is worth."""

    products: int = 0
    low: int = 0
    sold_out: int = 0
    value: float | None = None


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """Orders that wait to be sent, by age."""

    all: int = 0
    over_a_day: int = 0
    over_two_days: int = 0


class Pulse(msgspec.Struct, frozen=True, kw_only=True):
    """Orders a minute now and as expected, and the silence since the last order.

    `missing` is how many orders were expected during the silence: from 3 on it is no accident. All but `per_minute`
    are None where the past doesn't say.
    """

    per_minute: float | None = None
    expected_per_minute: float | None = None
    last_order_at: int | None = None
    missing: float | None = None


class ShopView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the shop's page shows.

    `at` is when the figures were read (UTC ms), `day` the shop's date; `hours` hold 24 hours of today, yesterday and
    the same weekday last week, each empty where payments have no time of day. `states` is by marketplace and state;
    `unknown` names status words that nobody mapped, with their count.
    """

    health: ShopHealth
    reason: str = ""
    at: int | None = None
    tried_at: int | None = None
    round_ms: float | None = None
    interval_seconds: float = 0.0
    currency: str = "KRW"
    timezone: str = "Asia/Seoul"
    day: str = ""
    sales: Sales = Sales()
    marketplaces: dict[str, Sales] = {}
    hours: dict[str, tuple[Hour, ...]] = {}
    states: dict[str, dict[str, int]] = {}
    unknown: dict[str, int] = {}
    waiting: Waiting | None = None
    stock: Stock | None = None
    low: tuple[Product, ...] = ()
    running_out: tuple[Product, ...] = ()
    pulse: Pulse = Pulse()
    pulses: dict[str, Pulse] = {}
