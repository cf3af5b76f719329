"""Our own processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil

from bongsu.collect.own_process import OwnProcessCollector, open_files
from bongsu.model.sample import Sample
from tests.fakes.clock import VirtualClock


def of(samples: object, metric: str) -> dict[str, float]:
    assert isinstance(samples, list)
    return {dict(one.labels)["part"]: one.value for one in samples if isinstance(one, Sample) and one.metric == metric}


async def test_server_and_children(clock: VirtualClock) -> None:
    """Each part has its figures while it lives; CPU from the second reading on; one that ended is left out."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        collector = OwnProcessCollector(clock=clock, children=lambda: {"console": child.pid})
        first = collector.collect()
        assert set(of(first, "bongsu_process_memory_bytes")) == {"server", "console"}
        assert not of(first, "bongsu_process_cpu_usage")
        assert of(first, "bongsu_process_memory_bytes")["server"] > 10_000_000
        assert of(first, "bongsu_process_threads")["console"] >= 1
        await clock.advance(10)
        sum(range(3_000_000))
        used = of(collector.collect(), "bongsu_process_cpu_usage")
        assert set(used) == {"server", "console"}
        assert 0 <= used["server"] < 100
    finally:
        child.communicate(b"\n")
    assert set(of(collector.collect(), "bongsu_process_memory_bytes")) == {"server"}


def test_open_files_are_counted(tmp_path: Path) -> None:
    """Ten files more are ten more."""
    own = psutil.Process(os.getpid())
    before = open_files(own)
    assert before is not None
    files = [(tmp_path / str(number)).open("w") for number in range(10)]
    assert open_files(own) == before + 10
    for file in files:
        file.close()


def test_the_garbage_collector_is_watched(clock: VirtualClock) -> None:
    """Each generation has its counter."""
    runs = [one for one in OwnProcessCollector(clock=clock).collect() if one.metric == "bongsu_process_gc_total"]
    assert [dict(one.labels)["generation"] for one in runs] == ["0", "1", "2"]
