"""Lanes: what is done before and after a detector, and who runs where."""

from __future__ import annotations

import math

import numpy as np

from bongsu.anomaly.lane import Lane
from bongsu.anomaly.lanes import Lanes
from bongsu.anomaly.plan import Choice, Plan, Spec
from bongsu.model.sample import labels_of
from bongsu.model.series import SeriesTable


def judged(lane: Lane, values: list[float], *, every: int = 1_000, row: int = 0) -> list[tuple[float, bool]]:
    """Score and worth of each value of one row."""
    found = []
    for index, value in enumerate(values):
        one = lane.judge(np.array([row]), np.array([(index + 1) * every]), np.array([value]))
        found += [(float(one.verdict.score[0]), bool(one.worth[0]))] if len(one.rows) else [(math.nan, False)]
    return found


def test_a_single_stray_reading_is_passed_over_when_smoothed() -> None:
    """The median of the last three passes over one outlier; a second in a row is told."""
    wave = [50 + math.sin(index) for index in range(200)]
    for smooth, found in ((True, [False, True]), (False, [True, False])):
        lane = Lane(Spec(smooth=smooth))
        lane.take(7)
        judged(lane, wave)
        late = lane.judge(np.array([0]), np.array([300_000]), np.array([500.0]))
        later = lane.judge(np.array([0]), np.array([301_000]), np.array([500.0]))
        assert [bool(late.worth[0]), bool(later.worth[0])] == found


def test_bands_are_in_the_metrics_own_unit() -> None:
    """Judged by the logarithm of milliseconds, the band is in seconds all the same."""
    lane = Lane(Spec(log=True, scale=1_000.0))
    lane.take(7)
    rng = np.random.default_rng(1)
    judged(lane, np.exp(rng.normal(math.log(0.238), 0.3, 200)).tolist())
    lower, upper = lane.band(np.array([0]), np.array([300_000]))
    assert 0.03 < lower[0] < 0.15
    assert 0.4 < upper[0] < 1.2


def test_older_readings_and_those_within_a_stretch_are_left_out() -> None:
    """A late reading isn't judged; of each minute the first is."""
    lane = Lane(Spec(every_ms=60_000))
    lane.take(7)
    rows = np.array([0])
    times = [60_000, 61_000, 119_999, 120_000, 60_500]
    counts = [len(lane.judge(rows, np.array([at]), np.array([1.0])).rows) for at in times]
    assert counts == [1, 0, 0, 1, 0]


def lanes(table: SeriesTable, *, limit: int = 100) -> Lanes:
    """Lanes in which prices have their own."""
    plan = Plan(choices=[Choice(metric="price", method="robust_zscore")])
    return Lanes(table=table, plan=plan, counter=lambda name: name.endswith("_total"), limit=limit)


def test_each_series_has_its_lane() -> None:
    """Series are told apart by how they are watched; what isn't watched is in none."""
    table = SeriesTable()
    ids = np.array([table.intern(name, ()) for name in ("cpu_usage", "price", "x_total", "memory_usage", "bongsu_x")])
    found = {lane.spec.method: places.tolist() for lane, places, _ in lanes(table).parts(ids)}
    assert found == {"zscore": [0, 3], "robust_zscore": [1]}


def test_beyond_the_bound_series_are_counted_not_watched() -> None:
    """The bound holds; when watched series are forgotten, others take their place."""
    table = SeriesTable()
    few = lanes(table, limit=2)
    ids = np.array([table.intern("cpu_usage", labels_of(core=str(core))) for core in range(4)])
    assert [len(places) for _, places, _ in few.parts(ids)] == [2]
    assert (few.watched, few.unwatched) == (2, 2)
    table.forget([int(ids[0]), int(ids[1])])
    assert [places.tolist() for _, places, _ in few.parts(ids[2:])] == [[0, 1]]
    assert (few.watched, few.unwatched) == (2, 0)


def test_a_row_given_anew_knows_nothing_of_the_series_before() -> None:
    """After a series was forgotten its row's next owner warms up from nothing."""
    table = SeriesTable()
    all_of = lanes(table)
    old = np.array([table.intern("cpu_usage", ())])
    for index in range(60):
        ((lane, _, rows),) = all_of.parts(old)
        lane.judge(rows, np.array([index + 1]), np.array([float(index % 3)]))
    assert all_of.scores(old).shape == (1,)
    table.forget(old.tolist())
    new = np.array([table.intern("load_1m", ())])
    ((lane, _, rows),) = all_of.parts(new)
    assert np.isnan(lane.judge(rows, np.array([1]), np.array([1.0])).verdict.score).all()
    assert all_of.watched == 1
    assert all_of.bytes > 0
