"""Simulated series for the measurement of detectors: feeds in which nothing is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from bongsu.calendars.book import Calendars

Floats = NDArray[np.float64]
MINUTE = 60_000
DAY = 1_440
START = 1_790_866_800_000
"""2026-10-02 00:00 in Seoul, UTC ms."""

_GRID = np.concatenate(([1e-9], np.arange(1, 10_000) / 10_000, [1 - 1e-9]))
_QUANTILES = np.array([NormalDist().inv_cdf(float(p)) for p in _GRID])


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """One minute of all symbols: values by metric; NaN where a symbol has none."""

    at: int
    values: dict[str, Floats]


def quiet_feeds(*, symbols: int, days: int, seed: int) -> Iterator[Minute]:
    """Minutes of feeds in which nothing is wrong.

    Half of the symbols trade in the regular hours of KRX, half at all times. Rates are log-normal by symbol (some
    have an event an hour, some fifty a second), with a U over the day, days that differ by a third, and a mood that
    wanders. Delays are log-normal: p1/p50/p99 of 98/238/543 ms on one exchange, 46/170/685 on the other.
    """
    rng = np.random.default_rng(seed)
    listed = np.arange(symbols) % 2 == 0
    rate = np.exp(rng.normal(2.5, 2.5, symbols))  # events a minute
    middle, spread = np.where(listed, 0.238, 0.170), np.where(listed, 0.354, 0.58)
    minutes = START + MINUTE * np.arange(days * DAY, dtype=np.int64)
    regular = _regular(minutes)
    mood = np.zeros(symbols)
    level = np.zeros(symbols)
    for index, at in enumerate(minutes.tolist()):
        of_day = index % DAY / DAY
        if index % DAY == 0:
            level = rng.normal(0, 0.3, symbols) + rng.normal(0, 0.2)
        mood = 0.98 * mood + rng.normal(0, 0.05, symbols)
        within = np.clip((of_day - 0.375) / 0.271, 0, 1)
        shape = np.where(listed, 1.8 - 1.2 * np.sin(np.pi * within), 1 + 0.5 * np.sin(2 * np.pi * (of_day - 0.3)))
        count = rng.poisson(rate * shape * np.exp(level + mood)).astype(float)
        count[listed & ~regular[index]] = np.nan
        yield Minute(at=at, values=_figures(rng, count, middle, spread))


def _regular(minutes: NDArray[np.int64]) -> NDArray[np.bool_]:
    krx = Calendars().get("KRX")
    sessions = [krx.session(int(at)) for at in minutes]
    return np.array([one is not None and one.name == "regular" for one in sessions])


def _figures(rng: np.random.Generator, count: Floats, middle: Floats, spread: Floats) -> dict[str, Floats]:
    """A symbol's figures of one minute; the quantiles of n delays through their own distributions."""
    some = np.nan_to_num(count) > 0
    n = np.where(some, count, 1.0)
    half = 1.25 / np.sqrt(n) * rng.normal(0, 1, len(n))
    above = np.maximum(n * 0.01, 1.0)
    top = np.interp(rng.beta(np.maximum(n + 1 - above, 1.0), above), _GRID, _QUANTILES)
    good = rng.binomial(n.astype(int), 0.9995) / n
    figures = {
        "feed_delay_seconds": middle * np.exp(spread * half),
        "feed_delay_seconds_p99": middle * np.exp(spread * top),
        "feed_quality": np.sqrt(good),
    }
    shown = {name: np.where(some, values, np.nan) for name, values in figures.items()}
    return {"feed_events_per_second": count / 60.0, **shown}
