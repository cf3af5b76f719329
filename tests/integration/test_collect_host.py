"""This machine, read by the scheduler in real time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from bongsu.clock import SystemClock
from bongsu.collect.host import host_collectors
from bongsu.collect.scheduler import Scheduler
from bongsu.model.sample import Refusal, Sample
from tests.unit.collect.stand import Hanging, until


class Received:
    """Keeps what is handed over, and tells when there is enough."""

    def __init__(self) -> None:
        self.batches: list[tuple[int, list[Sample]]] = []

    async def measure(self, samples: Sequence[Sample], *, at: int | None = None) -> tuple[Refusal, ...]:
        assert at is not None
        self.batches.append((at, list(samples)))
        return ()

    def times(self, metric: str) -> list[int]:
        return [at for at, samples in self.batches if any(sample.metric == metric for sample in samples)]


@pytest.mark.guide("G001")
@pytest.mark.guide("G002")
@pytest.mark.guide("G055")
async def test_cpu_memory_disk_and_network_are_read_in_parallel() -> None:
    """All four come each fifth of a second while a hung collector and a blocking one hold their threads."""
    clock, received = SystemClock(), Received()
    hung, slow = Hanging("hung", interval=0.2, timeout=0.4), Hanging("slow", interval=0.2, timeout=60)
    scheduler = Scheduler(
        collectors=[*host_collectors(clock=clock, interval=0.2), hung, slow], measure=received.measure, clock=clock
    )
    scheduler.start()
    wanted = ("cpu_usage", "memory_usage", "disk_usage", "network_receive_bytes_per_second")
    try:
        await until(lambda: all(len(received.times(metric)) >= 8 for metric in wanted), seconds=20)
    finally:
        hung.go.set()
        slow.go.set()
        await scheduler.stop()
    assert (hung.readings, slow.readings) == (1, 1)
    for metric in wanted:
        steps = [b - a for a, b in zip(received.times(metric)[:-1], received.times(metric)[1:], strict=True)]
        assert sorted(steps)[len(steps) // 2] == 200, f"{metric} {steps}"


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_nothing_is_left_open() -> None:
    """Starting and stopping ten times leaves no file open."""

    async def once() -> None:
        clock, received = SystemClock(), Received()
        scheduler = Scheduler(collectors=host_collectors(clock=clock), measure=received.measure, clock=clock)
        scheduler.start()
        await until(lambda: received.batches)
        await scheduler.stop()

    await once()
    before = descriptors()
    for _ in range(10):
        await once()
    assert descriptors() <= before


async def test_a_plain_function_may_block() -> None:
    """Reading a pipe that nobody writes to holds up no other collector and not the loop."""
    reading, writing = os.pipe()

    class Pipe:
        name = "pipe"
        interval = 0.05

        def collect(self) -> Iterable[Sample]:
            os.read(reading, 1)
            return [Sample(metric="pipe", value=1)]

    clock, received = SystemClock(), Received()
    scheduler = Scheduler(
        collectors=[Pipe(), *host_collectors(clock=clock, interval=0.05)], measure=received.measure, clock=clock
    )
    scheduler.start()
    await until(lambda: len(received.times("memory_usage")) >= 5)
    assert not received.times("pipe")
    os.write(writing, b"x" * 100)
    await until(lambda: received.times("pipe"))
    await asyncio.sleep(0)
    await scheduler.stop()
    os.close(writing)
    os.close(reading)
