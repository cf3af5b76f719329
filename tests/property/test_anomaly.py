"""Detectors agree with the obvious way of saying what they do."""

from __future__ import annotations

import bisect
import math
from collections import deque

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.anomaly.novelty import LEAST_RANGE, PLACES, Novelty
from bongsu.anomaly.quiet import TWICE, Quiet
from bongsu.anomaly.robust import RENEW, RobustZScore
from bongsu.anomaly.rounds import rounds
from bongsu.anomaly.runs import Silence, Stuck
from bongsu.anomaly.volume import SHORT, Volume
from bongsu.anomaly.zscore import LEAST_DEVIATION, ZScore

ROW = np.array([0])
VALUES = st.lists(
    st.one_of(st.floats(-1e6, 1e6), st.sampled_from([0.0, 1.0, 1.0, 5.0, 1e9, -1e9, 1e-6])), min_size=1, max_size=150
)


def streamed(detector: ZScore | RobustZScore | Novelty | Stuck | Volume, values: list[float]) -> list[float]:
    """Scores one by one."""
    return [float(detector.score(ROW, np.array([i]), np.array([v])).score[0]) for i, v in enumerate(values)]


def same(found: list[float], expected: list[float], tolerance: float) -> None:
    """Raise unless both are NaN at the same places and near elsewhere."""
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance, equal_nan=True)


@given(values=VALUES, window=st.integers(10, 40))
def test_zscore_is_the_distance_from_the_mean(values: list[float], window: int) -> None:
    """Rolling sums give what mean and deviation of the window give, after outliers of any size too."""
    expected = []
    for index, value in enumerate(values):
        past = np.array(values[max(0, index - window) : index])
        if len(past) < min(30, window):
            expected.append(math.nan)
            continue
        deviation = max(float(past.std()), LEAST_DEVIATION * abs(float(past.mean())), 1e-12)
        expected.append(abs(value - float(past.mean())) / deviation)
    found = streamed(ZScore(window=window), values)
    for one, other in zip(found, expected, strict=True):
        assert (math.isnan(one) and math.isnan(other)) or abs(one - other) <= 1e-3 * max(1.0, other)


@given(values=VALUES, window=st.integers(10, 40))
def test_robust_zscore_is_the_distance_from_the_median(values: list[float], window: int) -> None:
    """Median and median absolute deviation are those of the window at the last renewal."""
    expected, middle, deviation = [], math.nan, math.nan
    warm_up = min(30, window)
    for index, value in enumerate(values):
        expected.append(abs(value - middle) / deviation)
        seen = index + 1
        if seen >= warm_up and (seen - warm_up) % RENEW == 0:
            past = np.array(values[max(0, seen - window) : seen])
            middle = float(np.median(past))
            spread = 1.4826 * float(np.median(np.abs(past - middle)))
            deviation = max(spread, LEAST_DEVIATION * abs(middle), 1e-12)
    same(streamed(RobustZScore(window=window), values), expected, 1e-9)


@settings(max_examples=40)
@given(
    values=st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=150),
    memory=st.integers(20, 80),
    scale=st.floats(0.01, 1e6),
)
def test_novelty_is_the_distance_to_the_nearest_remembered(values: list[float], memory: int, scale: float) -> None:
    """The ruler gives what a sorted list of the remembered gives, to a few of its places."""
    warm_up = 10
    values = [value * scale for value in values]
    detector = Novelty(memory=memory, warm_up=warm_up)
    ordered: list[float] = []
    for index, (value, found) in enumerate(zip(values, streamed(detector, values), strict=True)):
        if index < warm_up:
            assert math.isnan(found)
        else:
            place = bisect.bisect_left(ordered, value)
            nearest = min(abs(value - one) for one in ordered[max(0, place - 1) : place + 1])
            span = max(ordered[-1] - ordered[0], LEAST_RANGE * max(abs(ordered[0]), abs(ordered[-1])))
            error = 100.0 * 4 / (PLACES / 4) * max(1.0, nearest / span)
            assert span == 0 or abs(found - 100.0 * nearest / span) <= error
        bisect.insort(ordered, value)
        if len(ordered) > memory:
            ordered.remove(values[index - memory])


