"""Random lives of a history against the obvious one: the same samples must give the same answers."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TypeAlias

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bongsu.history import blob, block, rollup
from bongsu.history.embedded import EmbeddedHistory
from bongsu.history.limits import Limits
from bongsu.model.query import RangeQuery
from bongsu.model.sample import Batch, labels_of
from bongsu.model.series import SeriesTable
from tests.fakes.clock import VirtualClock
from tests.fakes.history import FakeHistory

T0 = 1_763_776_800_000
SPAN = 4 * 3_600_000
SMALL = Limits(
    block_samples=40,
    grown_samples=100,
    roll_minutes_after=600_000,
    roll_hours_after=3_600_000,
    block_records=30,
    seal_at_close=1,
    tail_samples=20_000,
    group_window=0.0,
)
AGGREGATIONS = ("avg", "min", "max", "sum", "count", "last", "rate")

finite = st.floats(allow_nan=False, allow_infinity=False)
calm = st.floats(-1e6, 1e6).map(lambda value: round(value, 2))
times = st.lists(st.integers(-(1 << 52), 1 << 52), min_size=1, max_size=300, unique=True).map(sorted)


@given(at=times, data=st.data())
def test_blocks_come_back_bit_by_bit(at: list[int], data: st.DataObject) -> None:
    """Any ascending times and finite values survive a block unchanged."""
    value = np.array(data.draw(st.lists(finite, min_size=len(at), max_size=len(at))))
    before = np.array(at, np.int64)
    sealed = block.encode(before, value)
    again, values = np.empty(len(at), np.int64), np.empty(len(at))
    block.decode(sealed, again, values, at[0], at[-1])
    assert again.tobytes() == before.tobytes()
    assert values.tobytes() == value.tobytes()


@given(
    rows=st.lists(
        st.tuples(st.integers(0, 1 << 30), st.integers(-(1 << 60), 1 << 60) | st.just(T0), finite),
        min_size=1,
        max_size=100,
    )
)
def test_tail_blobs_come_back(rows: list[tuple[int, int, float]]) -> None:
    """A batch survives its blob unchanged, whether its times are all the same or not."""
    series, at, value = zip(*rows, strict=True)
    batch = Batch(series=np.array(series, np.int32), at=np.array(at, np.int64), value=np.array(value))
    again = blob.decode(blob.encode(batch))
    assert again.series.tobytes() == batch.series.tobytes()
    assert again.at.tobytes() == batch.at.tobytes()
    assert again.value.tobytes() == batch.value.tobytes()


@given(
    offsets=st.lists(st.integers(0, 3 * 3_600_000), min_size=1, max_size=400, unique=True).map(sorted), data=st.data()
)
def test_rolled_records_come_back(offsets: list[int], data: st.DataObject) -> None:
    """Minutes survive their block: counts, extremes and last exactly, sums to the last bits."""
    at = np.array(offsets, np.int64) + T0
    value = np.array(data.draw(st.lists(calm, min_size=len(at), max_size=len(at))))
    before = rollup.roll_up(at, value, rollup.MINUTE)
    sealed = rollup.encode(before, rollup.MINUTE)
    again = rollup.Packed(
        sealed, start=int(before.at[0]), last=int(before.at[-1]), count=len(before), width=rollup.MINUTE
    ).records()
    for name in ("at", "count", "low", "high", "last"):
        np.testing.assert_array_equal(getattr(again, name), getattr(before, name))
    np.testing.assert_allclose(again.total, before.total, rtol=1e-9, atol=1e-9)


Burst: TypeAlias = tuple[int, int, int, int]


@st.composite
def bursts(draw: st.DrawFn) -> Burst:
    """Samples of one series: which, from when, how many, how far apart."""
    return (
        draw(st.integers(0, 2)),
        draw(st.integers(0, SPAN)),
        draw(st.integers(1, 120)),
        draw(st.sampled_from([500, 1_000, 7_001, 60_000])),
    )


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(life=st.lists(st.one_of(bursts(), st.just("restart"), st.just("wait")), min_size=1, max_size=25), data=st.data())
def test_any_life_answers_like_the_obvious_one(life: list[Burst | str], data: st.DataObject) -> None:
    """Late, duplicate and scattered samples, sealing, rolling up and restarts leave every answer right."""
    seed = data.draw(st.integers(0, 1 << 16))
    questions = data.draw(
        st.lists(
            st.tuples(
                st.integers(0, SPAN),
                st.integers(1, SPAN),
                st.sampled_from([None, 10_000, 60_000, 300_000, 3_600_000]),
                st.sampled_from(AGGREGATIONS),
            ),
            min_size=3,
            max_size=8,
        )
    )
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_live(life, seed, questions, Path(folder)))


async def _live(
    life: list[Burst | str], seed: int, questions: list[tuple[int, int, int | None, str]], folder: Path
) -> None:
    random = np.random.default_rng(seed)
    clock = VirtualClock(T0 + SPAN)
    table = SeriesTable()
    fake = FakeHistory(table)
    history = await EmbeddedHistory.open(folder, table=table, clock=clock, limits=SMALL)
    for event in life:
        if event == "restart":
            await history.close()
            table = SeriesTable()
            history = await EmbeddedHistory.open(folder, table=table, clock=clock, limits=SMALL)
            fake = _moved(fake, table)
        elif event == "wait":
            await clock.advance(5.0)
        elif not isinstance(event, str):
            batch = _batch(event, table, random)
            await history.append(batch)
            await fake.append(batch)
        await _same(history, fake, (0, 2 * SPAN, 60_000, "max"))  # which memory then has, until something changes
    for question in questions:
        await _same(history, fake, question)
    await history.close()


async def _same(history: EmbeddedHistory, fake: FakeHistory, question: tuple[int, int, int | None, str]) -> None:
    start, length, step, agg = question
    query = RangeQuery(metric="m", start=T0 + start, end=T0 + start + length, step=step, agg=agg)  # type: ignore[arg-type]
    expected, found = await fake.range(query), await history.range(query)
    assert [(one.labels, one.at.tolist()) for one in found] == [(one.labels, one.at.tolist()) for one in expected]
    for one, other in zip(found, expected, strict=True):
        if agg != "rate":
            np.testing.assert_allclose(one.value, other.value, rtol=1e-9, atol=1e-9)


def _moved(fake: FakeHistory, table: SeriesTable) -> FakeHistory:
    """The fake with a new table; ids stay, as the embedded history restores them."""
    again = FakeHistory(table)
    again.samples = fake.samples
    return again


def _batch(burst: Burst, table: SeriesTable, random: np.random.Generator) -> Batch:
    which, start, count, gap = burst
    series = table.intern("m", labels_of(i=str(which)))
    at = T0 + start + np.arange(count, dtype=np.int64) * gap
    return Batch(series=np.full(count, series, np.int32), at=at, value=np.round(random.normal(50, 9, count), 2))
