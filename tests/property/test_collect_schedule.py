"""Whatever collectors take and however often they are due, the scheduler's sums come out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.collect.scheduler import Scheduler
from bongsu.model.sample import Sample
from tests.fakes.clock import VirtualClock
from tests.unit.collect.stand import Book, figure


class Taking:
    """Takes a different time at each reading and notes when it began and ended."""

    def __init__(self, name: str, clock: VirtualClock, interval: float, takes: list[float]) -> None:
        self.name = name
        self.interval = interval
        self.timeout = 1000.0
        self.spans: list[tuple[float, float]] = []
        self._clock = clock
        self._takes = takes

    async def collect(self) -> Iterable[Sample]:
        begun = self._clock.monotonic()
        takes = self._takes[len(self.spans) % len(self._takes)]
        if takes:
            await self._clock.sleep_until(begun + takes)
        self.spans.append((begun, self._clock.monotonic()))
        return [Sample(metric=self.name, value=begun)]


COLLECTORS = st.lists(
    st.tuples(st.sampled_from([0.5, 1.0, 2.0, 5.0]), st.lists(st.sampled_from([0.0, 0.01, 0.4, 1.3, 7.0]), min_size=1)),
    min_size=1,
    max_size=5,
)


@settings(max_examples=40, deadline=None)
@given(start=st.integers(1_700_000_000_000, 1_700_000_060_000), given_collectors=COLLECTORS)
def test_the_sums_come_out(start: int, given_collectors: list[tuple[float, list[float]]]) -> None:
    """No reading overlaps the one before, begun and skipped ones are all that were due, each is handed over once with
    the time at which it began, and no one is later than the tick."""

    async def run() -> None:
        clock, book = VirtualClock(start), Book()
        collectors = [Taking(f"m{i}", clock, interval, takes) for i, (interval, takes) in enumerate(given_collectors)]
        scheduler = Scheduler(collectors=collectors, measure=book.measure, clock=clock)
        scheduler.start()
        await clock.advance(30, settle=8)
        for one in collectors:
            assert all(end <= begin for (_, end), (begin, _) in zip(one.spans[:-1], one.spans[1:], strict=True))
            skipped = figure(scheduler, "bongsu_collector_skipped_total", one.name)
            due = 30 / one.interval
            assert due - 1 <= len(one.spans) + skipped <= due + 2
            for begun, _ in one.spans[1:]:
                wall = start + begun * 1000
                assert abs(wall / (one.interval * 1000) - round(wall / (one.interval * 1000))) < 1e-6
        await scheduler.stop()
        for one in collectors:
            handed = [at for at, samples in book.batches for sample in samples if sample.metric == one.name]
            assert len(handed) == len(one.spans)
            stamps = [round(start + begin * 1000) for begin, _ in one.spans]
            assert handed[1:] == stamps[1:]

    asyncio.run(run())