@given(values=st.lists(st.sampled_from([1.0, 2.0, 2.0, 3.0]), max_size=200))
def test_stuck_counts_runs(values: list[float]) -> None:
    """The score is the run's length by the longest finished one, which fades."""
    expected, run, longest, changes, last = [], 0, 0.0, 0, None
    for value in values:
        if value == last:
            run += 1
        else:
            longest, run, changes = max(longest * 0.98, run), 1, changes + 1
        last = value
        expected.append(run / max(longest, 5.0) if changes > 20 else math.nan)
    same(streamed(Stuck(), values), expected, 1e-9)


@given(gaps=st.lists(st.integers(1, 100_000), min_size=1, max_size=60))
def test_silence_measures_gaps(gaps: list[int]) -> None:
    """The score is the gap by the longest known one, which fades; both when a reading comes and while none does."""
    detector, longest, at = Silence(), 0.0, 1_000_000
    detector.score(ROW, np.array([at]), np.array([0.0]))
    for count, gap in enumerate(gaps):
        at += gap
        waiting = float(detector.overdue(ROW, np.array([at])).score[0])
        found = float(detector.score(ROW, np.array([at]), np.array([0.0])).score[0])
        expected = gap / 1000 / longest if count >= 20 else math.nan
        same([found, waiting], [expected, expected], 1e-9)
        longest = max(longest * 0.98, gap / 1000)


@given(values=st.lists(st.integers(0, 10_000).map(float), max_size=150), window=st.integers(10, 40))
def test_volume_compares_means(values: list[float], window: int) -> None:
    """The score is the ratio of the last five readings' mean to that of the window before."""
    expected = []
    for seen in range(1, len(values) + 1):
        if seen < min(30, window) + SHORT:
            expected.append(math.nan)
            continue
        short, long = values[seen - SHORT : seen], values[max(0, seen - SHORT - window) : seen - SHORT]
        ratio = (1 + sum(short) / SHORT) / (1 + sum(long) / len(long))
        expected.append(max(ratio, 1 / ratio))
    same(streamed(Volume(window=window), values), expected, 1e-6)


@given(
    scores=st.lists(st.one_of(st.just(math.nan), st.integers(0, 40).map(lambda n: n / 4)), max_size=120),
    readings=st.integers(1, 20),
    hold=st.integers(1, 30),
)
def test_quiet_is_a_monotonic_deque(scores: list[float], readings: int, hold: int) -> None:
    """A score passes if it beats every score of the last readings, and after one was told only if twice as bad."""
    quiet = Quiet(threshold=3.0, hold_ms=hold, readings=readings)
    best: deque[tuple[int, float]] = deque()
    told: tuple[int, float] | None = None
    for at, score in enumerate(scores):
        while best and best[0][0] < at - readings:
            best.popleft()
        passes = score > 3.0 and (not best or score > best[0][1])
        if told is not None and at - told[0] < hold:
            passes = passes and score > TWICE * told[1]
        assert bool(quiet.passes(ROW, np.array([at]), np.array([score]))[0]) == passes
        if passes:
            told = at, score
        if not math.isnan(score):
            while best and best[-1][1] <= score:
                best.pop()
            best.append((at, score))


@given(
    rows=st.lists(st.integers(0, 5), max_size=60),
    times=st.lists(st.integers(0, 50), min_size=60, max_size=60),
    most=st.integers(1, 20),
)
def test_rounds_keep_each_series_in_order(rows: list[int], times: list[int], most: int) -> None:
    """Each round has a row at most once, a row's readings come in time's order, and the newest of too many are kept."""
    at = np.array(times[: len(rows)], np.int64)
    found, left_out = rounds(np.array(rows, np.int64), at, most=most)
    came: dict[int, list[int]] = {}
    for places in found:
        of = [rows[place] for place in places]
        assert len(set(of)) == len(of)
        for row, place in zip(of, places.tolist(), strict=True):
            came.setdefault(row, []).append(times[place])
    for row in set(rows):
        every = sorted(time for time, one in zip(times, rows, strict=False) if one == row)
        assert came[row] == every[-most:] or len(set(rows)) == len(rows)
    assert left_out == len(rows) - sum(len(one) for one in came.values())
