"""The whole machine: what is emitted is in the catalogue, on Linux and elsewhere alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bongsu.clock import SystemClock
from bongsu.collect.host import (
    HostCollector,
    host_collectors,
    portable_collectors,
    process_collector,
    reading_collectors,
)
from bongsu.collect.own_process import OwnProcessCollector
from bongsu.collect.portable import portable_walk
from bongsu.collect.processes import ProcessCollector
from bongsu.collect.scheduler import Scheduler
from bongsu.collect.temperature import TemperatureCollector
from bongsu.model.catalogue import builtin
from bongsu.model.sample import Sample
from bongsu.ports import Clock
from tests.fakes.clock import VirtualClock
from tests.unit.collect.stand import Book, Inline


class Later:
    """The real clock, a second on at each look: two readings in a row are far enough apart."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self._on = 0.0

    def now(self) -> int:
        return self._clock.now()

    def monotonic(self) -> float:
        self._on += 1
        return self._clock.monotonic() + self._on

    async def sleep_until(self, moment: float) -> None:
        raise NotImplementedError


def twice(collectors: list[HostCollector]) -> list[Sample]:
    samples: list[Sample] = []
    for _ in range(2):
        sum(range(2_000_000))  # so that the kernel's clock of 10 ms moves
        samples += [sample for collector in collectors for sample in collector.collect()]
    for collector in collectors:
        collector.close()
    return samples


def check(samples: list[Sample]) -> None:
    catalogue = builtin()
    for sample in samples:
        assert sample.metric in catalogue, sample.metric
        entry = catalogue.get(sample.metric)
        assert tuple(name for name, _ in sample.labels) == tuple(sorted(entry.labels)), sample
        assert sample.value >= 0, sample
        if entry.unit == "%" and not sample.metric.startswith(("process_", "bongsu_")):
            assert sample.value <= 100, sample


@pytest.mark.guide("G001")
@pytest.mark.guide("G002")
@pytest.mark.parametrize("make", [reading_collectors, portable_collectors])
def test_everything_emitted_is_in_the_catalogue(make: Callable[..., list[HostCollector]]) -> None:
    """Both ways of reading give the promised metrics of this machine, with the catalogue's labels and sane values."""
    clock: Clock = Later()
    samples = twice(make(clock=clock))
    check(samples)
    assert {
        "cpu_usage",
        "cpu_core_usage",
        "load_1m",
        "load_5m",
        "load_15m",
        "memory_usage",
        "memory_used_bytes",
        "memory_total_bytes",
        "memory_available_bytes",
        "disk_usage",
        "disk_used_bytes",
        "disk_total_bytes",
        "disk_free_bytes",
        "network_receive_bytes_per_second",
        "network_transmit_bytes_per_second",
        "uptime_seconds",
    } <= {sample.metric for sample in samples}


@pytest.mark.parametrize("walk", [None, portable_walk])
def test_processes_of_this_machine(walk: Callable[[], list[object]] | None) -> None:
    """Both walks find ourselves, and what they give is in the catalogue."""
    collector = ProcessCollector(clock=Later(), walk=walk)  # type: ignore[arg-type]
    samples = twice([collector])
    check(samples)
    assert {"process_count", "processes_by_state", "process_cpu_usage", "process_memory_bytes"} == {
        sample.metric for sample in samples
    }
    top = collector.top()
    assert top is not None
    assert any("python" in row.name or "pytest" in row.name for row in top.rows)


async def test_our_own_figures_are_in_the_catalogue(clock: VirtualClock) -> None:
    """Own process and scheduler as well."""
    book = Book()
    scheduler = Scheduler(collectors=[Inline("one")], measure=book.measure, clock=clock)
    scheduler.start()
    await clock.advance(1)
    check(list(scheduler.figures()))
    await scheduler.stop()
    check(twice([_Closable(OwnProcessCollector(clock=Later()))]))


class _Closable:
    def __init__(self, inner: OwnProcessCollector) -> None:
        self.name = inner.name
        self.interval = inner.interval
        self.collect = inner.collect

    def close(self) -> None:
        pass


def test_host_collectors_have_names_of_their_own(clock: VirtualClock) -> None:
    """No two are called the same, and the walk over processes can be brought along."""
    processes = process_collector(clock=clock)
    collectors = host_collectors(clock=clock, interval=2.0, processes=processes)
    names = [collector.name for collector in collectors]
    assert len(set(names)) == len(names)
    assert processes in collectors
    assert {collector.interval for collector in collectors if collector.name in ("cpu", "disk", "network")} == {2.0}


def test_temperatures_are_bounded_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sensors without a label get a number, of a hundred sensors thirty-two are read."""
    from collections import namedtuple

    sensor = namedtuple("sensor", "label current high critical")
    given = {"coretemp": [sensor("Package", 51.0, None, None)], "many": [sensor("", 20.0, None, None)] * 100}
    monkeypatch.setattr("psutil.sensors_temperatures", lambda: given)
    samples = list(TemperatureCollector().collect())
    check(samples)
    assert len(samples) == 32
    assert (samples[0].labels, samples[0].value) == ((("sensor", "coretemp Package"),), 51.0)
    assert samples[1].labels == (("sensor", "many 0"),)
