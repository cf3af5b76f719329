"""Days and sessions of the Korea Exchange and of Nextrade, which follows the exchange's days.

Days come from the package `exchange_calendars` where it was asked (`calendars.build`, in a process of its own),
else from weekdays less public holidays, 1 May and the year's last weekday: from 2015 to 2027 both tell the same days.
What the package has wrong stands in `data/krx.json`, with the exam days and the year's first, when it opens later.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bongsu.calendars.calendar import FIRST_YEAR, Hours, Ranges
from bongsu.calendars.holidays import dates, korean_holidays, table
from bongsu.calendars.weekly import Weekly, parse

EXCHANGES = ("KRX", "NXT")
LAST_RULED_YEAR = 2040
"""As far as the table of public holidays goes."""
SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeDays:
    """The exchange's closed weekdays from `first` to `last`, as the package told them."""

    source: str
    first: date
    last: date
    closed: frozenset[date]
    holidays: frozenset[date] = frozenset()
    """Korean public holidays, as the package installed then knew them; empty: not asked."""

    def text(self) -> str:
        """As JSON; `read` reads it back."""
        body = {
            "source": self.source,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "closed": sorted(day.isoformat() for day in self.closed),
            "holidays": sorted(day.isoformat() for day in self.holidays),
        }
        return json.dumps(body)


def read(text: str) -> ExchangeDays:
    """Exchange days from the text that `ExchangeDays.text` wrote.

    Raises:
        ValueError: the text is something else.
    """
    try:
        body = json.loads(text)
        return ExchangeDays(
            source=str(body["source"]),
            first=date.fromisoformat(body["first"]),
            last=date.fromisoformat(body["last"]),
            closed=dates(body["closed"]),
            holidays=dates(body["holidays"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"these are no exchange days: {error!r}") from None


def closed_days(days: ExchangeDays | None) -> frozenset[date]:
    """Weekdays on which the exchange is closed, 2015 to 2040; beyond what `days` tells, by rule."""
    closed = by_rule()
    if days is not None:
        closed = {day for day in closed if not days.first <= day <= days.last} | days.closed
    return frozenset(closed | dates(table("krx.json")["closed"]))


def by_rule() -> set[date]:
    """Public holidays, 1 May, and the last weekday of the year that is no holiday."""
    closed = {day for day in korean_holidays() if day.weekday() < SATURDAY}
    for year in range(FIRST_YEAR, LAST_RULED_YEAR + 1):
        labour = date(year, 5, 1)
        last = date(year, 12, 31)
        while last.weekday() >= SATURDAY:
            last -= timedelta(days=1)
        closed |= {day for day in (labour, last) if day.weekday() < SATURDAY}
    return closed


def hours(exchange: str, days: ExchangeDays | None) -> Hours:
    """The sessions of `KRX` or `NXT`."""
    known = table("krx.json")
    plan = known["hours"][exchange]
    closed = closed_days(days)
    patterns = {name: parse(f"weekday not holiday {times}", holidays=closed) for name, times in plan["usual"].items()}
    return Hours(
        sessions=patterns,
        days={day: _ranges(plan["late_day"]) for day in dates(known["late_days"]) if day not in closed},
        first_day=_ranges(plan["first_day"]),
    )


def _ranges(plan: Mapping[str, Any]) -> dict[str, Ranges]:
    return {name: times(text) for name, text in plan.items()}


def times(text: str) -> Ranges:
    """Ranges of one day out of `09:00-12:00,13:00-18:00`.

    Raises:
        ValueError: the text is something else.
    """
    weekly: Weekly = parse(text)
    (clause,) = weekly.clauses
    if clause != type(clause)(minutes=clause.minutes):
        raise ValueError(f"{text!r} may name times only: 10:00-16:30")
    return clause.minutes
