"""A shop's days: when they begin, and how moments are written for its database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

TimeKind: TypeAlias = Literal["instant", "local", "text", "date"]
"""How a moment is stored: with its zone, without one, as SQLite's text without one, or as a day alone."""

HOUR = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of the shop: its date, and its beginning and end in UTC milliseconds."""

    date: date
    start: int
    end: int


class ShopTime:
    """Days in the zone `zone`; `stored` is that of moments which the database keeps without a zone."""

    def __init__(self, zone: ZoneInfo, stored: ZoneInfo | None = None) -> None:
        self.zone = zone
        self._stored = stored or zone

    def day(self, at: int, back: int = 0) -> Day:
        """The day that holds `at` (UTC ms), or the one `back` days before it."""
        which = datetime.fromtimestamp(at / 1000, self.zone).date() - timedelta(days=back)
        return Day(date=which, start=self._midnight(which), end=self._midnight(which + timedelta(days=1)))

    def hour_of(self, at: int) -> tuple[date, int]:
        """Date and hour of the day at `at`, in the shop's zone."""
        local = datetime.fromtimestamp(at / 1000, self.zone)
        return local.date(), local.hour

    def written(self, at: int, kind: TimeKind) -> Any:
        """The moment as a parameter that compares with a column of that kind."""
        moment = datetime.fromtimestamp(at / 1000, UTC)
        if kind == "instant":
            return moment
        if kind == "date":
            return moment.astimezone(self.zone).date()
        local = moment.astimezone(self._stored).replace(tzinfo=None)
        # Without a fraction, so that it comes before every spelling of the same second.
        return local.isoformat(" ", "seconds") if kind == "text" else local

    def read(self, value: object) -> int | None:
        """A moment out of the database, as UTC milliseconds; None where there is none, or where it is a day alone."""
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        if not isinstance(value, datetime):
            return None
        aware = value if value.tzinfo is not None else value.replace(tzinfo=self._stored)
        return round(aware.timestamp() * 1000)

    def _midnight(self, which: date) -> int:
        return round(datetime(which.year, which.month, which.day, tzinfo=self.zone).timestamp() * 1000)
