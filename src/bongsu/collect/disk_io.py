"""Disk traffic by device, from /proc/diskstats."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from bongsu.collect.counter import WORD, Rates
from bongsu.collect.procfs import KeptFile
from bongsu.model.sample import Labels, Sample, labels_of
from bongsu.ports import Clock

MOST_DEVICES = 64
"""A bound against machines with very many disks."""

_SECTOR = 512
_NOT_DISKS = re.compile(r"(loop|ram|zram|sr|fd|nbd)\d+")


class Devices:
    """Which block devices are disks: whole ones with hardware behind them, for partitions, RAID and LVM count the same
    bytes again. Where /sys doesn't tell, all but loops, RAM disks and optical drives."""

    def __init__(self, block: Path = Path("/sys/block")) -> None:
        self._block = block

    def choose(self, names: Sequence[str]) -> tuple[str, ...]:
        """The names worth watching, at most `MOST_DEVICES`."""
        disks = [name for name in names if not _NOT_DISKS.fullmatch(name)]
        real = [name for name in disks if (self._block / name.replace("/", "!") / "device").exists()]
        return tuple(real or disks)[:MOST_DEVICES]


class DiskIoCollector:
    """Rates a second by device: bytes and operations, and the share of time it was busy. A device that never
    worked is left out."""

    name = "disk_io"
    inline = True

    def __init__(
        self, *, clock: Clock, interval: float = 1.0, proc: Path = Path("/proc"), devices: Devices | None = None
    ) -> None:
        self.interval = interval
        self._clock = clock
        self._file = KeptFile(proc / "diskstats")
        self._devices = devices or Devices()
        # the time a device was busy is kept in 32 bits on every machine: it wraps after 49.7 days of work
        self._rates: Rates[bytes] = Rates((WORD, WORD, WORD, WORD, 32))
        self._seen: tuple[bytes, ...] = ()
        self._labels: dict[bytes, Labels] = {}

    def collect(self) -> Sequence[Sample]:
        """Rates since the last reading; nothing at the first."""
        rows = {}
        for line in self._file.read().split(b"\n")[:-1]:
            _, _, key, rest = line.split(None, 3)
            rows[key] = rest
        if tuple(rows) != self._seen:
            self._look(tuple(rows))
        counters = {key: _counters(rows[key]) for key in self._labels}
        samples: list[Sample] = []
        for key, rates in self._rates.of(counters, self._clock.monotonic()).items():
            if counters[key][0] or counters[key][1]:
                labels, (reads, writes, read, written, busy) = self._labels[key], rates
                samples += disk_samples(labels, (reads, writes, read * _SECTOR, written * _SECTOR))
                # milliseconds of work a second; the kernel rounds, so 100 can be overshot by a little
                samples.append(Sample(metric="disk_busy", value=min(100.0, busy / 10), labels=labels))
        return samples

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _look(self, seen: tuple[bytes, ...]) -> None:
        self._seen = seen
        by_name = {key.decode(errors="replace"): key for key in seen}
        self._labels = {by_name[name]: labels_of(device=name) for name in self._devices.choose(list(by_name))}


def disk_samples(labels: Labels, rates: Sequence[float]) -> list[Sample]:
    """Samples from rates a second: reads, writes, bytes read and written."""
    reads, writes, read, written = rates
    return [
        Sample(metric="disk_read_bytes_per_second", value=read, labels=labels),
        Sample(metric="disk_write_bytes_per_second", value=written, labels=labels),
        Sample(metric="disk_reads_per_second", value=reads, labels=labels),
        Sample(metric="disk_writes_per_second", value=writes, labels=labels),
    ]


def _counters(row: bytes) -> tuple[int, ...]:
    """Reads, writes, sectors read, sectors written, ms busy (Documentation/admin-guide/iostats.rst)."""
    fields = row.split(None, 10)
    return int(fields[0]), int(fields[4]), int(fields[2]), int(fields[6]), int(fields[9])
