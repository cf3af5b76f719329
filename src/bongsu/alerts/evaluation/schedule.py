"""When a rule is in force, asked for an instant with the next change, or for many instants at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from bongsu.calendars.weekly import Weekly
from bongsu.model.sample import Int64s

DAY = 86_400_000
_AHEAD = (2, 9, 400)
"""Days looked ahead for the next change, a little first; what stays longer than the last is asked again then."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A weekly pattern over time. All times are UTC milliseconds."""

    weekly: Weekly

    def spans(self, start: int, end: int) -> list[tuple[int, int]]:
        """The times in force that touch [start, end): sorted, apart from each other, not cut at the ends."""
        found = [span for span in self._of_days(start, end) if span[1] > start and span[0] < end]
        joined: list[tuple[int, int]] = []
        for begin, until in sorted(found):
            if joined and begin <= joined[-1][1]:
                joined[-1] = joined[-1][0], max(joined[-1][1], until)
            elif until > begin:
                joined.append((begin, until))
        return joined

    def at(self, moment: int) -> tuple[bool, int]:
        """Whether it is in force, and until when that answer holds."""
        for days in _AHEAD:
            end = moment + days * DAY
            spans = self.spans(moment, end)
            if spans and spans[0][0] > moment:
                return False, spans[0][0]
            if spans and (spans[0][1] < end - DAY or days == _AHEAD[-1]):
                return True, spans[0][1]
        return False, moment + (_AHEAD[-1] - 1) * DAY

    def mask(self, at: Int64s) -> NDArray[np.bool_]:
        """Whether it is in force at each of the instants, which ascend."""
        if not len(at):
            return np.zeros(0, bool)
        edges = np.array([edge for span in self.spans(int(at[0]), int(at[-1]) + 1) for edge in span], np.int64)
        inside: NDArray[np.bool_] = np.searchsorted(edges, at, side="right") % 2 == 1
        return inside

    def _of_days(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        day = datetime.fromtimestamp(start / 1000, self.weekly.zone).date() - timedelta(days=1)
        last = datetime.fromtimestamp(end / 1000, self.weekly.zone).date()
        while day <= last:
            for begin, until in self.weekly.ranges(day):
                yield self._moment(day, begin), self._moment(day, until)
            day += timedelta(days=1)

    def _moment(self, day: date, minute: int) -> int:
        """The instant at which the wall clock says so many minutes after that day's midnight."""
        local = datetime(day.year, day.month, day.day, tzinfo=self.weekly.zone) + timedelta(minutes=minute)
        return round(local.astimezone(UTC).timestamp() * 1000)
