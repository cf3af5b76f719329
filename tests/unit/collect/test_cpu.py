"""CPU shares from /proc/stat."""

from __future__ import annotations

from pathlib import Path

import pytest

from bongsu.collect.cgroup import ControlGroup
from bongsu.collect.cpu import CpuCollector
from bongsu.model.sample import Sample
from tests.fakes.clock import VirtualClock


def stat(proc: Path, *rows: str) -> None:
    (proc / "stat").write_text("\n".join([*rows, "intr " + "1 " * 4000, "ctxt 1", "btime 1", ""]))


def values(samples: object) -> dict[tuple[str, str], float]:
    assert isinstance(samples, list)
    return {
        (one.metric, one.labels[0][1] if one.labels else ""): one.value for one in samples if isinstance(one, Sample)
    }


def test_shares_of_the_time_between_two_readings(clock: VirtualClock, proc: Path) -> None:
    """60 of 100 ticks at work are 60 %, waiting for I/O is not work, and each core has its own share."""
    stat(proc, "cpu  100 0 100 1000 50 0 0 0 0 0", "cpu0 50 0 50 500 25 0 0 0 0 0", "cpu1 50 0 50 500 25 0 0 0 0 0")
    collector = CpuCollector(clock=clock, proc=proc)
    assert list(collector.collect()) == []
    stat(proc, "cpu  140 0 115 1030 60 0 5 0 0 0", "cpu0 90 0 60 500 25 0 0 0 0 0", "cpu1 50 0 50 540 35 0 0 0 0 0")
    read = values(collector.collect())
    assert read["cpu_usage", ""] == pytest.approx(60)
    assert read["cpu_core_usage", "0"] == pytest.approx(100)
    assert read["cpu_core_usage", "1"] == pytest.approx(0)
    assert read["cpu_mode_usage", "user"] == pytest.approx(40)
    assert read["cpu_mode_usage", "iowait"] == pytest.approx(10)
    assert ("cpu_mode_usage", "idle") not in read
    assert read["cpu_cores", ""] == 2
    collector.close()


def test_iowait_that_falls_is_taken_as_none(clock: VirtualClock, proc: Path) -> None:
    """Old kernels let iowait go back; the shares stay between 0 and 100."""
    stat(proc, "cpu  0 0 0 0 50 0 0 0", "cpu0 0 0 0 0 50 0 0 0")
    collector = CpuCollector(clock=clock, proc=proc)
    collector.collect()
    stat(proc, "cpu  50 0 0 50 40 0 0 0", "cpu0 50 0 0 50 40 0 0 0")
    assert values(collector.collect())["cpu_usage", ""] == pytest.approx(50)
    collector.close()


def test_no_time_between_gives_nothing(clock: VirtualClock, proc: Path) -> None:
    """Two readings within one tick of the kernel invent no zero."""
    stat(proc, "cpu  1 1 1 1 1 1 1 1", "cpu0 1 1 1 1 1 1 1 1")
    collector = CpuCollector(clock=clock, proc=proc)
    collector.collect()
    assert list(collector.collect()) == []
    collector.close()


def test_many_cores_are_all_read(clock: VirtualClock, proc: Path) -> None:
    """Of 256 cores, whose text is far longer than one read, none is lost; one taken offline is left out."""
    rows = [f"cpu{core} 1000000 1000000 1000000 1000000 0 0 0 0 0 0" for core in range(256)]
    stat(proc, "cpu  1 0 0 1 0 0 0 0", *rows)
    collector = CpuCollector(clock=clock, proc=proc)
    collector.collect()
    rows = [f"cpu{core} 1000050 1000000 1000000 1000050 0 0 0 0 0 0" for core in range(255)]
    stat(proc, "cpu  2 0 0 2 0 0 0 0", *rows)
    read = values(collector.collect())
    assert sum(metric == "cpu_core_usage" for metric, _ in read) == 255
    collector.close()


def test_where_a_quota_binds_use_is_against_the_quota(clock: VirtualClock, proc: Path, tmp_path: Path) -> None:
    """Half a core used of a quota of one core is 50 %, however idle the sixteen of the machine are."""
    group = tmp_path / "cgroup"
    group.mkdir()
    for name, text in (("cgroup.controllers", "cpu"), ("cpu.max", "100000 100000\n"), ("cpu.stat", "usage_usec 0\n")):
        (group / name).write_text(text)
    rows = [f"cpu{core} 0 0 0 100 0 0 0 0" for core in range(16)]
    stat(proc, "cpu  0 0 0 1600 0 0 0 0", *rows)
    collector = CpuCollector(clock=clock, proc=proc, group=ControlGroup(root=group, own=tmp_path / "none"))
    collector.collect()
    stat(proc, "cpu  50 0 0 3200 0 0 0 0", *rows)
    assert ("cpu_usage", "") not in values(collector.collect()), "use against the quota needs two readings as well"
    clock._mono += 2
    (group / "cpu.stat").write_text("usage_usec 1000000\nuser_usec 1\n")
    stat(proc, "cpu  100 0 0 4800 0 0 0 0", *rows)
    read = values(collector.collect())
    assert read["cpu_usage", ""] == pytest.approx(50)
    assert read["cpu_cores", ""] == 1
    assert read["cgroup_limited", "cpu"] == 1
    collector.close()
