"""The collectors that watch this machine."""

from __future__ import annotations

import sys

from bongsu.collect.cgroup import ControlGroup
from bongsu.collect.cpu import CpuCollector
from bongsu.collect.disk import DiskCollector, RemoteDiskCollector
from bongsu.collect.disk_io import DiskIoCollector
from bongsu.collect.memory import MemoryCollector
from bongsu.collect.network import NetworkCollector
from bongsu.collect.system import SystemCollector
from bongsu.ports import Clock, Collector


def host_collectors(*, clock: Clock, interval: float = 1.0) -> list[Collector]:
    """Everything about this machine, read every `interval` seconds; each collector independent of the others."""
    if sys.platform != "linux":
        raise NotImplementedError("only Linux so far")
    return [
        CpuCollector(clock=clock, interval=interval, group=ControlGroup()),
        MemoryCollector(interval=interval, group=ControlGroup()),
        DiskCollector(interval=interval),
        RemoteDiskCollector(interval=max(10.0, interval)),
        DiskIoCollector(clock=clock, interval=interval),
        NetworkCollector(clock=clock, interval=interval),
        SystemCollector(clock=clock, interval=interval),
    ]
