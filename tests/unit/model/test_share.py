"""Shares over a window, and how much of it was watched."""

from __future__ import annotations

import numpy as np

from bongsu.model.share import Share, settled, share, since

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
NOW = 20_000 * DAY + 90 * MINUTE


def of(first: int, last: int, step: int) -> Share:
    """All well, with readings in every piece between two times."""
    return share(100.0, np.arange(first - first % step, last, step, dtype=np.int64), step=step, now=NOW)


def test_ten_minutes_are_ten_minutes_of_every_window() -> None:
    """Watched for ten minutes: the long windows, which are read by the hour, don't tell an hour."""
    told = settled([("24h", of(NOW - 10 * MINUTE, NOW, MINUTE)), ("30d", of(NOW - 10 * MINUTE, NOW, HOUR))])
    assert {window: one.watched_ms for window, one in told.items()} == {"24h": 10 * MINUTE, "30d": 10 * MINUTE}
    assert since(told) == NOW - 10 * MINUTE


def test_a_window_that_reaches_further_back_is_its_own() -> None:
    """Watched for three days: the day is a day, and the month is three days with their own figure."""
    month = share(50.0, np.arange(NOW - 3 * DAY, NOW, HOUR, dtype=np.int64), step=HOUR, now=NOW)
    told = settled([("24h", of(NOW - DAY, NOW, MINUTE)), ("30d", month)])
    assert (told["24h"].watched_ms, told["30d"].watched_ms, told["30d"].percent) == (DAY, 3 * DAY, 50.0)
    assert since(told) == NOW - 3 * DAY


def test_time_without_readings_was_not_watched() -> None:
    """A gap of two hours is missing from what was watched, though the first reading lies before it."""
    at = np.array([NOW - 4 * HOUR, NOW - HOUR], np.int64)
    assert share(100.0, at, step=HOUR, now=NOW).watched_ms == 2 * HOUR


def test_nothing_watched_has_no_beginning() -> None:
    """Without a share there is no first reading."""
    assert since({}) is None
