"""All calendars by name: the built-in ones and those of the settings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypeAlias

from bongsu.calendars.calendar import Calendar, Hours, Ranges
from bongsu.calendars.exchanges import EXCHANGES, ExchangeDays, closed_days, hours, times
from bongsu.calendars.holidays import dates, korean_holidays
from bongsu.calendars.weekly import ZONE, parse

Holidays: TypeAlias = Literal["kr", "krx", "none"]
"""Whose holidays count as such: Korea's public ones, the exchange's, nobody's."""

ALWAYS = "24/7"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A calendar as people write it: see the section `calendars` of the settings."""

    sessions: Mapping[str, str]
    timezone: str = ZONE
    holidays: Holidays = "kr"
    closed: Collection[str] = ()
    days: Mapping[str, str] = field(default_factory=dict)

    def hours(self, known: Mapping[Holidays, Collection[date]]) -> Hours:
        """The same, checked and ready to be asked.

        Raises:
            ValueError: a text can't be read; says which and what is wrong with it.
        """
        if not self.sessions:
            raise ValueError('a calendar needs a session, such as {"open": "weekday 10:00-20:00"}')
        own = dates(self.closed)
        holidays = frozenset((*known[self.holidays], *own))
        sessions = {name: parse(text, zone=self.timezone, holidays=holidays) for name, text in self.sessions.items()}
        first = next(iter(sessions))
        special: dict[date, Mapping[str, Ranges]] = {}
        for day, text in self.days.items():
            (at,) = dates([day])
            special[at] = {first: times(text)}
        return Hours(sessions=sessions, closed=own, days=special)

    def check(self) -> None:
        """Raise the ValueError that `hours` would."""
        self.hours({"kr": (), "krx": (), "none": ()})


class Calendars:
    """Gives calendars by name; one name is one object, so that its timetable is made once.

    Built in are `24/7`, `KRX` and `NXT`; a plan of the same name takes the place of an exchange's.
    """

    def __init__(self, plans: Mapping[str, Plan] | None = None, *, days: ExchangeDays | None = None) -> None:
        self._plans = dict(plans or {})
        self._days = days
        self._made: dict[str, Calendar] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """What may be asked for."""
        return tuple(dict.fromkeys((ALWAYS, *EXCHANGES, *self._plans)))

    def get(self, name: str) -> Calendar:
        """The calendar of that name.

        Raises:
            KeyError: there is none; the text lists those that are.
        """
        if name not in self.names:
            raise KeyError(f"there is no calendar {name!r}; there are {', '.join(self.names)}")
        if name not in self._made:
            self._made[name] = Calendar(name, self._hours(name))
        return self._made[name]

    @property
    def follows_exchange(self) -> bool:
        """Whether a calendar that was asked for follows the exchange's days."""
        return any(self._exchange(name) for name in self._made)

    def _exchange(self, name: str) -> bool:
        plan = self._plans.get(name)
        return name in EXCHANGES if plan is None else plan.holidays == "krx"

    def learn(self, days: ExchangeDays) -> None:
        """Follow newer exchange days, in the calendars given out already too."""
        self._days = days
        for name, calendar in self._made.items():
            calendar.follow(self._hours(name))

    def holidays(self, whose: Holidays = "kr") -> frozenset[date]:
        """The days that `holiday` means in a pattern."""
        if whose == "kr":
            return korean_holidays() | (self._days.holidays if self._days is not None else frozenset())
        return closed_days(self._days) if whose == "krx" else frozenset()

    def _hours(self, name: str) -> Hours:
        plan = self._plans.get(name)
        if plan is not None:
            return plan.hours({plan.holidays: self.holidays(plan.holidays)})
        return Hours() if name == ALWAYS else hours(name, self._days)
