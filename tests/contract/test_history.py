"""What every history must do: the embedded one on disk and in memory, and the fake that others test against."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bongsu.history.embedded import EmbeddedHistory
from bongsu.model.query import Aggregation, Points, RangeQuery
from bongsu.model.sample import Batch, labels_of
from bongsu.model.series import SeriesTable
from bongsu.ports import History
from tests.fakes.clock import VirtualClock
from tests.fakes.history import FakeHistory
from tests.unit.history.resting import rest

T0 = 1_763_776_800_000
"""A whole hour, 20 minutes before the virtual clock's start."""


class Store:
    """A history with its table, and short words for what the tests do."""

    def __init__(self, history: History, table: SeriesTable) -> None:
        self.history = history
        self.table = table

    async def keep(self, metric: str, samples: Iterable[tuple[int, float]], **labels: str) -> None:
        """Append samples of one series."""
        at, value = zip(*samples, strict=True)
        series = self.table.intern(metric, labels_of(labels))
        await self.history.append(
            Batch(
                series=np.full(len(at), series, np.int32), at=np.array(at, np.int64), value=np.array(value, np.float64)
            )
        )

    async def ask(self, metric: str = "m", start: int = T0, end: int = T0 + 7_200_000, **more: Any) -> list[Points]:
        """A range query."""
        return await self.history.range(RangeQuery(metric=metric, start=start, end=end, **more))


