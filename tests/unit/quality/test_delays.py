"""Delays: quantiles within the sketch's error, a clock that is ahead, and what counts as late."""

from __future__ import annotations

import numpy as np
import pytest

from bongsu.quality.delays import Delays, Skew, bin_edge, bins_of


@pytest.mark.guide("G007")
def test_quantiles_are_within_the_sketchs_error() -> None:
    """Of 200,000 delays over several minutes each quantile's true rank is within 2 % of what was asked."""
    delays = Delays(None)
    drawn = np.random.default_rng(5).lognormal(np.log(238), 0.4, 200_000)
    for minute in np.split(drawn, 4):
        for batch in np.split(minute, 50):
            delays.take(batch)
        delays.close_minute()
    found = delays.quantiles((0.5, 0.95, 0.99), 60)
    assert found is not None
    for rank, value in zip((0.5, 0.95, 0.99), found, strict=True):
        assert abs(float((drawn <= value * 1000).mean()) - rank) < 0.02
    assert delays.quantiles((0.5,), 0) is None


def test_on_time_is_twice_the_usual_or_what_is_declared() -> None:
    """A minute until three are known; then twice the median minute's 99th percentile, whatever one bad minute says."""
    learned, declared = Delays(None), Delays(500.0)
    for spread in (100.0, 110.0, 5_000.0):
        assert learned.limit_ms == 60_000
        for one in (learned, declared):
            one.take(np.full(100, spread))
            one.close_minute()
    assert learned.limit_ms == pytest.approx(220.0)
    assert declared.limit_ms == 500.0


def test_a_clock_ahead_is_measured_and_let_go() -> None:
    """Events from the future shift the clock at once; a few of them don't; fifty that are none set it right again."""
    skew = Skew()
    skew.take(np.full(200, 240))
    skew.take(np.array([240] * 197 + [-9_000] * 3))
    assert skew.value == 0
    skew.take(np.arange(-5_000, -4_900))
    assert skew.value == pytest.approx(-5_000, abs=5)
    skew.close_minute()
    skew.take(np.full(10, -4_950))
    assert skew.value == pytest.approx(-5_000, abs=5), "the least of the last hour's minutes"
    skew.take(np.full(60, 240))
    assert skew.value == 0


def test_bins_hold_what_lies_between_their_edges() -> None:
    """Every delay falls into the bin whose edges enclose it; what is negative into the first."""
    delay = np.array([-5, 0, 1, 2, 10, 238, 543, 60_000, 10**9])
    for one, number in zip(delay.tolist(), bins_of(delay).tolist(), strict=True):
        assert bin_edge(number) <= max(one, 0) + 1e-9
        assert number == 47 or max(one, 0) < bin_edge(number + 1) + 1e-9
