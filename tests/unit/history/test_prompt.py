"""What is answered on the loop, and what is left to the threads."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from bongsu.history import prompt
from bongsu.history.embedded import EmbeddedHistory
from bongsu.history.limits import Limits
from bongsu.history.reading import Reading
from bongsu.model.query import RangeQuery
from bongsu.model.sample import Batch, labels_of
from bongsu.model.series import SeriesTable
from tests.fakes.clock import VirtualClock

T0 = 1_763_776_800_000
HOUR = RangeQuery(metric="m", start=T0, end=T0 + 3_600_000, step=60_000)


async def opened(folder: Path | None, clock: VirtualClock, series: int = 1) -> EmbeddedHistory:
    """A history with ten minutes of some series."""
    table = SeriesTable()
    history = await EmbeddedHistory.open(folder, table=table, clock=clock, limits=Limits(block_samples=100))
    at = T0 + 1000 * np.arange(600, dtype=np.int64)
    for number in range(series):
        ids = np.full(600, table.intern("m", labels_of(n=str(number))), np.int32)
        await history.append(Batch(series=ids, at=at, value=at / 1000))
    return history


async def test_a_small_question_is_answered_at_once(tmp_path: Path) -> None:
    """The answer is that of the threads."""
    history = await opened(tmp_path, VirtualClock(), series=3)
    found = history.at_once(HOUR)
    assert found is not None
    with patch.object(prompt, "SERIES", 0):
        assert history.at_once(HOUR) is None
        for one, other in zip(found, await history.range(HOUR), strict=True):
            assert (one.metric, one.labels) == (other.metric, other.labels)
            assert np.array_equal(one.at, other.at)
            assert np.array_equal(one.value, other.value)
    await history.close()
    assert history.at_once(HOUR) is None


@pytest.mark.parametrize(
    ("bound", "query"),
    [
        ("SERIES", HOUR),
        ("POINTS", HOUR),
        ("SAMPLES", HOUR),
        ("POINTS", RangeQuery(metric="m", start=T0, end=T0 + 3_600_000)),
    ],
)
async def test_a_large_question_is_left_to_the_threads(tmp_path: Path, bound: str, query: RangeQuery) -> None:
    """Many series, points, or samples to unpack would hold up everybody else."""
    history = await opened(tmp_path, VirtualClock(), series=2)
    assert history.at_once(query) is not None
    with patch.object(prompt, bound, 1):
        assert history.at_once(query) is None
        assert len(await history.range(query)) == 2
    await history.close()


async def test_in_memory_nothing_is_answered_at_once() -> None:
    """There readers wait for the writer."""
    history = await opened(None, VirtualClock())
    assert history.at_once(HOUR) is None
    assert len(await history.range(HOUR)) == 1
    await history.close()


async def test_a_slow_disk_is_left_to_the_threads_for_a_while(tmp_path: Path) -> None:
    """An answer that took long is the last one for half a second, the next such for a second, and so on."""
    clock = VirtualClock()
    history = await opened(tmp_path, clock)
    slow = Reading.within

    def late(reading: Reading, samples: int, ids: list[int], query: RangeQuery) -> object:
        clock._mono += 0.051
        return slow(reading, samples, ids, query)

    for pause in (0.5, 1.0, 2.0):
        with patch.object(Reading, "within", late):
            assert history.at_once(HOUR) is not None
        await clock.advance(pause - 0.06)
        assert history.at_once(HOUR) is None
        await clock.advance(0.06)
    assert history.at_once(HOUR) is not None
    with patch.object(Reading, "within", late):
        assert history.at_once(HOUR) is not None
    await clock.advance(0.5)
    assert history.at_once(HOUR) is not None
    await history.close()
