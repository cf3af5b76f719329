"""A shop that does not exist: how many orders it gets at which hour and where, and what they are worth."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

SEOUL = ZoneInfo("Asia/Seoul")
_HOURLY = (18, 10, 6, 3, 3, 4, 9, 18, 28, 36, 46, 50, 54, 48, 44, 42, 42, 44, 48, 56, 66, 72, 60, 36)
"""Expected orders by hour of the day; evenings are the busiest."""
_WEEKDAY = (1.05, 1.0, 1.0, 0.98, 0.95, 0.9, 1.12)
"""Factor by day of the week, Monday first; Sunday evening sells best."""
SHARES = (("own", 0.38), ("coupang", 0.32), ("naver", 0.23), ("11st", 0.07))
"""Marketplace and its share of the orders."""


def orders_per_second(moment: datetime) -> float:
    """The expected rate at a moment in Seoul, between the hours' figures by straight lines."""
    into = (moment.minute * 60 + moment.second) / 3600
    here, after = _HOURLY[moment.hour], _HOURLY[(moment.hour + 1) % 24]
    return (here + (after - here) * into) * _WEEKDAY[moment.weekday()] / 3600
