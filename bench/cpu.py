"""What a process and its children cost: CPU seconds and memory, read from /proc."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The cost of a process tree so far: CPU seconds since its start, memory now."""

    cpu_seconds: float
    rss_bytes: int
    pss_bytes: int
    """Like RSS, with what is shared counted by its share: the fair sum over several processes."""
    processes: int
    threads: int


def tree(pid: int) -> list[int]:
    """The process and all its living descendants."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid]
    for one in found:
        found.extend(children.get(one, ()))
    return found


def cpu_seconds(pid: int) -> float:
    """CPU of the tree in user and system mode; children that ended and were waited for are counted too."""
    return sum(_cpu(one) for one in tree(pid))


def usage(pid: int) -> Usage:
    """Everything at once; reading PSS is dear, so this is for the end of a window."""
    pids = tree(pid)
    memory = [_memory(one) for one in pids]
    return Usage(
        cpu_seconds=sum(_cpu(one) for one in pids),
        rss_bytes=sum(rss for rss, _ in memory),
        pss_bytes=sum(pss for _, pss in memory),
        processes=len(pids),
        threads=sum(int(fields[17]) for one in pids if (fields := _stat(one))),
    )


def settle(pid: int, *, quiet: float = 0.05, least: float = 6.0, limit: float = 40.0) -> None:
    """Wait until the tree uses less than `quiet` of a core, so that what it put off is counted as well.

    `least` seconds pass at any rate: VictoriaMetrics writes what it holds in memory within five.
    """
    start = time.perf_counter()
    while time.perf_counter() - start < limit:
        before, since = cpu_seconds(pid), time.perf_counter()
        time.sleep(1.0)
        busy = (cpu_seconds(pid) - before) / (time.perf_counter() - since)
        if busy < quiet and time.perf_counter() - start >= least:
            return


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the state on (state, ppid, …); empty when the process is gone."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _cpu(pid: int) -> float:
    fields = _stat(pid)
    return sum(map(int, fields[11:15])) / _TICKS if fields else 0.0


def _memory(pid: int) -> tuple[int, int]:
    try:
        text = (_PROC / str(pid) / "smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0, 0
    kib = {line.split(":")[0]: int(line.split()[1]) for line in text.splitlines()[1:]}
    return kib.get("Rss", 0) * 1024, kib.get("Pss", 0) * 1024
