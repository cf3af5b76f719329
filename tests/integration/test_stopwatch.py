"""What the tests' stopwatch counts: our own time, on however busy a machine."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakes.stopwatch import Stopwatch

pytestmark = pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="this kernel doesn't count it")
LONG = 0.4


@contextmanager
def on_a_core_with(burners: int) -> Iterator[None]:
    """This thread on one core, beside so many programs that never let go of it."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    programs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(burners)]
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
        for one in programs:
            one.kill()
            one.wait()


def busy(seconds: float) -> None:
    """Use so much of a core."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


def test_other_programs_cost_no_time() -> None:
    """Beside three programs on a core work takes long by the clock, by the stopwatch as long as alone."""
    with on_a_core_with(3):
        watch, began = Stopwatch(), time.perf_counter()
        busy(LONG)
        assert 0.95 * LONG <= watch.seconds < 1.5 * LONG
        assert time.perf_counter() - began > 2 * LONG


def test_waiting_for_a_peer_counts() -> None:
    """A server that blocks is slow: whoever waits for it, and it itself, are given nothing for that."""
    code = "import select; select.select([], [], [], 0.6); print('now')"
    with on_a_core_with(1), subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as slow:
        assert slow.stdout is not None
        watch = Stopwatch(slow.pid)
        select.select([slow.stdout], [], [])
        assert watch.seconds > LONG
