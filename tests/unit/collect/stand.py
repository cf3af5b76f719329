"""What the tests of this room share: collectors under control and a pipeline that writes down what it gets."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Sequence

from bongsu.collect.scheduler import Scheduler
from bongsu.model.sample import Refusal, Sample
from tests.fakes.clock import VirtualClock


class Book:
    """Stands for `Pipeline.measure`: keeps each batch with its time."""

    def __init__(self) -> None:
        self.batches: list[tuple[int | None, list[Sample]]] = []
        self.refuse: Callable[[Sequence[Sample]], tuple[Refusal, ...]] = lambda _: ()
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None

    async def measure(self, samples: Sequence[Sample], *, at: int | None = None) -> tuple[Refusal, ...]:
        if self.error is not None:
            raise self.error
        await self.gate.wait()
        self.batches.append((at, list(samples)))
        return self.refuse(samples)

    def names(self) -> list[list[str]]:
        return [[sample.metric for sample in samples] for _, samples in self.batches]

    def of(self, metric: str) -> list[int | None]:
        """The times at which the metric came."""
        return [at for at, samples in self.batches if any(sample.metric == metric for sample in samples)]


class Inline:
    """A cheap collector read on the loop."""

    inline = True

    def __init__(self, name: str, interval: float = 1.0) -> None:
        self.name = name
        self.interval = interval
        self.readings = 0
        self.error: Exception | None = None
        self.closed = 0

    def collect(self) -> Iterable[Sample]:
        self.readings += 1
        if self.error is not None:
            raise self.error
        return [Sample(metric=self.name, value=self.readings)]

    def close(self) -> None:
        self.closed += 1


class Task:
    """A coroutine that takes `takes` seconds of the virtual clock."""

    def __init__(self, name: str, clock: VirtualClock, *, interval: float = 1.0, takes: float = 0.0) -> None:
        self.name = name
        self.interval = interval
        self.takes = takes
        self.readings = 0
        self.cancelled = 0
        self.timeout: float | None = None
        self._clock = clock

    async def collect(self) -> Iterable[Sample]:
        self.readings += 1
        try:
            if self.takes:
                await self._clock.sleep_until(self._clock.monotonic() + self.takes)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return [Sample(metric=self.name, value=self.readings)]


class Hanging:
    """A plain collector whose thread hangs until it is let go."""

    def __init__(self, name: str, interval: float = 1.0, timeout: float = 2.0) -> None:
        self.name = name
        self.interval = interval
        self.timeout = timeout
        self.go = threading.Event()
        self.entered = threading.Event()
        self.readings = 0

    def collect(self) -> Iterable[Sample]:
        self.readings += 1
        self.entered.set()
        self.go.wait(30)
        return [Sample(metric=self.name, value=1)]


def figure(scheduler: Scheduler, metric: str, collector: str | None = None) -> float:
    """One of the scheduler's figures, of one collector or of all."""
    wanted = (("collector", collector),) if collector else ()
    return next(one.value for one in scheduler.figures() if one.metric == metric and one.labels == wanted)


async def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait for something that happens in a thread."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - a thread makes it true, which knows no asyncio event
            await asyncio.sleep(0.002)
