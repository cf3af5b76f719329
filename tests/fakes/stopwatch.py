"""Time that passes for what is tested, and not for other programs: seconds less those of waiting for a core.

A promise about time is about what the product does with it: computing, or waiting for a lock, a peer, a disk. On a
machine that is busy with others each thread also waits until it is let on a core; the kernel counts that apart
(`schedstat`, nanoseconds). Where it doesn't, all time counts.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path


class Stopwatch:
    """Runs from when it is made, for the calling thread and all threads of the processes named by their ids.

    Threads of which one waits for the other (a question and its answer) are measured exactly; time in which several
    waited for a core at once is taken off for each.
    """

    def __init__(self, *processes: int) -> None:
        self._processes = processes
        self._held = self._held_up()
        self._began = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Since the beginning, without waiting for a core."""
        passed = time.perf_counter() - self._began
        held = self._held_up()
        return passed - sum(max(0.0, until - self._held.get(thread, 0.0)) for thread, until in held.items())

    def _held_up(self) -> dict[str, float]:
        """Seconds for which each thread has waited for a core so far."""
        theirs = (path for one in self._processes for path in Path(f"/proc/{one}/task").glob("*/schedstat"))
        return dict(_read((Path("/proc/thread-self/schedstat"), *theirs)))


def _read(paths: Iterable[Path]) -> Iterable[tuple[str, float]]:
    for path in paths:
        try:
            yield str(path), int(path.read_text(encoding="ascii").split()[1]) / 1e9
        except (OSError, IndexError, ValueError):
            continue  # a thread that is gone, or a kernel that doesn't count
