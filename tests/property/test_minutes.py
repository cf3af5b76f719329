"""Steps counted at an even pace are those that searching finds, wherever stretches begin and end."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bongsu.history.steps import columns_of_even, columns_of_many, columns_of_samples
from bongsu.history.tail import Joint

NAMES = ["low", "high", "total", "count", "last"]
STEP = 60_000
STRETCHES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3), st.integers(0, 200)), min_size=1, max_size=6)


@given(STRETCHES, st.sampled_from([250, 1_000, 1_500, 10_000, 20_000, 60_000]), st.integers(0, 59_999))
def test_counted_steps_are_those_that_are_found(stretches: list[tuple[int, int, int]], pace: int, phase: int) -> None:
    """Each stretch (length, what lies behind it, when it begins) as if there were no other."""
    parts: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
    edges: list[int] = []
    for length, behind, begin in stretches:
        filled = sum(len(part) for part in parts)
        start = 1_763_776_800_000 + phase + begin * pace
        edges += [filled, filled + length]
        parts += [start + pace * np.arange(length, dtype=np.int64), np.full(behind, 7, np.int64)]
    at = np.concatenate(parts)
    value = np.sin(np.arange(len(at)))
    joint = Joint(at=at, value=value, edges=np.array(edges, np.int64))
    longest = max(length for length, _, _ in stretches)
    assert joint.pace() == (pace if longest > 1 else 0)
    counted = list(columns_of_even(at, value, joint.edges, pace, STEP, NAMES))
    found = list(columns_of_many(at, value, joint.edges, STEP, NAMES)) if len(at) else []
    for place, (first, columns) in enumerate(counted):
        begin, past = edges[2 * place : 2 * place + 2]
        assert len(columns) == len(NAMES)
        if begin == past:
            assert not len(columns[0])
            continue
        starts = first + STEP * np.arange(len(columns[0]))
        expected = columns_of_samples(at[begin:past], value[begin:past], STEP, NAMES)
        for other in (expected, found[place]):
            np.testing.assert_array_equal(starts, other[0])
            np.testing.assert_array_equal(columns, other[1])


@given(st.lists(st.integers(-3, 3), min_size=2, max_size=20))
def test_a_pace_is_one_number(gaps: list[int]) -> None:
    """It is the gap that all neighbours have, if they ascend."""
    at = np.cumsum(np.array([0, *gaps], np.int64))
    joint = Joint(at=at, value=at.astype(float), edges=np.array([0, len(at)], np.int64))
    assert joint.pace() == (gaps[0] if len(set(gaps)) == 1 and gaps[0] > 0 else 0)
