"""Small questions answered on the event loop itself: the way to a thread and back takes longer than they do."""

from __future__ import annotations

import contextlib
import sqlite3

from bongsu.history.curves import tier_of
from bongsu.history.files import Files
from bongsu.history.loading import TooMuch
from bongsu.history.reading import Answer, Reading
from bongsu.model.query import RangeQuery
from bongsu.ports import Clock

SERIES = 16
POINTS = 20_000
"""Points of an answer, at most: a millisecond of text."""
SAMPLES = 100_000
"""Samples unpacked for an answer, at most: a day at one a second takes 0.4 ms."""
_GUESSED_PACE = 1_000
"""Milliseconds between two samples, as a guess before they are read."""
_SLOW = 0.02
"""Seconds after which an answer was too slow for the loop: the disk is asleep, or somebody else's work comes first."""
_PAUSE = 10.0
"""Seconds in which the threads then have all questions."""


class PromptReading:
    """Answers what is small, as long as that goes quickly. Used on the event loop only."""

    def __init__(self, reading: Reading, *, files: Files, clock: Clock) -> None:
        """`reading` is ours alone. In memory readers wait for the writer, so there this answers nothing."""
        self._reading = reading
        self._on_disk = files.path is not None
        self._clock = clock
        self._not_before = 0.0

    def answer(self, ids: list[int], query: RangeQuery) -> Answer | None:
        """The curve of each series that has one; None where a thread must be asked."""
        began = self._clock.monotonic()
        if not self._on_disk or began < self._not_before or len(ids) > SERIES:
            return None
        length = query.end - query.start
        if query.step is not None and length // query.step * len(ids) > POINTS:
            return None
        if tier_of(query) == "raw" and length // _GUESSED_PACE * len(ids) > SAMPLES:
            return None
        found = None
        with contextlib.suppress(TooMuch, sqlite3.Error):  # a damaged file is the threads' to deal with
            found = self._reading.within(POINTS if query.step is None else SAMPLES, ids, query)
        if self._clock.monotonic() - began > _SLOW:
            self._not_before = began + _PAUSE
        return found

    def close(self) -> None:
        """Let go of the connection."""
        self._reading.close()
