"""Ask `exchange_calendars` for the exchange's days and print them: run as a process of its own.

    python -m bongsu.calendars.build > data/exchange_days.json

The package brings pandas (110 MiB); a process that ends gives all of it back.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from importlib.metadata import version

from bongsu.calendars.calendar import FIRST_YEAR
from bongsu.calendars.exchanges import LAST_RULED_YEAR, SATURDAY, ExchangeDays

CODE = "XKRX"


def build(last: date) -> ExchangeDays:
    """The days from 2015 on to `last`, less what the package doesn't cover.

    Raises:
        ImportError: the extra `calendars` is not installed.
    """
    import exchange_calendars
    import holidays

    first = date(FIRST_YEAR, 1, 1)
    open_days = exchange_calendars.get_calendar(CODE, start=first.isoformat(), end=last.isoformat()).sessions
    sessions = {day.date() for day in open_days}
    every = (first + timedelta(days=count) for count in range((last - first).days + 1))
    known = holidays.country_holidays("KR", years=range(FIRST_YEAR, last.year + 1))
    return ExchangeDays(
        source=f"exchange_calendars {version('exchange_calendars')}, holidays {version('holidays')}",
        first=first,
        last=last,
        closed=frozenset(day for day in every if day.weekday() < SATURDAY and day not in sessions),
        holidays=frozenset(known),
    )


def main(arguments: list[str]) -> int:
    """Print the days up to the end of the year given, or of 2040."""
    year = int(arguments[0]) if arguments else LAST_RULED_YEAR
    try:
        sys.stdout.write(build(date(year, 12, 31)).text() + "\n")
    except ImportError as error:
        sys.stderr.write(f"{error.name} is not installed: pip install 'bongsu[calendars]'\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
