"""Small questions answered on the event loop itself: the way to a thread and back takes longer than they do."""

from __future__ import annotations

import sqlite3

from bongsu.history.curves import tier_of
from bongsu.history.files import Files
from bongsu.history.loading import TooMuch
from bongsu.history.reading import Answer, Reading
from bongsu.history.samples import GUESSED_PACE
from bongsu.model.query import RangeQuery
from bongsu.ports import Clock

SERIES = 16
POINTS = 20_000
"""Points of an answer, at most: a millisecond of text."""
SAMPLES = 1_000_000
"""Samples unpacked for an answer, at most: ten days at one a second hold the loop for 3 to 4 ms."""
SINGLY = 100_000
"""The same where samples must be looked at one by one: 0.5 ms."""
_SLOW = 0.05
"""Seconds after which an answer was too slow for the loop: the disk is asleep, or somebody else's work comes first."""
_PAUSES = (0.5, 16.0)
"""Seconds in which the threads then have all questions: the first, then twice as many each time, up to the last."""


class PromptReading:
    """Answers what is small, as long as that goes quickly. Used on the event loop only."""

    def __init__(self, reading: Reading, *, files: Files, clock: Clock) -> None:
        """`reading` is ours alone. In memory readers wait for the writer, so there this answers nothing."""
        self._reading = reading
        self._on_disk = files.path is not None
        self._clock = clock
        self._not_before = 0.0
        self._pause = _PAUSES[0]

    def answer(self, ids: list[int], query: RangeQuery) -> Answer | None:
        """The curve of each series that has one; None where a thread must be asked."""
        began = self._clock.monotonic()
        if not self._on_disk or began < self._not_before or len(ids) > SERIES:
            return None
        length = query.end - query.start
        if query.step is not None and length // query.step * len(ids) > POINTS:
            return None
        bound = POINTS if query.step is None else SINGLY if query.agg == "rate" else SAMPLES
        if tier_of(query) == "raw" and length // GUESSED_PACE * len(ids) > bound:
            return None
        try:
            found = self._reading.within(bound, ids, query)
        except (TooMuch, sqlite3.Error):  # a damaged file is the threads' to deal with
            found = None
        if self._clock.monotonic() - began > _SLOW:
            self._not_before = began + self._pause
            self._pause = min(2 * self._pause, _PAUSES[1])
        elif found is not None:
            self._pause = _PAUSES[0]
        return found

    def close(self) -> None:
        """Let go of the connection."""
        self._reading.close()
