"""Our own processes: the server and its children."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from bongsu.model.sample import Labels, Sample, labels_of
from bongsu.ports import Clock

SERVER = "server"


def no_children() -> Mapping[str, int]:
    """For a process without any."""
    return {}


class OwnProcessCollector:
    """CPU, memory, threads and open files of this process and of its children, and Python's garbage collector.

    Args:
        children: called at each reading: names of parts ("console") → process ids.
    """

    name = "own_process"
    inline = True

    def __init__(
        self, *, clock: Clock, interval: float = 5.0, children: Callable[[], Mapping[str, int]] = no_children
    ) -> None:
        self.interval = interval
        self._clock = clock
        self._children = children
        self._processes: dict[str, psutil.Process] = {}
        self._before: dict[tuple[str, int], tuple[float, float]] = {}
        self._generations: tuple[Labels, ...] = tuple(labels_of(generation=str(n)) for n in range(3))

    def collect(self) -> Sequence[Sample]:
        """Each part that lives; CPU from its second reading on."""
        samples: list[Sample] = []
        wanted = {SERVER: os.getpid(), **self._children()}
        before, self._before = self._before, {}
        for part, pid in wanted.items():
            try:
                samples += self._read(part, pid, before)
            except psutil.Error:  # it ended, or just now became a zombie
                self._processes.pop(part, None)
        for labels, run in zip(self._generations, gc.get_stats(), strict=True):
            samples.append(Sample(metric="bongsu_process_gc_total", value=run["collections"], labels=labels))
        return samples

    def _read(self, part: str, pid: int, before: dict[tuple[str, int], tuple[float, float]]) -> list[Sample]:
        process = self._processes.get(part)
        if process is None or process.pid != pid:
            process = self._processes[part] = psutil.Process(pid)
        labels = labels_of(part=part)
        with process.oneshot():
            times = process.cpu_times()
            memory, threads, files = process.memory_info().rss, process.num_threads(), open_files(process)
        moment, used = self._clock.monotonic(), times.user + times.system
        samples = [
            Sample(metric="bongsu_process_memory_bytes", value=memory, labels=labels),
            Sample(metric="bongsu_process_threads", value=threads, labels=labels),
        ]
        if files is not None:
            samples.append(Sample(metric="bongsu_process_open_files", value=files, labels=labels))
        last = before.get((part, pid))
        self._before[part, pid] = (moment, used)
        if last is not None and moment > last[0]:
            percent = 100.0 * max(0.0, used - last[1]) / (moment - last[0])
            samples.append(Sample(metric="bongsu_process_cpu_usage", value=percent, labels=labels))
        return samples


def open_files(process: psutil.Process) -> int | None:
    """Open files and connections of a process; None where the system doesn't tell."""
    try:
        # since Linux 6.2 the folder's size is their number, whereas listing five thousand holds up the loop
        size = Path(f"/proc/{process.pid}/fd").stat().st_size
    except OSError:
        size = 0
    if size:
        return size
    number: Callable[[], int] | None = getattr(process, "num_fds", None)
    return number() if number is not None else None
