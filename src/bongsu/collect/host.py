"""The collectors that watch this machine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from bongsu.collect.cgroup import ControlGroup
from bongsu.collect.cpu import CpuCollector
from bongsu.collect.disk import DiskCollector, RemoteDiskCollector
from bongsu.collect.disk_io import DiskIoCollector
from bongsu.collect.memory import MemoryCollector
from bongsu.collect.mounts import MountTable
from bongsu.collect.network import NetworkCollector
from bongsu.collect.portable import (
    PortableCpu,
    PortableDiskIo,
    PortableMemory,
    PortableMounts,
    PortableNetwork,
    PortableSystem,
    portable_walk,
)
from bongsu.collect.processes import ProcessCollector, ProcWalk
from bongsu.collect.system import SystemCollector
from bongsu.collect.temperature import TemperatureCollector, has_sensors
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


def has_proc() -> bool:
    """Whether the kernel tells of itself in /proc, as Linux does."""
    return Path("/proc/self/mountinfo").exists()


def reading_collectors(*, clock: Clock, interval: float = 1.0) -> list[HostCollector]:
    """What can be read at any moment and at once: CPU, memory, disks, network, load; each independent of the others.

    On Linux from files of /proc that stay open (a tenth of what psutil costs), elsewhere through psutil.
    """
    if has_proc():
        return [
            CpuCollector(clock=clock, interval=interval, group=ControlGroup()),
            MemoryCollector(interval=interval, group=ControlGroup()),
            DiskCollector(interval=interval),
            DiskIoCollector(clock=clock, interval=interval),
            NetworkCollector(clock=clock, interval=interval),
            SystemCollector(clock=clock, interval=interval),
        ]
    return portable_collectors(clock=clock, interval=interval)


def portable_collectors(*, clock: Clock, interval: float = 1.0) -> list[HostCollector]:
    """The same through psutil."""
    return [
        PortableCpu(interval=interval),
        PortableMemory(interval=interval),
        DiskCollector(interval=interval, mounts=PortableMounts()),
        PortableDiskIo(clock=clock, interval=interval),
        PortableNetwork(clock=clock, interval=interval),
        PortableSystem(clock=clock, interval=interval),
    ]


def process_collector(*, clock: Clock, interval: float = 5.0) -> ProcessCollector:
    """The walk over all processes; its `top()` is what screens list."""
    walk = ProcWalk() if has_proc() else portable_walk
    return ProcessCollector(clock=clock, walk=walk, interval=interval)


def host_collectors(
    *, clock: Clock, interval: float = 1.0, processes: ProcessCollector | None = None
) -> list[Collector]:
    """Everything about this machine, most of it every `interval` seconds, processes every five.

    Args:
        processes: the walk over processes, where somebody wants to ask it for its list.
    """
    mounts = MountTable if has_proc() else PortableMounts
    return [
        *reading_collectors(clock=clock, interval=interval),
        RemoteDiskCollector(interval=max(10.0, interval), mounts=mounts()),
        processes or process_collector(clock=clock, interval=max(5.0, interval)),
        *([TemperatureCollector(interval=max(10.0, interval))] if has_sensors() else []),
    ]
