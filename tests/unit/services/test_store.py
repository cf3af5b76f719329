"""A store whose calls are counted."""

from __future__ import annotations

import numpy as np
import pytest

from bongsu.model.errors import StorageFull
from bongsu.model.query import Points, RangeQuery
from bongsu.model.sample import Batch
from bongsu.model.series import SeriesTable
from bongsu.services.store import CountedStore
from tests.fakes.clock import VirtualClock
from tests.fakes.measurements import Measurements

QUERY = RangeQuery(metric="a", start=0, end=1_000)


class Slow(Measurements):
    """Takes 20 ms a commit and 5 ms a query."""

    def __init__(self, clock: VirtualClock, table: SeriesTable) -> None:
        super().__init__(table)
        self.clock = clock

    async def append(self, batch: Batch) -> None:
        await self.clock.advance(0.02)
        await super().append(batch)

    async def range(self, query: RangeQuery) -> list[Points]:
        await self.clock.advance(0.005)
        return await super().range(query)


async def test_commits_and_queries_are_told() -> None:
    """Each with how long it took; a commit that failed as failed; what isn't answered at once is told once."""
    clock, table = VirtualClock(), SeriesTable()
    batch = Batch(series=np.array([table.intern("a", ())], np.int32), at=np.array([5]), value=np.array([1.0]))
    slow = Slow(clock, table)
    told: list[tuple[str, int, bool]] = []
    noted: list[tuple[float, float]] = []
    store = CountedStore(
        slow,
        clock=clock,
        told=lambda what, took, worked: told.append((what, round(took), worked)),
        noted=noted.append,
    )
    await store.append(batch)
    assert store.at_once(QUERY) is None
    assert len(await store.range(QUERY)) == 1
    slow.prompt = True
    assert store.at_once(QUERY) is not None
    assert noted == [(clock.monotonic(), clock.monotonic())]
    slow.fail_with = StorageFull("full")
    with pytest.raises(StorageFull):
        await store.append(batch)
    assert told == [("commit", 20, True), ("query", 5, True), ("commit", 20, False)]
