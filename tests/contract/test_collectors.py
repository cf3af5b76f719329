"""The `Collector` port: every implementation of ours keeps what the scheduler relies on."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial

import pytest

from bongsu.clock import SystemClock
from bongsu.collect.disk import RemoteDiskCollector
from bongsu.collect.host import HostCollector, portable_collectors, process_collector, reading_collectors
from bongsu.collect.measured import metric
from bongsu.collect.own import MetricsCollector
from bongsu.collect.own_process import OwnProcessCollector
from bongsu.collect.station import SHORTEST
from bongsu.collect.temperature import TemperatureCollector
from bongsu.collect.watched import SelfCollector
from bongsu.model.sample import Sample
from bongsu.ports import Clock, Collector
from tests.unit.collect.stand import Inline


@metric("answer")
def answer() -> int:
    return 42


@metric("later")
async def later() -> int:
    return 42


def implementations() -> dict[str, Callable[[Clock], Collector]]:
    clock = SystemClock()
    found: dict[str, Callable[[Clock], Collector]] = {
        "processes": lambda clock: process_collector(clock=clock),
        "disk_remote": lambda clock: RemoteDiskCollector(),
        "temperature": lambda clock: TemperatureCollector(),
        "own_process": lambda clock: OwnProcessCollector(clock=clock),
        "self": lambda clock: SelfCollector([]),
        "guide": lambda clock: MetricsCollector(),
        "function": lambda clock: answer,
        "coroutine": lambda clock: later,
        "fake": lambda clock: Inline("fake"),
    }
    for make in (reading_collectors, portable_collectors):
        for index, one in enumerate(make(clock=clock)):
            found[f"{make.__name__} {one.name}"] = partial(_nth, make, index)
    return found


def _nth(make: Callable[..., list[HostCollector]], index: int, clock: Clock) -> Collector:
    return make(clock=clock)[index]


IMPLEMENTATIONS = implementations()


@pytest.fixture(params=IMPLEMENTATIONS)
def collector(request: pytest.FixtureRequest) -> Collector:
    """Each in turn."""
    return IMPLEMENTATIONS[request.param](SystemClock())


async def read(collector: Collector) -> list[Sample]:
    given = collector.collect()
    return list(await given if inspect.isawaitable(given) else given)


async def test_it_gives_samples_again_and_again(collector: Collector) -> None:
    """Three readings in a row each give samples, a series at most once a reading, with text in its labels."""
    assert isinstance(collector, Collector)
    assert collector.name
    assert collector.interval >= SHORTEST
    for _ in range(3):
        samples = await read(collector)
        series = [(sample.metric, sample.labels) for sample in samples]
        assert len(series) == len(set(series))
        for sample in samples:
            assert isinstance(sample, Sample)
            assert isinstance(sample.value, int | float)
            assert all(isinstance(text, str) for pair in sample.labels for text in pair)
            assert tuple(sorted(sample.labels)) == sample.labels
    close(collector)


async def test_closing_is_no_end(collector: Collector) -> None:
    """It may be closed twice, before it was ever read as well, and read again afterwards: monitors start again."""
    close(collector)
    await read(collector)
    close(collector)
    close(collector)
    await read(collector)
    close(collector)


def close(collector: Collector) -> None:
    if hasattr(collector, "close"):
        collector.close()
