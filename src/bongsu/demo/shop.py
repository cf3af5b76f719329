"""A shop that does not exist: orders by hour and weekday in Seoul, drawn from a seeded generator."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from bongsu.model.sample import Sample

SEOUL = ZoneInfo("Asia/Seoul")
_HOURLY = (18, 10, 6, 3, 3, 4, 9, 18, 28, 36, 46, 50, 54, 48, 44, 42, 42, 44, 48, 56, 66, 72, 60, 36)
"""Expected orders by hour of the day; evenings are the busiest."""
_WEEKDAY = (1.05, 1.0, 1.0, 0.98, 0.95, 0.9, 1.12)
"""Factor by day of the week, Monday first; Sunday evening sells best."""
_SHARES = (("own", 0.38, 43_000), ("coupang", 0.32, 38_900), ("naver", 0.23, 43_400), ("11st", 0.07, 40_700))
"""Marketplace, share of the orders, mean basket in KRW."""


def orders_per_second(moment: datetime) -> float:
    """The expected rate at a moment in Seoul, between the hours' figures by straight lines."""
    into = (moment.minute * 60 + moment.second) / 3600
    here, after = _HOURLY[moment.hour], _HOURLY[(moment.hour + 1) % 24]
    return (here + (after - here) * into) * _WEEKDAY[moment.weekday()] / 3600


@dataclass(slots=True)
class SimulatedShop:
    """Yields the shop's figures second by second; equal seeds and times give equal figures."""

    seed: int = 20_261_122
    _orders: dict[str, int] = field(default_factory=dict, init=False)
    _revenue: dict[str, int] = field(default_factory=dict, init=False)
    _minute: deque[int] = field(default_factory=lambda: deque(maxlen=60), init=False)
    _today: str = field(default="", init=False)
    _random: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self._random = np.random.default_rng(self.seed)

    def tick(self, at: int, seconds: float = 1.0) -> list[Sample]:
        """The figures at `at` (UTC ms), `seconds` after the tick before."""
        moment = datetime.fromtimestamp(at / 1000, SEOUL)
        if moment.date().isoformat() != self._today:
            self._start_day(moment)
        self._minute.append(self._sell(orders_per_second(moment) * seconds))
        return list(self._figures(at))

    def _start_day(self, moment: datetime) -> None:
        """Begin at midnight, or in the middle of a day with what would have been sold until now."""
        self._today = moment.date().isoformat()
        self._orders = {name: 0 for name, _, _ in _SHARES}
        self._revenue = dict(self._orders)
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        passed = int((moment - midnight) / timedelta(minutes=1))
        self._sell(sum(orders_per_second(midnight + timedelta(minutes=m)) * 60 for m in range(passed)))

    def _sell(self, expected: float) -> int:
        sold = 0
        for name, share, basket in _SHARES:
            count = int(self._random.poisson(expected * share))
            if count:
                money = self._random.gamma(2.2, basket / 2.2, size=count).sum()
                self._orders[name] += count
                self._revenue[name] += round(money / 100) * 100
            sold += count
        return sold

    def _figures(self, at: int) -> Iterator[Sample]:
        for name in self._orders:
            labels = (("marketplace", name),)
            yield Sample(metric="shop_orders_today", labels=labels, value=float(self._orders[name]), at=at)
            yield Sample(metric="shop_revenue_today_krw", labels=labels, value=float(self._revenue[name]), at=at)
        yield Sample(metric="shop_orders_per_minute", value=float(sum(self._minute)), at=at)
