"""The grid of due moments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.collect.grid import Grid
from tests.fakes.clock import VirtualClock

INTERVALS = st.sampled_from([0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 60.0])


@given(start=st.integers(10**12, 2 * 10**12), interval=INTERVALS, after=st.floats(0, 10**6))
def test_the_next_moment_is_on_the_grid_and_never_a_sliver_away(start: int, interval: float, after: float) -> None:
    """It is a whole multiple of the interval on the wall clock, half to one and a half intervals ahead."""
    clock = VirtualClock(start)
    grid = Grid(clock)
    moment = grid.next(interval, after)
    wall = start + moment * 1000
    assert abs(wall / (interval * 1000) - round(wall / (interval * 1000))) * interval < 1e-3
    assert 0.499 * interval < moment - after < 1.501 * interval


@given(start=st.integers(10**12, 2 * 10**12), interval=INTERVALS, turns=st.integers(1, 500))
def test_following_the_grid_does_not_drift(start: int, interval: float, turns: int) -> None:
    """n steps from a moment of the grid are n intervals."""
    grid = Grid(VirtualClock(start))
    first = moment = grid.next(interval, 0.0)
    for _ in range(turns):
        moment = grid.next(interval, moment)
    assert moment - first == pytest.approx(turns * interval, abs=1e-3)


def test_all_intervals_meet(clock: VirtualClock) -> None:
    """What is due each second and what is due each five meet at the very same moment."""
    grid = Grid(clock)
    fives = grid.next(5.0, 0.0)
    moment = 0.0
    while moment < fives - 0.5:
        moment = grid.next(1.0, moment)
    assert moment == fives


@pytest.mark.parametrize(
    ("late_ms", "stamp"),
    [(0, 1_763_778_000_000), (30, 1_763_778_000_000), (-1, 1_763_778_000_000), (80, 1_763_778_000_080)],
)
def test_a_stamp_is_the_grids_own_time_unless_too_late(late_ms: int, stamp: int) -> None:
    """A few milliseconds of delay don't show in a stamp; real lateness does."""
    grid = Grid(VirtualClock(1_763_778_000_000 + late_ms))
    assert grid.stamp(1.0) == stamp


def test_jumps_are_told_and_drift_is_not(clock: VirtualClock) -> None:
    """Only what moves the clock by more than a second counts as a jump."""
    grid = Grid(clock)
    clock.jump_wall(0.4)
    assert grid.follow() == 0.0
    clock.jump_wall(-7)
    assert grid.follow() == pytest.approx(-7)
    assert grid.jumps == 1
