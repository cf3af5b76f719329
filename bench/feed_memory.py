"""Whether the memory of data feeds stays flat: hours of them in a few minutes, on a virtual clock.

    python -m bench.feed_memory [--hours 27]

The parts of the server behind the wire (intake, keeper, state, samples of each tick), driven by bodies of one event a
symbol every ten seconds. Buckets of counts fill for an hour (minutes) and for a day (hours); from then on nothing may
grow. Faulty events and lost numbers of ever other symbols fill what is remembered of those.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import gc
import os
from dataclasses import dataclass

import numpy as np
from tests.fakes.clock import VirtualClock
from tests.fakes.feeds import in_memory

from bench.cpu import usage
from bench.feeds import Market
from bench.figures import Figure, Goal, Outcome, table

SYMBOLS = 5_000
STEP_MS = 10_000
FULL = 25
"""Hours after which every ring is full."""


@dataclass(slots=True, kw_only=True)
class Course:
    """Resident memory (bytes) at the end of every hour, and what was counted."""

    memory: list[int]
    events: int


def measure(*, hours: int = 29, symbols: int = SYMBOLS) -> Outcome:
    """Play the hours; the process measured is this one."""
    course = asyncio.run(played(hours, symbols))
    mib = [one / 2**20 for one in course.memory]
    figures = (
        Figure(what="memory after the first hour", unit="MiB", ours=mib[0]),
        Figure(what="memory when the rings of minutes are full (2 h)", unit="MiB", ours=mib[1]),
        Figure(what=f"memory when all rings are full ({FULL} h)", unit="MiB", ours=mib[FULL - 1]),
        Figure(what=f"memory after {hours} h", unit="MiB", ours=mib[-1]),
        Figure(
            what="grown by an hour since all rings are full",
            unit="MiB",
            ours=(mib[-1] - mib[FULL - 1]) / (hours - FULL),
            goal=Goal(bound=0.1),
        ),
    )
    method = (
        f"{symbols:,} symbols for {hours} virtual hours, a body of one event a symbol every {STEP_MS // 1000} s: "
        f"{course.events:,} events. All in one process with the client, free memory given back before each look."
    )
    return Outcome(name="feed_memory", method=method, figures=figures)


async def played(hours: int, symbols: int) -> Course:
    """Resident memory hour by hour."""
    clock = VirtualClock(1_763_776_800_000)
    book, _, intake, views = in_memory(clock)
    market = Market("columns", events=symbols, symbols=symbols, now=clock.now)
    faults = np.random.default_rng(2)
    memory, events = [], 0
    for _ in range(hours):
        for _ in range(3_600_000 // STEP_MS):
            await clock.advance(STEP_MS / 1000, settle=1)
            body = market.body(faults.integers(0, symbols, 3))
            await intake.take(body, content_type="application/json", encoding="", sender="")
            events += symbols
            book.tick(clock.now(), clock.monotonic())
        views.feed("krx", "1h", search="", offset=0, limit=50, heat=True)
        memory.append(resident())
    book.feeds.clear()
    return Course(memory=memory, events=events)


def resident() -> int:
    """This process' memory (bytes), without what the allocator keeps for later."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return usage(os.getpid()).rss_bytes


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hours", type=int, default=29)
    outcome = measure(hours=parser.parse_args().hours)
    print(outcome.method, table(outcome.figures), sep="\n\n")


if __name__ == "__main__":
    main()
