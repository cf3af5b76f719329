"""Load, uptime, pressure."""

from __future__ import annotations

from pathlib import Path

import pytest

from bongsu.collect.system import SystemCollector
from tests.fakes.clock import VirtualClock


def write(proc: Path, waited: int) -> None:
    (proc / "loadavg").write_text("0.50 1.25 2.00 3/412 9999\n")
    (proc / "uptime").write_text("1234.56 999.00\n")
    (proc / "pressure").mkdir(exist_ok=True)
    (proc / "pressure" / "cpu").write_text(
        f"some avg10=1.00 avg60=0.00 avg300=0.00 total={waited}\nfull avg10=0 total=7\n"
    )


async def test_load_uptime_and_pressure(clock: VirtualClock, proc: Path) -> None:
    """Pressure is the share of time waited since the last reading; what the kernel doesn't tell is left out."""
    write(proc, 1_000_000)
    collector = SystemCollector(clock=clock, proc=proc)
    first = {sample.metric: sample.value for sample in collector.collect()}
    assert first == {"load_1m": 0.5, "load_5m": 1.25, "load_15m": 2.0, "uptime_seconds": 1234.56, "threads_running": 3}
    await clock.advance(2)
    write(proc, 1_500_000)
    second = {sample.metric: sample.value for sample in collector.collect()}
    assert second["cpu_pressure"] == pytest.approx(25)
    assert "io_pressure" not in second
    collector.close()
