"""What is told of a run of anomalies."""

from __future__ import annotations

import math

import numpy as np

from bongsu.anomaly.quiet import Quiet

HOUR = 3_600_000
ROW = np.array([0], np.int64)


def told(quiet: Quiet, readings: list[tuple[int, float]]) -> list[int]:
    """The hours at which something was told."""
    return [hour for hour, score in readings if quiet.passes(ROW, np.array([hour * HOUR]), np.array([score]))[0]]


def test_while_held_only_what_is_louder_is_told() -> None:
    """Within the hold the next must be twice as bad; afterwards being the worst of late is enough."""
    quiet = Quiet(threshold=3.0, hold_ms=10 * HOUR, readings=2)
    assert told(quiet, [(0, 4.0), (1, 5.0), (2, 8.5), (3, 1.0), (4, 1.0), (13, 4.0)]) == [0, 2, 13]


def test_where_nothing_is_louder_nothing_is_told_while_held() -> None:
    """With an infinite `louder` there is at most one in each hold, however bad the next."""
    quiet = Quiet(threshold=3.0, hold_ms=24 * HOUR, louder=math.inf, readings=2)
    assert told(quiet, [(0, 4.0), (1, 400.0), (2, 1.0), (3, 1.0), (23, 9.0), (24, 10.0)]) == [0, 24]
