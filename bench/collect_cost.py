"""What watching this machine costs: CPU of each reading, and of the scheduler with all of them at one second.

    .venv/bin/python bench/collect_cost.py [--seconds 20]

The figure to watch is the last one: milliseconds of CPU a second, readings, threads and scheduler together, the process
walk of every five seconds included; storing and showing are not in it.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

from bongsu.clock import SystemClock
from bongsu.collect.host import host_collectors, portable_collectors, process_collector, reading_collectors
from bongsu.collect.own_process import OwnProcessCollector
from bongsu.collect.portable import portable_walk
from bongsu.collect.processes import ProcWalk
from bongsu.collect.scheduler import Scheduler
from bongsu.collect.watched import SelfCollector
from bongsu.model.sample import Refusal, Sample


def cost(work: object, times: int) -> float:
    """CPU microseconds of one call."""
    assert callable(work)
    work()
    begin = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - begin) / times * 1e6


class Counting:
    """Stands for the pipeline."""

    def __init__(self) -> None:
        self.batches = 0
        self.samples = 0

    async def measure(self, samples: Sequence[Sample], *, at: int | None = None) -> tuple[Refusal, ...]:
        self.batches += 1
        self.samples += len(samples)
        return ()


async def run(seconds: float) -> None:
    """Everything at one second."""
    clock, counting = SystemClock(), Counting()
    scheduler = Scheduler(collectors=host_collectors(clock=clock), measure=counting.measure, clock=clock)
    scheduler.add(OwnProcessCollector(clock=clock))
    scheduler.add(SelfCollector([scheduler]))
    scheduler.start()
    await asyncio.sleep(3)
    counting.batches = counting.samples = 0
    begin, wall = time.process_time(), time.monotonic()
    await asyncio.sleep(seconds)
    used, passed = time.process_time() - begin, time.monotonic() - wall
    print(f"{'batches a second':34}{counting.batches / passed:10.2f}")
    print(f"{'samples a second':34}{counting.samples / passed:10.1f}")
    print(f"{'CPU, ms a second':34}{used / passed * 1000:10.2f}")
    await scheduler.stop()


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--seconds", type=float, default=20)
    options = arguments.parse_args()
    clock = SystemClock()
    print(f"{'reading, CPU µs':24}{'/proc':>10}{'psutil':>10}")
    for ours, theirs in zip(reading_collectors(clock=clock), portable_collectors(clock=clock), strict=True):
        print(f"{ours.name:24}{cost(ours.collect, 1000):10.0f}{cost(theirs.collect, 200):10.0f}")
    print(f"{'walk over processes':24}{cost(ProcWalk(), 50):10.0f}{cost(portable_walk, 10):10.0f}")
    walk = process_collector(clock=clock)
    print(f"{'processes in all':24}{cost(walk.collect, 50):10.0f}")
    print(f"{'own process':24}{cost(OwnProcessCollector(clock=clock).collect, 200):10.0f}")
    processes = sum(path.name.isdecimal() for path in Path("/proc").iterdir())
    print(f"\nall at 1 s for {options.seconds:g} s, {processes} processes on the machine")
    try:
        import uvloop
    except ImportError:
        asyncio.run(run(options.seconds))
    else:
        uvloop.run(run(options.seconds))


if __name__ == "__main__":
    main()
