"""Instants as the wall times that figures show."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from bongsu.model.sample import Int64s

STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400)
"""Steps a person can read, seconds."""

MOST_POINTS = 900
"""About as many points a line as a chart has pixels."""


TICKS = (
    {"dtickrange": [None, 60_000], "value": "%H:%M:%S"},
    {"dtickrange": [60_000, 86_400_000], "value": "%H:%M\n%m-%d"},
    {"dtickrange": [86_400_000, None], "value": "%m-%d"},
)
"""How a time axis is written: in figures, which every language reads (Plotly's own way names months in English)."""


def step_for(span: int, most: int = MOST_POINTS) -> int:
    """The finest readable step (ms) that keeps a range of `span` ms within `most` points."""
    return next((s for s in STEPS if span / (s * 1000) <= most), STEPS[-1]) * 1000


def moments(at: Int64s, zone: ZoneInfo) -> NDArray[np.datetime64]:
    """Local wall times of the zone without a zone, which is how Plotly shows times as they are."""
    quarter = at // 900_000  # offsets change on quarters of an hour at the finest
    slots, place = np.unique(quarter, return_inverse=True)
    offsets = np.array([offset(int(slot) * 900_000, zone) for slot in slots], dtype=np.int64)
    return (at + offsets[place]).astype("datetime64[ms]")


def moment(at: int, zone: ZoneInfo) -> str:
    """One of them as text."""
    return str(np.datetime64(at + offset(at, zone), "ms"))


def offset(at: int, zone: ZoneInfo) -> int:
    """Milliseconds that the zone is ahead of UTC at an instant."""
    delta = datetime.fromtimestamp(at / 1000, tz=UTC).astimezone(zone).utcoffset()
    return int(delta.total_seconds() * 1000) if delta else 0
