"""A calendar: open or closed at an instant, and how long it was open between two."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias

import numpy as np

from bongsu.calendars.timetable import Bools, Session, Timetable
from bongsu.calendars.weekly import Weekly
from bongsu.model.sample import Int64s

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""From and to in minutes since local midnight."""

FIRST_YEAR = 2015
"""Before it every calendar with hours is closed: our tables of holidays begin there."""
_LAST_YEAR = 2100
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When something is open: weekly patterns by session, and days that differ.

    `days` gives a day's own sessions in place of the pattern's; `first_day` does so for the first open day of
    each year (the exchange opens an hour late). No `sessions`: open at every instant.
    """

    sessions: Mapping[str, Weekly] = field(default_factory=dict)
    closed: Collection[date] = frozenset()
    days: Mapping[date, Mapping[str, Ranges]] = field(default_factory=dict)
    first_day: Mapping[str, Ranges] | None = None


class Calendar:
    """Answers from a timetable that is made at the first question and grows with the years asked for.

    About 2 ms a year and session to make, 24 bytes a session kept; an answer is one bisection.
    """

    def __init__(self, name: str, hours: Hours) -> None:
        self.name = name
        self._hours = hours
        self._built: tuple[int, Timetable] | None = None

    def follow(self, hours: Hours) -> None:
        """Take other hours from now on: newer exchange days arrived. What was read from `open_clock` may shift."""
        self._hours = hours
        self._built = None

    @property
    def always(self) -> bool:
        """Whether it never closes."""
        return not self._hours.sessions

    def is_open(self, at: int) -> bool:
        """Whether it is open at that instant (UTC ms)."""
        return self.always or self._table(at).session(at) is not None

    def session(self, at: int) -> Session | None:
        """The session at an instant; None while closed, and in a calendar that never closes."""
        return None if self.always else self._table(at).session(at)

    def next_open(self, at: int) -> int | None:
        """When it opens next (UTC ms), after `at`; None where it never closes or opens no more within a year."""
        return None if self.always else self._table(at).next_open(at)

    def next_close(self, at: int) -> int | None:
        """When it closes next (UTC ms), after `at`; None where it never closes or opens no more within a year."""
        return None if self.always else self._table(at).next_close(at)

    def open_ms(self, start: int, end: int) -> int:
        """Milliseconds for which it was open from `start` to `end`; negative where `end` comes first."""
        if self.always:
            return end - start
        clock = self.open_clock(np.array((start, end), np.int64))
        return int(clock[1] - clock[0])

    def open_many(self, at: Int64s) -> Bools:
        """`is_open` for an array of instants."""
        if self.always or not len(at):
            return np.ones(np.shape(at), np.bool_)
        return self._table(int(at.max())).open_many(at)

    def open_clock(self, at: Int64s) -> Int64s:
        """A clock that stands still while closed (ms): the open time between two instants is its difference."""
        if self.always or not len(at):
            return np.asarray(at, np.int64)
        return self._table(int(at.max())).open_clock(at)

    def _table(self, at: int) -> Timetable:
        year = min(max(datetime.fromtimestamp(at / 1000, UTC).year, FIRST_YEAR) + 1, _LAST_YEAR)
        if self._built is None or self._built[0] < year:
            self._built = year, Timetable(sessions_of(self._hours, FIRST_YEAR, year))
        return self._built[1]


def sessions_of(hours: Hours, first: int, last: int) -> Iterator[Session]:
    """Every session that begins in the years from `first` to `last`, day by day."""
    started = 0
    day = date(first, 1, 1)
    while day.year <= last:
        if day not in hours.closed:
            own = hours.days.get(day)
            plan: Mapping[str, Ranges] = (
                {name: tuple(weekly.ranges(day)) for name, weekly in hours.sessions.items()} if own is None else own
            )
            if any(plan.values()):
                if started != day.year and hours.first_day is not None and own is None:
                    plan = hours.first_day
                started = day.year
                yield from _of_day(hours, day, plan)
        day += _DAY


def _of_day(hours: Hours, day: date, plan: Mapping[str, Ranges]) -> Iterator[Session]:
    for name, ranges in plan.items():
        zone = (hours.sessions.get(name) or next(iter(hours.sessions.values()))).zone
        for start, end in ranges:
            midnight = datetime.combine(day, time.min, zone)  # adding to it is adding on the wall
            opens, closes = (
                round((midnight + timedelta(minutes=minute)).timestamp() * 1000) for minute in (start, end)
            )
            if closes > opens:
                yield Session(name=name, opens=opens, closes=closes)
