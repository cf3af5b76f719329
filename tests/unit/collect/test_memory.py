"""Memory from /proc/meminfo."""

from __future__ import annotations

from pathlib import Path

import pytest

from bongsu.collect.cgroup import ControlGroup
from bongsu.collect.memory import MemoryCollector

MEMINFO = """MemTotal:       16000000 kB
MemFree:         2000000 kB
MemAvailable:   {available} kB
Buffers:          500000 kB
Cached:          6000000 kB
SwapCached:            0 kB
SwapTotal:       {swap} kB
SwapFree:        {free} kB
Dirty:               300 kB
"""


def read(collector: MemoryCollector) -> dict[str, float]:
    return {sample.metric: sample.value for sample in collector.collect()}


def test_used_is_what_cannot_be_had(proc: Path) -> None:
    """Per cent and bytes follow from what is available; swap has its own."""
    (proc / "meminfo").write_text(MEMINFO.format(available=8_000_000, swap=1000, free=250))
    collector = MemoryCollector(proc=proc)
    found = read(collector)
    assert found["memory_usage"] == pytest.approx(50)
    assert found["memory_total_bytes"] == 16_000_000 * 1024
    assert found["memory_used_bytes"] + found["memory_available_bytes"] == found["memory_total_bytes"]
    assert found["memory_cached_bytes"] == 6_500_000 * 1024
    assert found["memory_dirty_bytes"] == 300 * 1024
    assert found["swap_usage"] == pytest.approx(75)
    collector.close()


def test_no_swap_no_percent(proc: Path) -> None:
    """A machine without swap has no share of it in use, not one of 0 %."""
    (proc / "meminfo").write_text(MEMINFO.format(available=8_000_000, swap=0, free=0))
    collector = MemoryCollector(proc=proc)
    found = read(collector)
    assert found["swap_total_bytes"] == 0
    assert "swap_usage" not in found
    collector.close()


def test_where_a_limit_binds_everything_is_against_the_limit(proc: Path, tmp_path: Path) -> None:
    """A container of 1 GiB that uses 768 MiB, 256 of them cache it could give back, stands at 50 %."""
    (proc / "meminfo").write_text(MEMINFO.format(available=8_000_000, swap=0, free=0))
    group = tmp_path / "cgroup"
    group.mkdir()
    (group / "memory.max").write_text(f"{1 << 30}\n")
    (group / "memory.current").write_text(f"{768 << 20}\n")
    (group / "memory.stat").write_text(f"anon 1\ninactive_file {256 << 20}\n")
    collector = MemoryCollector(proc=proc, group=ControlGroup(root=group, own=tmp_path / "none"))
    found = read(collector)
    assert found["memory_usage"] == pytest.approx(50)
    assert found["memory_total_bytes"] == 1 << 30
    assert found["cgroup_limited"] == 1
    (group / "memory.max").write_text("max\n")
    assert read(collector)["memory_total_bytes"] == 16_000_000 * 1024, "a limit that is lifted binds no more"
    collector.close()
