"""What a shop usually sells at this hour: the baseline that today is held against.

Expected orders of an hour = 40 % the same weekday last week + 30 % yesterday + 30 % the median of 30 days at that
hour; what isn't known is left out and the rest weighs more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from bongsu.collect.shop.times import HOUR, ShopTime

DAYS = 30
"""Days that the median looks back on."""
_WEIGHTS = {"week": 0.4, "yesterday": 0.3, "median": 0.3}
_LONGEST = 48 * HOUR
"""A longer silence is not summed up further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Orders by date and hour of the days before today, for one marketplace; an hour without orders may be absent.

    `first` is the earliest date from which orders are known.
    """

    hours: Mapping[tuple[date, int], int]
    first: date | None

    def rate(self, day: date, hour: int) -> float | None:
        """Expected orders in that hour of that day; None where no day before it is known."""
        if self.first is None:
            return None
        past = [day - timedelta(days=back) for back in range(1, DAYS + 1) if day - timedelta(days=back) >= self.first]
        if not past:
            return None
        parts = {"median": float(median(self.hours.get((one, hour), 0) for one in past))}
        for part, back in (("yesterday", 1), ("week", 7)):
            one = day - timedelta(days=back)
            if one >= self.first:
                parts[part] = float(self.hours.get((one, hour), 0))
        weight = sum(_WEIGHTS[part] for part in parts)
        return sum(_WEIGHTS[part] * value for part, value in parts.items()) / weight

    def expected(self, start: int, end: int, time: ShopTime) -> float | None:
        """Expected orders in start ≤ t < end (UTC ms), hours counting by their share; two days at most."""
        total, known = 0.0, False
        at = max(start, end - _LONGEST)
        while at < end:
            until = min(end, at - at % HOUR + HOUR)
            rate = self.rate(*time.hour_of(at))
            if rate is not None:
                known = True
                total += rate * (until - at) / HOUR
            at = until
        return total if known else None
