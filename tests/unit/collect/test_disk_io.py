"""Disk traffic."""

from __future__ import annotations

from pathlib import Path

import pytest

from bongsu.collect.disk_io import Devices, DiskIoCollector
from tests.fakes.clock import VirtualClock


def table(proc: Path, *rows: tuple[str, int, int, int, int, int]) -> None:
    (proc / "diskstats").write_text(
        "".join(
            f" 254 0 {name} {reads} 0 {sectors} 9 {writes} 0 {written} 9 0 {busy} 99 0 0 0 0\n"
            for name, reads, sectors, writes, written, busy in rows
        )
    )


def hardware(root: Path, *names: str) -> Devices:
    for name in names:
        (root / name / "device").mkdir(parents=True)
    return Devices(root)


async def test_rates_by_device(clock: VirtualClock, proc: Path, tmp_path: Path) -> None:
    """Sectors are 512 bytes, time busy is per cent; partitions and RAID count nothing twice."""
    collector = DiskIoCollector(clock=clock, proc=proc, devices=hardware(tmp_path / "block", "sda"))
    table(proc, ("sda", 10, 100, 5, 50, 1000), ("sda1", 10, 100, 5, 50, 1000), ("md0", 10, 100, 5, 50, 1000))
    assert list(collector.collect()) == []
    await clock.advance(2)
    table(proc, ("sda", 14, 300, 6, 60, 1500), ("sda1", 14, 300, 6, 60, 1500), ("md0", 14, 300, 6, 60, 1500))
    samples = list(collector.collect())
    assert {sample.labels for sample in samples} == {(("device", "sda"),)}
    assert {sample.metric: sample.value for sample in samples} == {
        "disk_read_bytes_per_second": 100 * 512,
        "disk_write_bytes_per_second": 5 * 512,
        "disk_reads_per_second": 2,
        "disk_writes_per_second": 0.5,
        "disk_busy": 25,
    }
    collector.close()


async def test_time_busy_wraps_at_32_bits(clock: VirtualClock, proc: Path, tmp_path: Path) -> None:
    """After 49.7 days of work the kernel's counter starts at 0: still the right share."""
    collector = DiskIoCollector(clock=clock, proc=proc, devices=hardware(tmp_path / "block", "sda"))
    table(proc, ("sda", 1, 1, 1, 1, 2**32 - 100))
    collector.collect()
    await clock.advance(1)
    table(proc, ("sda", 2, 1, 1, 1, 300))
    assert {sample.metric: sample.value for sample in collector.collect()}["disk_busy"] == pytest.approx(40)
    collector.close()


def test_the_choice(tmp_path: Path) -> None:
    """Disks with hardware; where /sys tells nothing, all but loops, RAM disks and optical drives."""
    names = ["loop0", "ram1", "zram0", "sr0", "vda", "dm-0"]
    assert hardware(tmp_path, "vda", "sr0").choose(names) == ("vda",)
    assert Devices(tmp_path / "none").choose(names) == ("vda", "dm-0")
