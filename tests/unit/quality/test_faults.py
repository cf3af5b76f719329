"""Faults by their counts: what chance explains has no name, what it doesn't has one."""

from __future__ import annotations

import numpy as np
import pytest

from bongsu.quality.counters import Count
from bongsu.quality.faults import FaultName, counted_faults


def named(count: Count, part: int, *, sequenced: bool) -> int:
    """How often a fault is told where `part` of 42 events show it."""
    counts = np.zeros((1, len(Count)), np.int64)
    counts[0, Count.EVENTS], counts[0, count] = 42, part
    name: FaultName = "duplicate" if count == Count.DUPLICATES else "out_of_order"
    return int(counted_faults(counts, sequenced=np.array([sequenced]))[name][0])


@pytest.mark.parametrize("count", [Count.DUPLICATES, Count.DISORDERED])
def test_without_numbers_chance_has_no_name(count: Count) -> None:
    """Three of 42 events that look alike, or pass each other, prove nothing; six do."""
    assert named(count, 3, sequenced=False) == 0
    assert named(count, 6, sequenced=False) == 6


@pytest.mark.parametrize("count", [Count.DUPLICATES, Count.DISORDERED])
def test_with_numbers_one_is_one(count: Count) -> None:
    """A number that comes twice is a duplicate, whatever its share."""
    assert named(count, 1, sequenced=True) == 1