@pytest.fixture(params=["disk", "memory", "fake"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    table = SeriesTable()
    history: History
    if request.param == "fake":
        history = FakeHistory(table)
    else:
        folder = tmp_path if request.param == "disk" else None
        history = await EmbeddedHistory.open(folder, table=table, clock=VirtualClock())
    yield Store(history, table)
    await history.close()


def pairs(points: Points) -> list[tuple[int, float]]:
    """An answer as plain pairs."""
    return list(zip(points.at.tolist(), points.value.tolist(), strict=True))


async def test_samples_come_back_in_order(store: Store) -> None:
    """What was appended in any order comes back ascending, and the end of the range is not part of it."""
    await store.keep("m", [(T0 + 2000, 3.0), (T0, 1.0), (T0 + 1000, 2.0)])
    (points,) = await store.ask(end=T0 + 2000)
    assert pairs(points) == [(T0, 1.0), (T0 + 1000, 2.0)]


async def test_a_time_sent_twice_keeps_the_later_value(store: Store) -> None:
    """The same series and time, in one batch or in two, counts once with the value that came last."""
    await store.keep("m", [(T0, 1.0), (T0, 2.0), (T0 + 1000, 5.0)])
    await store.keep("m", [(T0 + 1000, 6.0)])
    (points,) = await store.ask()
    assert pairs(points) == [(T0, 2.0), (T0 + 1000, 6.0)]
    (counts,) = await store.ask(step=60_000, agg="count")
    assert pairs(counts) == [(T0, 2.0)]


async def test_labels_select_series(store: Store) -> None:
    """A query returns the series that carry all the labels it names, lowest ids first, no more than its limit."""
    for core in "210":
        await store.keep("m", [(T0, float(core))], core=core, host="a")
    await store.keep("m", [(T0, 9.0)], core="0", host="b")
    await store.keep("other", [(T0, 7.0)], core="0", host="a")
    assert [p.value[0] for p in await store.ask(labels=labels_of(host="a"))] == [2.0, 1.0, 0.0]
    assert [p.labels for p in await store.ask(labels=labels_of(core="0"))] == [
        labels_of(core="0", host="a"),
        labels_of(core="0", host="b"),
    ]
    assert len(await store.ask(limit=2)) == 2


async def test_series_without_a_point_in_the_range_are_left_out(store: Store) -> None:
    """An answer names only series that have something to show; unknown metrics give an empty one."""
    await store.keep("m", [(T0, 1.0)], a="1")
    await store.keep("m", [(T0 + 60_000, 1.0)], a="2")
    assert [p.labels for p in await store.ask(end=T0 + 1000)] == [labels_of(a="1")]
    assert await store.ask("unknown") == []


@pytest.mark.parametrize(
    ("agg", "expected"),
    [("avg", 2.0), ("min", 1.0), ("max", 4.0), ("sum", 6.0), ("count", 3.0), ("last", 1.0)],
)
async def test_a_step_gathers_its_samples(store: Store, agg: Aggregation, expected: float) -> None:
    """Each step that holds samples gives one point at the step's start; empty steps give none."""
    await store.keep("m", [(T0 + 1000, 1.0), (T0 + 5000, 4.0), (T0 + 9000, 1.0), (T0 + 25_000, 8.0)])
    (points,) = await store.ask(step=10_000, agg=agg)
    assert points.at.tolist() == [T0, T0 + 20_000]
    assert points.value[0] == expected


@pytest.mark.parametrize("back", [0, 20_000, 600_000])
@pytest.mark.parametrize("step", [None, 1_000, 60_000, 3_600_000])
async def test_a_range_that_ends_before_it_starts_has_nothing(store: Store, step: int | None, back: int) -> None:
    """Not even the step in which both lie; also where all is answered from memory."""
    await store.keep("m", [(T0 + 1_000 * i, i) for i in range(3_600)])
    if isinstance(store.history, EmbeddedHistory):
        store.history._writer.put(lambda _: store.history._sealer._begin({0}))  # type: ignore[attr-defined]
        await rest(store.history)
    assert await store.ask(step=60_000)
    assert not await store.ask(start=T0 + 1_230_000, end=T0 + 1_230_000 - back, step=step)


async def test_steps_are_aligned_and_counted_whole(store: Store) -> None:
    """A range that begins and ends inside a step answers for whole steps, so that a chart's edge doesn't flicker."""
    await store.keep("m", [(T0 + i * 1000, float(i)) for i in range(30)])
    (points,) = await store.ask(start=T0 + 7000, end=T0 + 12_000, step=10_000, agg="count")
    assert pairs(points) == [(T0, 10.0), (T0 + 10_000, 10.0)]


@pytest.mark.parametrize("tier", ["auto", "raw", "minute"])
async def test_rate_respects_resets(store: Store, tier: str) -> None:
    """A counter that falls began again from nought; growth is told a second, over the time in which it was seen."""
    counts = [10.0 * i for i in range(150)] + [10.0 * i for i in range(150)]
    await store.keep("m_total", [(T0 + i * 1000, value) for i, value in enumerate(counts)])
    (points,) = await store.ask("m_total", step=60_000, agg="rate", tier=tier)
    expected = [10.0, 10.0, (59 * 10.0) / 60, 10.0, 10.0]
    np.testing.assert_allclose(points.value, expected)
    assert points.at.tolist() == [T0 + i * 60_000 for i in range(5)]


async def test_rate_without_a_step(store: Store) -> None:
    """Without a step each sample tells the growth since the one before, even if that lies before the range."""
    await store.keep("m_total", [(T0, 5.0), (T0 + 2000, 9.0), (T0 + 3000, 1.0)])
    (points,) = await store.ask("m_total", start=T0 + 1000, agg="rate")
    assert pairs(points) == [(T0 + 2000, 2.0), (T0 + 3000, 1.0)]


async def test_a_forced_tier_without_a_step_gives_its_own_records(store: Store) -> None:
    """Minutes or hours can be asked for as they are."""
    await store.keep("m", [(T0 + i * 30_000, float(i)) for i in range(240)])
    (minutes,) = await store.ask(tier="minute", agg="max")
    assert pairs(minutes)[:2] == [(T0, 1.0), (T0 + 60_000, 3.0)]
    (hours,) = await store.ask(tier="hour", agg="sum")
    assert pairs(hours) == [(T0, float(sum(range(120)))), (T0 + 3_600_000, float(sum(range(120, 240))))]


async def test_extreme_values_come_back_bit_by_bit(store: Store) -> None:
    """Floats of any size, minus nought and denormals included, are kept exactly."""
    values = [0.0, -0.0, 5e-324, -1.7976931348623157e308, 1.7976931348623157e308, 0.1, 2.0**53 + 2, -1e-300]
    await store.keep("m", [(T0 + i, value) for i, value in enumerate(values)])
    (points,) = await store.ask()
    assert points.value.tobytes() == np.array(values).tobytes()


async def test_many_series_in_one_batch(store: Store) -> None:
    """A batch may hold many series, each many times, in any order."""
    ids = np.array([store.table.intern("m", labels_of(i=str(i))) for i in range(30)], np.int32)
    order = np.random.default_rng(3).permutation(30 * 200)
    series, at = np.tile(ids, 200)[order], (T0 + np.repeat(np.arange(200), 30) * 1000)[order]
    await store.history.append(Batch(series=series, at=at, value=series * 1000.0 + (at - T0) / 1000))
    answer = await store.ask()
    assert len(answer) == 30
    for series_id, points in zip(ids.tolist(), answer, strict=True):
        np.testing.assert_array_equal(points.value, series_id * 1000.0 + np.arange(200))


async def test_an_empty_batch_is_kept_at_once(store: Store) -> None:
    """Nothing to keep is no fault."""
    empty: Sequence[int] = ()
    await store.history.append(
        Batch(series=np.array(empty, np.int32), at=np.array(empty, np.int64), value=np.array(empty, np.float64))
    )
    assert await store.ask() == []
