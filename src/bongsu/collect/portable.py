"""The same readings through psutil, for systems without /proc (macOS, the BSDs)."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import psutil

from bongsu.collect.counter import Rates
from bongsu.collect.disk_io import disk_samples
from bongsu.collect.memory import memory_samples, swap_samples
from bongsu.collect.mounts import MOST_MOUNTS, Mount, is_remote
from bongsu.collect.network import Interfaces, interface_samples
from bongsu.collect.top import Seen
from bongsu.collect.untrusted import printable
from bongsu.model.sample import Sample, labels_of
from bongsu.ports import Clock

_STATE_LETTERS = {
    psutil.STATUS_RUNNING: "R",
    psutil.STATUS_SLEEPING: "S",
    psutil.STATUS_DISK_SLEEP: "D",
    psutil.STATUS_STOPPED: "T",
    psutil.STATUS_ZOMBIE: "Z",
    psutil.STATUS_IDLE: "I",
}


class _Portable:
    """What psutil's readings share: cheap, and nothing held open."""

    inline = True

    def __init__(self, *, interval: float = 1.0) -> None:
        self.interval = interval

    def close(self) -> None:
        """Nothing is held open."""


class PortableCpu(_Portable):
    """CPU in all and by core."""

    name = "cpu"

    def __init__(self, *, interval: float = 1.0) -> None:
        super().__init__(interval=interval)
        self._before: list[tuple[float, float]] = []

    def collect(self) -> Sequence[Sample]:
        """Per cent of the time since the last reading; nothing at the first."""
        rows = [_busy_idle(times) for times in (psutil.cpu_times(), *psutil.cpu_times(percpu=True))]
        before, self._before = self._before, rows
        samples = [Sample(metric="cpu_cores", value=len(rows) - 1)]
        for index, (earlier, now) in enumerate(zip(before, rows, strict=False)):
            busy, idle = (max(0.0, b - a) for a, b in zip(earlier, now, strict=True))
            if busy + idle <= 0:
                continue
            share = 100.0 * busy / (busy + idle)
            if index == 0:
                samples.append(Sample(metric="cpu_usage", value=share))
            else:
                samples.append(Sample(metric="cpu_core_usage", value=share, labels=labels_of(core=str(index - 1))))
        return samples


class PortableMemory(_Portable):
    """Memory and swap."""

    name = "memory"

    def collect(self) -> Sequence[Sample]:
        """Bytes and per cent now."""
        memory, swap = psutil.virtual_memory(), psutil.swap_memory()
        return [*memory_samples(memory.total, memory.available), *swap_samples(swap.total, swap.used)]


class PortableSystem(_Portable):
    """Load and uptime."""

    name = "system"

    def __init__(self, *, clock: Clock, interval: float = 1.0) -> None:
        super().__init__(interval=interval)
        self._clock = clock

    def collect(self) -> Sequence[Sample]:
        """Load averages, uptime in seconds."""
        uptime = self._clock.now() / 1000 - psutil.boot_time()
        names = ("load_1m", "load_5m", "load_15m")
        return [
            *(Sample(metric=name, value=load) for name, load in zip(names, os.getloadavg(), strict=True)),
            Sample(metric="uptime_seconds", value=max(0.0, uptime)),
        ]


class PortableNetwork(_Portable):
    """Network by interface."""

    name = "network"

    def __init__(self, *, clock: Clock, interval: float = 1.0, interfaces: Interfaces | None = None) -> None:
        super().__init__(interval=interval)
        self._clock = clock
        self._interfaces = interfaces or Interfaces()
        self._rates: Rates[str] = Rates((64,) * 8)

    def collect(self) -> Sequence[Sample]:
        """Rates since the last reading; nothing at the first."""
        read = psutil.net_io_counters(pernic=True, nowrap=False)
        rows = {}
        for name in self._interfaces.choose(list(read)):
            io = read[name]
            if io.bytes_recv or io.bytes_sent:
                received = (io.bytes_recv, io.packets_recv, io.errin, io.dropin)
                rows[name] = (*received, io.bytes_sent, io.packets_sent, io.errout, io.dropout)
        return [
            sample
            for name, rates in self._rates.of(rows, self._clock.monotonic()).items()
            for sample in interface_samples(labels_of(interface=name), rates)
        ]


class PortableDiskIo(_Portable):
    """Disk traffic by device. How busy a device is, not every system tells."""

    name = "disk_io"

    def __init__(self, *, clock: Clock, interval: float = 1.0) -> None:
        super().__init__(interval=interval)
        self._clock = clock
        self._rates: Rates[str] = Rates((64,) * 4)

    def collect(self) -> Sequence[Sample]:
        """Rates since the last reading; nothing at the first."""
        read = psutil.disk_io_counters(perdisk=True, nowrap=False) or {}
        rows = {
            name: (io.read_count, io.write_count, io.read_bytes, io.write_bytes)
            for name, io in read.items()
            if io.read_count or io.write_count
        }
        return [
            sample
            for name, rates in self._rates.of(rows, self._clock.monotonic()).items()
            for sample in disk_samples(labels_of(device=name), rates)
        ]


class PortableMounts:
    """Mounts as psutil lists them."""

    def mounts(self) -> tuple[Mount, ...]:
        """One mount of each device, at most `MOST_MOUNTS`; on macOS not the system's inner volumes."""
        best: dict[str, Mount] = {}
        for part in sorted(psutil.disk_partitions(all=False), key=lambda part: len(part.mountpoint)):
            inner = sys.platform == "darwin" and part.mountpoint.startswith("/System/Volumes/")
            if not inner and part.device not in best:
                best[part.device] = Mount(path=part.mountpoint, kind=part.fstype, remote=is_remote(part.fstype))
        return tuple(best.values())[:MOST_MOUNTS]

    def close(self) -> None:
        """Nothing is held open."""


def portable_walk() -> list[Seen]:
    """All processes that could be read."""
    wanted = ["pid", "name", "status", "cpu_times", "memory_info", "num_threads", "create_time"]
    found = []
    for process in psutil.process_iter(wanted):
        info = process.info
        times, memory = info["cpu_times"], info["memory_info"]
        found.append(
            Seen(
                pid=info["pid"],
                began=info["create_time"] or 0.0,
                name=printable(info["name"] or "?"),
                kernel=False,
                state=_STATE_LETTERS.get(info["status"], "?"),
                cpu=times.user + times.system if times else 0.0,
                memory=memory.rss if memory else 0,
                threads=info["num_threads"] or 0,
            )
        )
    return found


def _busy_idle(times: tuple[float, ...]) -> tuple[float, float]:
    read: dict[str, float] = times._asdict()  # type: ignore[attr-defined]  # a named tuple that differs by system
    idle = read["idle"] + read.get("iowait", 0.0)
    guest = read.get("guest", 0.0) + read.get("guest_nice", 0.0)  # counted within user and nice
    return sum(read.values()) - idle - guest, idle
