"""The collectors that watch this machine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from bongsu.collect.cgroup import ControlGroup
from bongsu.collect.cpu import CpuCollector
from bongsu.collect.disk import DiskCollector, RemoteDiskCollector
from bongsu.collect.disk_io import DiskIoCollector
from bongsu.collect.memory import MemoryCollector
from bongsu.collect.network import NetworkCollector
from bongsu.collect.system import SystemCollector
from bongsu.model.sample import Sample
from bongsu.ports import Clock, Collector


class HostCollector(Protocol):
    """A plain collector that is closed after use."""

    @property
    def name(self) -> str: ...

    @property
    def interval(self) -> float: ...

    def collect(self) -> Iterable[Sample]: ...

    def close(self) -> None: ...


def reading_collectors(*, clock: Clock, interval: float = 1.0) -> list[HostCollector]:
    """What can be read at any moment and at once: CPU, memory, disks, network, load; each independent of the others."""
    return [
        CpuCollector(clock=clock, interval=interval, group=ControlGroup()),
        MemoryCollector(interval=interval, group=ControlGroup()),
        DiskCollector(interval=interval),
        DiskIoCollector(clock=clock, interval=interval),
        NetworkCollector(clock=clock, interval=interval),
        SystemCollector(clock=clock, interval=interval),
    ]


def host_collectors(*, clock: Clock, interval: float = 1.0) -> list[Collector]:
    """Everything about this machine, most of it every `interval` seconds."""
    return [
        *reading_collectors(clock=clock, interval=interval),
        RemoteDiskCollector(interval=max(10.0, interval)),
    ]
