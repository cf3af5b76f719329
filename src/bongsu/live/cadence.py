"""When a topic's changes go out to a group: one frame an interval, soon after what our collectors read.

Time is cut into cells as long as the group's interval, beginning where the collectors begin to read: at whole
multiples of the interval on the wall clock (the anchor tells where these lie on the monotonic one). In each cell a
topic is sent once:

- after the first change of the cell, as soon as `settle` has passed without another (the collectors hand over
  several batches within milliseconds: they belong into one frame), at most `patience` after that first change;
- what changed after the frame of its cell waits for the next cell: it goes along with that cell's first change, or
  alone when none has come `linger` after the cell's beginning.

So a reading is shown some 20 ms after it was taken, nobody gets more than one frame a cell, and samples pushed at
odd moments can't shift the beat.
"""

from __future__ import annotations

import math
from typing import Final

_EARLY: Final = 0.005  # a timer may fire a little before the beat: that still belongs to the new cell


class Beat:
    """The beat of one interval, on the clock's monotonic seconds. `anchor` may be set anew at any time."""

    __slots__ = ("anchor", "interval", "linger", "patience", "settle")

    def __init__(self, interval: float, *, anchor: float = 0.0) -> None:
        self.interval = interval
        self.anchor = anchor
        self.settle = min(0.020, interval / 5)
        self.patience = min(0.080, interval / 2)
        self.linger = min(0.150, interval / 2)

    def cell(self, moment: float) -> int:
        """The number of the cell that the moment lies in."""
        return math.floor((moment - self.anchor + _EARLY) / self.interval)

    def start(self, cell: int) -> float:
        """The moment at which a cell begins."""
        return self.anchor + cell * self.interval


class Schedule:
    """When one topic of one group is due. `due` and `listen` are moments; infinity means never."""

    __slots__ = ("_beat", "_first", "due", "listen")

    def __init__(self, beat: Beat, *, now: float) -> None:
        self._beat = beat
        self._first = math.inf
        self.due = math.inf
        self.listen = math.inf
        """From this moment on a change matters; before, or once one has been noticed, it changes no plan."""
        self.sent(now)

    def changed(self, now: float) -> None:
        """Take note of a change at a moment not before `listen`."""
        self._first = now
        self.due = min(self.due, now + self._beat.settle)
        self.listen = math.inf

    def ready(self, now: float, *, touched: float) -> bool:
        """At `due`: whether to send now. Changes still arriving (the last at `touched`) put it off a little."""
        if self._first == math.inf:
            return True
        later = min(touched + self._beat.settle, self._first + self._beat.patience)
        if later <= now:
            return True
        self.due = later
        return False

    def sent(self, now: float) -> None:
        """The topic went out: the next cell may carry it again."""
        following = self._beat.start(self._beat.cell(now) + 1)
        self._first = math.inf
        self.due = following + self._beat.linger
        self.listen = following - _EARLY

    def nothing(self) -> None:
        """At `due` there was nothing to send: any change is news."""
        self.due = math.inf
        self.listen = -math.inf
